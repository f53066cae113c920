using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct node_state: shared memory between a node's programs and its agent.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NodeState
{
    /// <summary>enum node_role: 0 replica (silent), 1 active.</summary>
    public uint Role;
    public uint TapIfindex;

    /// <summary>1 while flows of an earlier replica life may exist on an active node.</summary>
    public uint Inherited;

    /// <summary>1 while an active node is one to which the gateway has turned.</summary>
    public uint Heard;

    /// <summary>CLOCK_MONOTONIC nanoseconds; an active node is silent from then on.</summary>
    public ulong LeaseUntilNs;
    public ulong Epoch;

    /// <summary>CLOCK_MONOTONIC nanoseconds of the first segment that passed since this field was cleared.</summary>
    public ulong FirstSpokenNs;

    /// <summary>Whose segments go to user space: all of them on a replica, and after a takeover until none waits there.</summary>
    public DeliveryFlags Ordering;

    /// <summary>Mask: of the flows of datagrams, those whose hash has none of these bits are compared.</summary>
    public uint Compared;

    /// <summary>Since the start; counted when they can be found in the table.</summary>
    public ulong ReplicasMade;
}
