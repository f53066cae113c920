using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Gateway to node: whom the connection's client hears.</summary>
/// <param name="Flow">The connection.</param>
/// <param name="ClientIsn">The client's initial sequence number: tells this connection from earlier ones of the same ends.</param>
/// <param name="Order">What the node is to do about it.</param>
public readonly record struct VoiceEntry(FlowKey Flow, uint ClientIsn, VoiceOrder Order) : IFrameEntry<VoiceEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 44;

    static int IFrameEntry<VoiceEntry>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        BinaryPrimitives.WriteUInt32BigEndian(b[36..], ClientIsn);
        BinaryPrimitives.WriteUInt32BigEndian(b[40..], (uint)Order);
    }

    /// <inheritdoc/>
    public static VoiceEntry Read(ReadOnlySpan<byte> b) => new(
        MemoryMarshal.Read<FlowKey>(b),
        BinaryPrimitives.ReadUInt32BigEndian(b[36..]),
        (VoiceOrder)BinaryPrimitives.ReadUInt32BigEndian(b[40..]));
}
