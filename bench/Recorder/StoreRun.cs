namespace Appliance.Bench.Recorder;

/// <summary>What a policy costs in steady state.</summary>
public sealed record StoreRun
{
    /// <summary>The policy, as it is configured.</summary>
    public required string Policy { get; init; }

    /// <summary>Connections.</summary>
    public required int Flows { get; init; }

    /// <summary>Segments recorded per second.</summary>
    public required double SegmentsPerSecond { get; init; }

    /// <summary>Payload bytes recorded per second.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>Commands to the store per second; null when the gateway does not tell.</summary>
    public required double? StoreOperationsPerSecond { get; init; }

    /// <summary>Bytes of keys and values written to the store per second.</summary>
    public required double? StoreBytesPerSecond { get; init; }

    /// <summary>Bytes of the windows, the mean of what was seen.</summary>
    public required double WindowBytes { get; init; }

    /// <summary>CPU seconds of the gateway's program per second.</summary>
    public required double Cpu { get; init; }
}
