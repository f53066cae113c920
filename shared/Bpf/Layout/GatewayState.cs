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
    private readonly ushort _reserved0;
    private readonly uint _reserved1;
    public NodeTable Nodes;

    /// <summary>Most nodes that the programs know: MAX_NODES.</summary>
    public const int MaxNodes = 4;

    /// <summary>No node: NO_NODE.</summary>
    public const byte NoNode = 0xff;

    /// <summary>One node's address on the LAN.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Node
    {
        public MacAddress Mac;
        private readonly ushort _reserved;
    }

    /// <summary>The table itself.</summary>
    [InlineArray(MaxNodes)]
    public struct NodeTable
    {
        private Node _first;
    }
}
