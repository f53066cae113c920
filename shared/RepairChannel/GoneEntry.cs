using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Gateway to node: the bytes that the node needs are not there any more.</summary>
/// <param name="Flow">The connection.</param>
/// <param name="ClientIsn">The client's initial sequence number: tells this connection from earlier ones of the same ends.</param>
/// <param name="AvailableFrom">Sequence number of the first byte that is.</param>
public readonly record struct GoneEntry(FlowKey Flow, uint ClientIsn, uint AvailableFrom) : IFrameEntry<GoneEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 44;

    static int IFrameEntry<GoneEntry>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        BinaryPrimitives.WriteUInt32BigEndian(b[36..], ClientIsn);
        BinaryPrimitives.WriteUInt32BigEndian(b[40..], AvailableFrom);
    }

    /// <inheritdoc/>
    public static GoneEntry Read(ReadOnlySpan<byte> b) => new(
        MemoryMarshal.Read<FlowKey>(b),
        BinaryPrimitives.ReadUInt32BigEndian(b[36..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[40..]));
}
