namespace Appliance.Gateway.Recording.Store;

/// <summary>The store at one moment, for people and metrics.</summary>
public sealed record StoreStatus
{
    /// <summary>How it is.</summary>
    public required StoreState State { get; init; }

    /// <summary>What is wrong, for programs.</summary>
    public StoreTrouble Trouble { get; init; }

    /// <summary>What is wrong and what to do, for people; empty when nothing is.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>Where it is; never holds a password.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Payload bytes that were appended and are not acknowledged yet.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>Operations that wait to be written.</summary>
    public long QueuedOperations { get; init; }

    /// <summary>Commands that the server has answered.</summary>
    public long Operations { get; init; }

    /// <summary>Bytes of keys and values in those that wrote.</summary>
    public long BytesWritten { get; init; }

    /// <summary>Failed commands and failed attempts to connect.</summary>
    public long Errors { get; init; }

    /// <summary>Appends that were refused, or accepted and then lost.</summary>
    public long Dropped { get; init; }

    /// <summary>From a batch's first command to its last answer, smoothed, in milliseconds.</summary>
    public double LatencyMs { get; init; }

    /// <summary>As <see cref="IRecordingStore.Generation"/>.</summary>
    public int Generation { get; init; }

    /// <summary>Times that the server came back without what it had held.</summary>
    public int Emptied { get; init; }
}
