using System.Buffers.Binary;

namespace Appliance.RepairChannel;

/// <summary>Node to gateway: a gap was filled.</summary>
/// <param name="Microseconds">From when the node noticed the gap until its stack had all of it.</param>
public readonly record struct RepairedEntry(uint Microseconds) : IFrameEntry<RepairedEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 4;

    static int IFrameEntry<RepairedEntry>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b) => BinaryPrimitives.WriteUInt32BigEndian(b, Microseconds);

    /// <inheritdoc/>
    public static RepairedEntry Read(ReadOnlySpan<byte> b) => new(BinaryPrimitives.ReadUInt32BigEndian(b));
}
