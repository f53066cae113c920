namespace Appliance.Tests.Unit.Simulation;

/// <summary>What is due at an instant of the virtual clock.</summary>
internal enum EventKind
{
    /// <summary>A datagram arrives; the subject is its place in the pool.</summary>
    Arrival,

    /// <summary>A node's heartbeat is due; the detail is the life of its agent.</summary>
    Heartbeat,

    /// <summary>The gateway's wait ends; the detail is the life of its process.</summary>
    GatewayWake,

    /// <summary>The next fault.</summary>
    Fault,

    /// <summary>An operator orders something.</summary>
    Order,

    /// <summary>A node's agent starts; the detail is the life of the one that crashed.</summary>
    NodeStart,

    /// <summary>A node's agent goes on after a pause.</summary>
    NodeResume,

    /// <summary>The gateway's process starts.</summary>
    GatewayStart,

    /// <summary>The gateway's process goes on after a pause.</summary>
    GatewayResume,

    /// <summary>A cut ends; the subject is the wire.</summary>
    WireHeals,

    /// <summary>Loss and delay are as usual again; the detail is the number of the disturbance.</summary>
    NetworkCalms,

    /// <summary>A node's servers are well again.</summary>
    ServersRestored,

    /// <summary>What the gateway gave to its store is stored.</summary>
    StoreWritten,
}
