using Appliance.Bpf.Layout;
using Appliance.ControlPlane;

namespace Appliance.Gateway.Failover;

/// <summary>What the gateway knows of a node, from its heartbeats.</summary>
public sealed record NodeView
{
    /// <summary>CLOCK_MONOTONIC nanoseconds of the last heartbeat; 0 when none was ever heard.</summary>
    public ulong LastHeardNs { get; init; }

    /// <summary>How long it may be silent now before it is suspected, nanoseconds.</summary>
    public ulong SilenceLimitNs { get; init; }

    /// <summary>Heard within the detection timeout, as of the last decision.</summary>
    public bool IsAlive { get; init; }

    /// <summary>It is heard and does not hear: its heartbeats do not count.</summary>
    public bool IsDeaf { get; init; }

    /// <summary>The role that it says it plays.</summary>
    public NodeRole Role { get; init; }

    /// <summary>The epoch that it says it obeys.</summary>
    public ulong Epoch { get; init; }

    /// <summary>Its Ethernet address on the LAN.</summary>
    public MacAddress Mac { get; init; }

    /// <summary>How its servers are.</summary>
    public ServerCondition Servers { get; init; }

    /// <summary>Its flows.</summary>
    public FlowSummary Flows { get; init; }

    /// <summary>Its last takeover.</summary>
    public TakeoverReport Takeover { get; init; }
}
