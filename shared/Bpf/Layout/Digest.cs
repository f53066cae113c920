using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct digest: what a replica and its original have said, for comparison. Sequence numbers in host byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Digest
{
    private readonly uint _lock;
    public uint ClientIsn;

    /// <summary>Not 0: they have said different things, and have not agreed for long since.</summary>
    public uint Differs;

    /// <summary>Bytes since then that both have said and that were summed up.</summary>
    public uint Agreed;

    /// <summary>How often the comparison has begun anew.</summary>
    public uint Begun;

    /// <summary>Of the queue in <see cref="Slots"/>; it counts on and on.</summary>
    public uint Head;

    /// <summary>The same.</summary>
    public uint Tail;

    /// <summary>Of the server's stream.</summary>
    public uint First;

    /// <summary>When the last block was begun that is summed up, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong SummedNs;

    /// <summary>Not 0: every block is summed up.</summary>
    public uint All;

    /// <summary>Nothing before this is compared.</summary>
    public uint From;

    /// <summary>The replica's own output.</summary>
    public Side Own;

    /// <summary>The active node's, as its copies have it.</summary>
    public Side Active;
    public SlotTable Slots;

    /// <summary>DIGEST_BLOCK: bytes that are summed up together.</summary>
    public const int BlockBytes = 4096;

    /// <summary>DIGEST_SLOTS.</summary>
    public const int SlotCount = 32;

    /// <summary>DIGEST_LAST.</summary>
    public const int LastBytes = 48;

    /// <summary>struct digest_side: how far one side has been followed.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Side
    {
        /// <summary>Of its bytes of the block that it is in.</summary>
        public ulong Sum;

        /// <summary>Up to where it has been followed.</summary>
        public uint Next;

        /// <summary>Not 0: the block is summed up.</summary>
        public ushort IsSummed;

        /// <summary>Bytes of <see cref="Last"/>.</summary>
        public ushort LastLength;

        /// <summary>Sequence number after them.</summary>
        public uint LastEnd;

        /// <summary>The end of its last segment.</summary>
        public LastContent Last;
        private readonly uint _reserved;
    }

    /// <summary>struct digest_slot: a block that one side has summed up and the other has not.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Slot
    {
        public ulong Sum;

        /// <summary>Its sequence numbers divided by <see cref="BlockBytes"/>.</summary>
        public uint Block;
        private readonly uint _reserved;
    }

    /// <summary>Room for the end of a segment.</summary>
    [InlineArray(LastBytes)]
    public struct LastContent
    {
        private byte _first;
    }

    /// <summary>The queue.</summary>
    [InlineArray(SlotCount)]
    public struct SlotTable
    {
        private Slot _first;
    }
}
