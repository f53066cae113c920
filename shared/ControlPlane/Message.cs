using Appliance.Bpf.Layout;

namespace Appliance.ControlPlane;

/// <summary>
/// One control datagram, both ways (docs/protocol.md gives the layout). A node sends heartbeats; the gateway answers
/// each with the node's assignment and repeats it until the node has acknowledged the epoch, which a heartbeat does.
/// </summary>
public readonly record struct Message
{
    /// <summary>Who speaks: a node, or the gateway.</summary>
    public required MessageKind Kind { get; init; }

    /// <summary>The node's name, at most 16 bytes of UTF-8; in an assignment the node that is meant.</summary>
    public required string Node { get; init; }

    /// <summary>The role that the node plays, or is ordered to play.</summary>
    public required NodeRole Role { get; init; }

    /// <summary>The highest epoch that the node obeys, or the epoch of the order.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>The sender's start, Unix nanoseconds: a restarted sender begins its sequence anew, a replay does not.</summary>
    public required ulong Instance { get; init; }

    /// <summary>Grows with every datagram of an instance.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>The sender's CLOCK_MONOTONIC, nanoseconds.</summary>
    public required ulong SentNs { get; init; }

    /// <summary>In an assignment: <see cref="SentNs"/> of the heartbeat that it answers; the lease counts from there.</summary>
    public ulong EchoNs { get; init; }

    /// <summary>In an assignment: how long the node may speak from <see cref="EchoNs"/> on.</summary>
    public TimeSpan Lease { get; init; }

    /// <summary>In an assignment: the epoch since which the node has received every copy; older replicas have holes.</summary>
    public ulong ReplicaSince { get; init; }

    /// <summary>
    /// In an assignment to be active: the gateway has not turned to the node yet. It speaks, unheard; what it owes clients it
    /// settles once the same order comes without this.
    /// </summary>
    public bool IsPrepared { get; init; }

    /// <summary>In a heartbeat: how the node's servers are.</summary>
    public ServerCondition Servers { get; init; }

    /// <summary>In a heartbeat: the node's Ethernet address on the LAN.</summary>
    public MacAddress Mac { get; init; }

    /// <summary>In a heartbeat: the node's flows.</summary>
    public FlowSummary Flows { get; init; }

    /// <summary>In a heartbeat: the node's last takeover.</summary>
    public TakeoverReport Takeover { get; init; }
}
