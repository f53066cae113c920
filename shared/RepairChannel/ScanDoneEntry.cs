using System.Buffers.Binary;

namespace Appliance.RepairChannel;

/// <summary>Node to gateway: the node has reported all of its replicas once.</summary>
/// <param name="Scan">Number of the scan; grows.</param>
/// <param name="Epoch">The epoch that the node obeys.</param>
public readonly record struct ScanDoneEntry(ulong Scan, ulong Epoch) : IFrameEntry<ScanDoneEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 16;

    static int IFrameEntry<ScanDoneEntry>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        BinaryPrimitives.WriteUInt64BigEndian(b, Scan);
        BinaryPrimitives.WriteUInt64BigEndian(b[8..], Epoch);
    }

    /// <inheritdoc/>
    public static ScanDoneEntry Read(ReadOnlySpan<byte> b) => new(
        BinaryPrimitives.ReadUInt64BigEndian(b),
        BinaryPrimitives.ReadUInt64BigEndian(b[8..]));
}
