namespace Appliance.Bench.Api;

/// <summary>What protected connections and an honest client saw for some seconds, in peace or under siege.</summary>
public sealed record SiegeRun
{
    /// <summary>Counts the rounds from 1.</summary>
    public required int Round { get; init; }

    /// <summary>What strangers did.</summary>
    public required SiegeKind Kind { get; init; }

    /// <summary>Round trip of the echoes, 99th percentile, in microseconds.</summary>
    public required double EchoP99Us { get; init; }

    /// <summary>Worst wait of any protected connection, in milliseconds.</summary>
    public required double MaxGapMs { get; init; }

    /// <summary>Protected connections that were lost.</summary>
    public required int Lost { get; init; }

    /// <summary>Assignments that were made meanwhile: there is no reason for any.</summary>
    public required int Takeovers { get; init; }

    /// <summary>CPU seconds per second of the gateway's program.</summary>
    public required double GatewayCpu { get; init; }

    /// <summary>CPU seconds per second of the program that holds the strangers, and the honest client.</summary>
    public double StrangersCpu { get; init; }

    /// <summary>Resident memory of the gateway's program at the end, in bytes.</summary>
    public required long GatewayBytes { get; init; }

    /// <summary>How often the honest client asked.</summary>
    public required int Asked { get; init; }

    /// <summary>How often it was answered.</summary>
    public required int Answered { get; init; }

    /// <summary>99th percentile of that, in milliseconds.</summary>
    public double? AnswerP99Ms { get; init; }

    /// <summary>Strangers' connections that were tried.</summary>
    public int Tried { get; init; }

    /// <summary>Of these, held by the gateway at the end.</summary>
    public int Held { get; init; }
}
