using System.Buffers.Binary;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>The fields of <c>struct __sk_buff</c> that a test run may set.</summary>
internal sealed record SkbContext
{
    private const int Length = 192;
    private const int MarkOffset = 8;
    private const int IfindexOffset = 40;
    private const int GsoSegmentsOffset = 164;
    private const int GsoSizeOffset = 176;

    /// <summary>An ordinary packet of the loopback device.</summary>
    public static SkbContext None { get; } = new();

    public uint Mark { get; init; }

    /// <summary>0 for lo.</summary>
    public int Ifindex { get; init; }

    public int GsoSize { get; init; }

    public int GsoSegments { get; init; }

    /// <summary>The mark as a program left it.</summary>
    public static uint MarkOf(ReadOnlySpan<byte> context) => BinaryPrimitives.ReadUInt32LittleEndian(context[MarkOffset..]);

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Write(MarkOffset, Mark);
        Write(IfindexOffset, (uint)Ifindex);
        Write(GsoSegmentsOffset, (uint)GsoSegments);
        Write(GsoSizeOffset, (uint)GsoSize);
        return bytes;

        void Write(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
    }
}
