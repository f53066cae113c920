namespace Appliance.Configuration;

/// <summary>Where recordings persist.</summary>
public enum StoreKind
{
    /// <summary>A Garnet server inside the gateway's own process.</summary>
    Embedded,

    /// <summary>A Redis-compatible server, Sentinel group or cluster, by connection string.</summary>
    Redis,

    /// <summary>Nowhere: recordings live in memory alone.</summary>
    None,
}
