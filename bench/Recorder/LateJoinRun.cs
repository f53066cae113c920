namespace Appliance.Bench.Recorder;

/// <summary>A node joins while connections are open, and becomes a replica of all of them.</summary>
public sealed record LateJoinRun
{
    /// <summary>Connections.</summary>
    public required int Connections { get; init; }

    /// <summary>Bytes that each had sent.</summary>
    public required int HistoryBytes { get; init; }

    /// <summary>From the moment when the node replicates and its server listens to all connections protected, in seconds; null when it took too long.</summary>
    public required double? Seconds { get; init; }

    /// <summary>The same from the start of the node's program, with the start of its server.</summary>
    public required double? SecondsFromStart { get; init; }

    /// <summary>Connections that were protected in the end.</summary>
    public required int Protected { get; init; }

    /// <summary>Connections that did not answer after the next failover.</summary>
    public required int Lost { get; init; }

    /// <summary>Bytes of the windows.</summary>
    public required long WindowBytes { get; init; }

    /// <summary>Bytes of its own that the gateway's program gained with the connections, windows included and the ring left out.</summary>
    public required long MemoryGrowth { get; init; }
}
