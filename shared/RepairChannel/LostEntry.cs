using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Node to gateway: the node has no replica of this connection any more.</summary>
/// <param name="Flow">The connection.</param>
/// <param name="ClientIsn">The client's initial sequence number: tells this connection from earlier ones of the same ends.</param>
public readonly record struct LostEntry(FlowKey Flow, uint ClientIsn) : IFrameEntry<LostEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 40;

    static int IFrameEntry<LostEntry>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        BinaryPrimitives.WriteUInt32BigEndian(b[36..], ClientIsn);
    }

    /// <inheritdoc/>
    public static LostEntry Read(ReadOnlySpan<byte> b) => new(
        MemoryMarshal.Read<FlowKey>(b),
        BinaryPrimitives.ReadUInt32BigEndian(b[36..]));
}
