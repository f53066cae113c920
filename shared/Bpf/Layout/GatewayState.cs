using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct gateway_state: shared memory between the gateway's programs and its user space.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GatewayState
{
    /// <summary>epoch &lt;&lt; 16 | replica mask &lt;&lt; 8 | index of the active node; written in one store.</summary>
    public ulong Assignment;
    public uint LanIfindex;
    public MacAddress GatewayMac;

    /// <summary>Version of the maps' meaning; see <see cref="CurrentLayout"/>.</summary>
    public ushort Layout;

    /// <summary>Entries in the map <c>limits</c>: while it is 0, the programs do not look there.</summary>
    public uint Limited;
    public NodeTable Nodes;

    /// <summary>Bytes: no client is shown a wider window; 0 is no bound.</summary>
    public uint Widest;

    /// <summary>Mask of the replica nodes without whose consent the active node's closes do not pass.</summary>
    public uint Gate;

    /// <summary>When the service last moved, CLOCK_MONOTONIC nanoseconds: closes that were held before are void.</summary>
    public ulong TurnedNs;

    /// <summary>Entries in the map <c>voices</c>: while it is 0, the programs do not look there.</summary>
    public uint Voiced;

    /// <summary>Services whose output passes when the nodes agree on it.</summary>
    public uint Agreeing;

    /// <summary>Their indices, one bit each.</summary>
    public ServiceSet Agrees;

    /// <summary>To be raised when a map changes its meaning but not its shape: a successor adopts only its own.</summary>
    public const ushort CurrentLayout = 5;

    /// <summary>Most nodes that the programs know: MAX_NODES.</summary>
    public const int MaxNodes = 4;

    /// <summary>No node: NO_NODE.</summary>
    public const byte NoNode = 0xff;

    /// <summary>256 bits.</summary>
    [InlineArray(4)]
    public struct ServiceSet
    {
        private ulong _first;
    }

    /// <summary>One node's address on the LAN.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Node
    {
        public MacAddress Mac;

        /// <summary>1: an operator keeps it out. The programs do not look at it; a successor does.</summary>
        public byte Drained;
        private readonly byte _reserved;
    }

    /// <summary>The table itself.</summary>
    [InlineArray(MaxNodes)]
    public struct NodeTable
    {
        private Node _first;
    }
}
