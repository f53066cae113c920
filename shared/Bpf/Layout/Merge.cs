using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct merge: what a client was given that hears several nodes. Sequence numbers in host byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Merge
{
    private readonly uint _lock;
    public uint ClientIsn;

    /// <summary>After the highest byte.</summary>
    public uint Next;

    /// <summary>Highest acknowledgement.</summary>
    public uint Ack;

    /// <summary>Newest timestamp.</summary>
    public uint Tsval;

    /// <summary>Mask of the nodes whose side is known; 0: nothing is.</summary>
    public uint Known;

    /// <summary>How often <see cref="Ack"/> was repeated.</summary>
    public uint Repeats;

    /// <summary>Sequence number after the bytes with which <see cref="MarkNode"/> was first, at <see cref="MarkNs"/>.</summary>
    public uint MarkEnd;

    /// <summary>CLOCK_MONOTONIC nanoseconds; 0 while nothing is compared.</summary>
    public ulong MarkNs;
    public uint MarkNode;

    /// <summary>Mask of the nodes that were first with anything.</summary>
    public uint First;
    public SideTable Sides;

    /// <summary>struct merge_side.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Side
    {
        /// <summary>After the highest byte that the node has sent.</summary>
        public uint Sent;

        /// <summary>Its highest acknowledgement.</summary>
        public uint Acked;

        /// <summary>How often it has repeated that in segments without content.</summary>
        public uint Repeats;

        /// <summary>Where the window ends that it has shown.</summary>
        public uint Right;

        /// <summary>Since when its client waits for it to move, CLOCK_MONOTONIC nanoseconds; 0 while it does not.</summary>
        public ulong BehindNs;

        /// <summary>For how long its client does, nanoseconds.</summary>
        public ulong PatienceNs;

        /// <summary>When it last took nearly as long as that, CLOCK_MONOTONIC nanoseconds.</summary>
        public ulong PausedNs;
    }

    /// <summary>By node.</summary>
    [InlineArray(GatewayState.MaxNodes)]
    public struct SideTable
    {
        private Side _first;
    }
}
