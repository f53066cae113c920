using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Gateway to node: what comes before the payload of a client's datagram.</summary>
/// <param name="Flow">The two ends.</param>
/// <param name="Number">The gateway's number of it within the flow.</param>
public readonly record struct DatagramHeader(FlowKey Flow, uint Number) : IFrameEntry<DatagramHeader>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 40;

    static int IFrameEntry<DatagramHeader>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        BinaryPrimitives.WriteUInt32BigEndian(b[36..], Number);
    }

    /// <inheritdoc/>
    public static DatagramHeader Read(ReadOnlySpan<byte> b) => new(
        MemoryMarshal.Read<FlowKey>(b),
        BinaryPrimitives.ReadUInt32BigEndian(b[36..]));
}
