using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Gateway to node: how far a connection is, as the gateway saw it.</summary>
/// <param name="Flow">The connection.</param>
/// <param name="ClientIsn">The client's initial sequence number: tells this connection from earlier ones of the same ends.</param>
/// <param name="ClientNext">The client's next sequence number.</param>
/// <param name="ClientAck">What the client has acknowledged.</param>
/// <param name="ServerNext">The active server's next sequence number.</param>
/// <param name="ServerAck">What the active server has acknowledged.</param>
/// <param name="ClientWindow">The client's window as it was in the segment, not scaled.</param>
public readonly record struct PositionEntry(
    FlowKey Flow,
    uint ClientIsn,
    uint ClientNext,
    uint ClientAck,
    uint ServerNext,
    uint ServerAck,
    ushort ClientWindow) : IFrameEntry<PositionEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 60;

    static int IFrameEntry<PositionEntry>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        BinaryPrimitives.WriteUInt32BigEndian(b[36..], ClientIsn);
        BinaryPrimitives.WriteUInt32BigEndian(b[40..], ClientNext);
        BinaryPrimitives.WriteUInt32BigEndian(b[44..], ClientAck);
        BinaryPrimitives.WriteUInt32BigEndian(b[48..], ServerNext);
        BinaryPrimitives.WriteUInt32BigEndian(b[52..], ServerAck);
        BinaryPrimitives.WriteUInt16BigEndian(b[56..], ClientWindow);
        b.Slice(58, 2).Clear();
    }

    /// <inheritdoc/>
    public static PositionEntry Read(ReadOnlySpan<byte> b) => new(
        MemoryMarshal.Read<FlowKey>(b),
        BinaryPrimitives.ReadUInt32BigEndian(b[36..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[40..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[44..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[48..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[52..]),
        BinaryPrimitives.ReadUInt16BigEndian(b[56..]));
}
