using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Net;
using Appliance.Packets;

namespace Appliance.Bpf.Layout;

/// <summary>struct record: the head of what the gateway recorded; <see cref="Length"/> bytes of payload follow.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct Record
{
    public readonly RecordKind Kind;

    /// <summary>Bytes of payload.</summary>
    public readonly uint Length;

    /// <summary>CLOCK_MONOTONIC nanoseconds.</summary>
    public readonly ulong Ns;
    public readonly FlowKey Key;
    public readonly uint ClientIsn;

    /// <summary>Of the first byte of the payload, or the number of the datagram; host byte order.</summary>
    public readonly uint Seq;

    /// <summary>What the segment acknowledges; of a node's output: up to where its client has been given everything.</summary>
    public readonly uint Ack;
    private readonly uint _flags;

    /// <summary>Index of the node that held the service; of a node's output: of that node.</summary>
    public readonly ushort Active;
    private readonly ushort _owed;

    /// <summary>Offset of the payload in the record.</summary>
    public const int PayloadOffset = 72;

    /// <summary>The segment's flags.</summary>
    public TcpFlags Flags => (TcpFlags)(_flags & ushort.MaxValue);

    /// <summary>Bytes of payload of one of the segments that a node's output is to be cut into (GSO); 0: it is one segment.</summary>
    public ushort SegmentBytes => (ushort)(_flags >> 16);

    /// <summary>Does the payload have the sum that the segment's checksum asks for? What was verified before owes none.</summary>
    public bool IsIntact(ReadOnlySpan<byte> payload)
    {
        const ushort NegativeZero = ushort.MaxValue;
        if (_owed == 0)
        {
            return true;
        }
        var owed = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(_owed) : _owed;
        var sum = InternetChecksum.FoldUncomplemented(InternetChecksum.Add(0, payload));
        return sum == owed || (sum == 0 && owed == NegativeZero);
    }
}
