namespace Appliance.Bench.Recorder;

/// <summary>One crash of the primary while copies are lost.</summary>
public sealed record LossRun
{
    /// <summary>Lost share of the copies, in percent.</summary>
    public required double LossPercent { get; init; }

    /// <summary>Connections that were open.</summary>
    public required int Connections { get; init; }

    /// <summary>Of these, the ones that were lost.</summary>
    public required int Lost { get; init; }

    /// <summary>Bytes that differed from what they had to be.</summary>
    public required long BytesCorrupted { get; init; }

    /// <summary>Bytes that were right.</summary>
    public required long BytesVerified { get; init; }

    /// <summary>Longest wait of any connection, in milliseconds.</summary>
    public required double WorstGapMs { get; init; }

    /// <summary>When that wait began, relative to the crash, in milliseconds.</summary>
    public required double WorstGapAtMs { get; init; }

    /// <summary>Of the upload's bytes, the share that was done at the crash, 0 to 1.</summary>
    public required double FractionAtCrash { get; init; }

    /// <summary>The upload's Gbit/s over the whole transfer.</summary>
    public required double? UploadGbit { get; init; }

    /// <summary>Bytes that the gateway had sent to the replica before the crash.</summary>
    public required long RepairedBytes { get; init; }

    /// <summary>Gaps that were filled before the crash.</summary>
    public required long Repairs { get; init; }

    /// <summary>Median of the last of them, from noticed to filled, in milliseconds; null when there was none.</summary>
    public required double? RepairP50Ms { get; init; }

    /// <summary>Their 99th percentile.</summary>
    public required double? RepairP99Ms { get; init; }

    /// <summary>Changes of roles before the crash: nodes that the gateway took for dead, and their returns.</summary>
    public required int FalseAlarms { get; init; }

    /// <summary>The first failures in words.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];
}
