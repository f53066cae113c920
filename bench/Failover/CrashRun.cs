namespace Appliance.Bench.Failover;

/// <summary>One crash of the primary under traffic.</summary>
public sealed record CrashRun
{
    /// <summary>Connections that were open.</summary>
    public required int Connections { get; init; }

    /// <summary>Of these, the ones that were lost.</summary>
    public required int Lost { get; init; }

    /// <summary>Bytes that differed from what they had to be.</summary>
    public required long BytesCorrupted { get; init; }

    /// <summary>Bytes that were right.</summary>
    public required long BytesVerified { get; init; }

    /// <summary>Longest wait of any connection that ended after the failure, in milliseconds.</summary>
    public required double WorstGapMs { get; init; }

    /// <summary>When that wait began, relative to the crash, in milliseconds.</summary>
    public required double WorstGapAtMs { get; init; }

    /// <summary>Median over the connections of their longest wait, in milliseconds.</summary>
    public required double MedianGapMs { get; init; }

    /// <summary>From the crash to the gateway's decision, in milliseconds; null when it made none.</summary>
    public required double? DetectionMs { get; init; }

    /// <summary>From the order's arrival to the backup's first segment, in milliseconds.</summary>
    public required double? TakeoverMs { get; init; }

    /// <summary>Connections whose replica was in step when last looked at before the crash.</summary>
    public required int InStep { get; init; }

    /// <summary>Changes of roles before the crash: nodes that the gateway took for dead, and their returns.</summary>
    public required int FalseAlarms { get; init; }

    /// <summary>CPU seconds of the gateway's program during the run.</summary>
    public required double GatewayCpu { get; init; }

    /// <summary>CPU seconds of the primary's agent up to the crash.</summary>
    public required double PrimaryCpu { get; init; }

    /// <summary>CPU seconds of the backup's agent during the run.</summary>
    public required double BackupCpu { get; init; }

    /// <summary>Length of the run in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Gbit/s over the whole transfer; null without streams.</summary>
    public double? GbitPerSecond { get; init; }

    /// <summary>Share of the transfer that was done at the crash, 0 to 1; null without streams.</summary>
    public double? FractionAtCrash { get; init; }

    /// <summary>The first failures in words.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];
}
