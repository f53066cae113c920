using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Gateway to node: the connection is over.</summary>
/// <param name="Flow">The connection.</param>
/// <param name="ClientIsn">The client's initial sequence number: tells this connection from earlier ones of the same ends.</param>
public readonly record struct EndEntry(FlowKey Flow, uint ClientIsn) : IFrameEntry<EndEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 40;

    static int IFrameEntry<EndEntry>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        BinaryPrimitives.WriteUInt32BigEndian(b[36..], ClientIsn);
    }

    /// <inheritdoc/>
    public static EndEntry Read(ReadOnlySpan<byte> b) => new(
        MemoryMarshal.Read<FlowKey>(b),
        BinaryPrimitives.ReadUInt32BigEndian(b[36..]));
}
