using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Node to gateway: the replica lacks these bytes of its client.</summary>
/// <param name="Flow">The connection.</param>
/// <param name="ClientIsn">The client's initial sequence number: tells this connection from earlier ones of the same ends.</param>
/// <param name="From">Sequence number of the first byte.</param>
/// <param name="Bytes">How many may be sent.</param>
public readonly record struct NeedEntry(FlowKey Flow, uint ClientIsn, uint From, uint Bytes) : IFrameEntry<NeedEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 48;

    static int IFrameEntry<NeedEntry>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        BinaryPrimitives.WriteUInt32BigEndian(b[36..], ClientIsn);
        BinaryPrimitives.WriteUInt32BigEndian(b[40..], From);
        BinaryPrimitives.WriteUInt32BigEndian(b[44..], Bytes);
    }

    /// <inheritdoc/>
    public static NeedEntry Read(ReadOnlySpan<byte> b) => new(
        MemoryMarshal.Read<FlowKey>(b),
        BinaryPrimitives.ReadUInt32BigEndian(b[36..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[40..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[44..]));
}
