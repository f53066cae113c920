using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Node to gateway: how far a replica is.</summary>
/// <param name="Flow">The connection.</param>
/// <param name="ClientIsn">The client's initial sequence number: tells this connection from earlier ones of the same ends.</param>
/// <param name="Received">The client's byte that the replica's stack expects next.</param>
/// <param name="Sent">The sequence number after the highest byte that the replica has produced.</param>
/// <param name="Window">Bytes that the replica's stack takes from there on; scaled already.</param>
/// <param name="Flags">The replica's state.</param>
public readonly record struct ProgressEntry(FlowKey Flow, uint ClientIsn, uint Received, uint Sent, uint Window, ProgressFlags Flags) : IFrameEntry<ProgressEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 56;

    static int IFrameEntry<ProgressEntry>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        BinaryPrimitives.WriteUInt32BigEndian(b[36..], ClientIsn);
        BinaryPrimitives.WriteUInt32BigEndian(b[40..], Received);
        BinaryPrimitives.WriteUInt32BigEndian(b[44..], Sent);
        BinaryPrimitives.WriteUInt32BigEndian(b[48..], Window);
        b[52] = (byte)Flags;
        b.Slice(53, 3).Clear();
    }

    /// <inheritdoc/>
    public static ProgressEntry Read(ReadOnlySpan<byte> b) => new(
        MemoryMarshal.Read<FlowKey>(b),
        BinaryPrimitives.ReadUInt32BigEndian(b[36..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[40..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[44..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[48..]),
        (ProgressFlags)b[52]);
}
