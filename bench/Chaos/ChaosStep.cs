namespace Appliance.Bench.Chaos;

/// <summary>One action of a campaign and what became of it.</summary>
public sealed record ChaosStep
{
    /// <summary>What was done.</summary>
    public required ChaosAction Action { get; init; }

    /// <summary>Its place in the round, from 1 on.</summary>
    public required int Number { get; init; }

    /// <summary>Details in words.</summary>
    public required string Details { get; init; }

    /// <summary>Seconds from the action until everything was protected again; null when that did not come.</summary>
    public double? RecoverySeconds { get; init; }

    /// <summary>Connections that were lost since the step before.</summary>
    public int Lost { get; init; }

    /// <summary>Bytes that were wrong since the step before.</summary>
    public long BytesCorrupted { get; init; }

    /// <summary>Did anything go wrong?</summary>
    public bool IsFailure => Lost > 0 || BytesCorrupted > 0 || RecoverySeconds is null;
}
