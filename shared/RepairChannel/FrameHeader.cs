using System.Buffers.Binary;

namespace Appliance.RepairChannel;

/// <summary>The 16 bytes before a frame's body: length of the body, kind, three zero bytes, the sender's counter.</summary>
/// <param name="BodyLength">Bytes of the body.</param>
/// <param name="Kind">What the body is.</param>
/// <param name="Counter">0 for an end's proof; one more with each of its frames.</param>
public readonly record struct FrameHeader(uint BodyLength, FrameKind Kind, ulong Counter)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 16;

    /// <summary>Bytes of the MAC that closes a frame.</summary>
    public const int MacLength = 16;

    /// <summary>Most bytes of a body.</summary>
    public const int MaxBody = 256 << 10;

    /// <summary>Bytes of a frame beside its body.</summary>
    public const int Overhead = Length + MacLength;

    /// <summary>Most bytes of a frame.</summary>
    public const int MaxFrame = MaxBody + Overhead;

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> b)
    {
        BinaryPrimitives.WriteUInt32BigEndian(b, BodyLength);
        BinaryPrimitives.WriteUInt32BigEndian(b[4..], (uint)Kind << 24);
        BinaryPrimitives.WriteUInt64BigEndian(b[8..], Counter);
    }

    /// <summary>Reads a header, whatever it says. The zero bytes are looked at by the MAC alone.</summary>
    public static FrameHeader Read(ReadOnlySpan<byte> b) => new(
        BinaryPrimitives.ReadUInt32BigEndian(b),
        (FrameKind)b[4],
        BinaryPrimitives.ReadUInt64BigEndian(b[8..]));
}
