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

    /// <summary>The longest wait of any connection so far, in milliseconds, if it ended in this step; else null.</summary>
    public double? GapMs { get; init; }

    /// <summary>Connections that were lost since the step before.</summary>
    public int Lost { get; init; }

    /// <summary>Bytes that were wrong since the step before.</summary>
    public long BytesCorrupted { get; init; }

    /// <summary>Did anything go wrong?</summary>
    public bool IsFailure => Lost > 0 || BytesCorrupted > 0 || RecoverySeconds is null || GapMs > LongestGapMs;

    /// <summary>No single failure makes a client wait for so long, in milliseconds.</summary>
    private const double LongestGapMs = 3000;

    /// <summary>What happened, in a line.</summary>
    public override string ToString() =>
        $"step {Number}, {Action}, {Details}: {(RecoverySeconds is { } seconds ? $"protected again after {seconds:0.00} s" : "not protected again")}, {Lost} lost, {BytesCorrupted} bytes wrong"
        + (GapMs is { } gap ? $", a connection waited {gap:0} ms" : string.Empty);
}
