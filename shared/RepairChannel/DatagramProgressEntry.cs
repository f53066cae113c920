using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Node to gateway: which datagrams of a UDP flow have arrived.</summary>
/// <param name="Flow">The two ends.</param>
/// <param name="Highest">The highest number that has arrived.</param>
/// <param name="Bitmap">Of the last 1024 numbers: bit 0 is <paramref name="Highest"/>, bit i the number i below it.</param>
public readonly record struct DatagramProgressEntry(FlowKey Flow, uint Highest, DatagramBitmap Bitmap) : IFrameEntry<DatagramProgressEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 168;

    static int IFrameEntry<DatagramProgressEntry>.Size => Length;

    /// <summary>Has this number arrived, as far as the bitmap tells? Numbers may wrap.</summary>
    public bool HasReceived(uint number) => Highest - number is < DatagramBitmap.Bits and var age && Bitmap.IsSet((int)age);

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        BinaryPrimitives.WriteUInt32BigEndian(b[36..], Highest);
        Bitmap.Write(b[40..]);
    }

    /// <inheritdoc/>
    public static DatagramProgressEntry Read(ReadOnlySpan<byte> b) => new(
        MemoryMarshal.Read<FlowKey>(b),
        BinaryPrimitives.ReadUInt32BigEndian(b[36..]),
        DatagramBitmap.Read(b[40..]));
}
