using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Gateway to node: what comes before a piece of the client's bytes.</summary>
/// <param name="Flow">The connection.</param>
/// <param name="ClientIsn">The client's initial sequence number: tells this connection from earlier ones of the same ends.</param>
/// <param name="Sequence">Sequence number of the piece's first byte.</param>
/// <param name="Ack">The client's acknowledgement when it sent the piece first.</param>
/// <param name="Flags">What the piece is.</param>
public readonly record struct BytesHeader(FlowKey Flow, uint ClientIsn, uint Sequence, uint Ack, BytesFlags Flags) : IFrameEntry<BytesHeader>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 52;

    static int IFrameEntry<BytesHeader>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        BinaryPrimitives.WriteUInt32BigEndian(b[36..], ClientIsn);
        BinaryPrimitives.WriteUInt32BigEndian(b[40..], Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(b[44..], Ack);
        b[48] = (byte)Flags;
        b.Slice(49, 3).Clear();
    }

    /// <inheritdoc/>
    public static BytesHeader Read(ReadOnlySpan<byte> b) => new(
        MemoryMarshal.Read<FlowKey>(b),
        BinaryPrimitives.ReadUInt32BigEndian(b[36..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[40..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[44..]),
        (BytesFlags)b[48]);
}
