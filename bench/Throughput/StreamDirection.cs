namespace Appliance.Bench.Throughput;

/// <summary>Where a stream goes.</summary>
public enum StreamDirection
{
    /// <summary>From the server to the client.</summary>
    Down,

    /// <summary>From the client to the server.</summary>
    Up,
}
