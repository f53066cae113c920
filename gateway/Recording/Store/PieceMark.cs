using System.Buffers.Binary;

namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// What a segment knows of one piece, version 1: 20 bytes, big endian. Flags (bit 7: there is a mark; bit 0: FIN), length
/// (24 bits), acknowledgement number, stream offset, CRC-32C of these 16 bytes and of the piece's bytes.
/// </summary>
internal readonly record struct PieceMark(long Offset, int Length, uint Ack, bool Fin)
{
    /// <summary>Bytes of every mark.</summary>
    public const int Size = 20;

    private const byte Present = 0x80;
    private const byte FinFlag = 0x01;
    private const int CrcAt = 16;

    /// <summary>Writes the mark of <paramref name="bytes"/>.</summary>
    public void Write(Span<byte> b, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(b, (uint)bytes.Length);
        b[0] = (byte)(Fin ? Present | FinFlag : Present);
        BinaryPrimitives.WriteUInt32BigEndian(b[4..], Ack);
        BinaryPrimitives.WriteInt64BigEndian(b[8..], Offset);
        BinaryPrimitives.WriteUInt32BigEndian(b[CrcAt..], Crc32C.Of(b[..CrcAt], bytes));
    }

    /// <summary>Reads a mark; false where there is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> b, out PieceMark mark)
    {
        mark = default;
        if (b.Length < Size || (b[0] & Present) == 0)
        {
            return false;
        }
        mark = new PieceMark(
            BinaryPrimitives.ReadInt64BigEndian(b[8..]),
            (int)(BinaryPrimitives.ReadUInt32BigEndian(b) & 0xff_ffff),
            BinaryPrimitives.ReadUInt32BigEndian(b[4..]),
            (b[0] & FinFlag) != 0);
        return true;
    }

    /// <summary>The piece's bytes within its segment; false when they are not what the mark was written for.</summary>
    public static bool TryBytes(ReadOnlySpan<byte> b, in PieceMark mark, ReadOnlySpan<byte> segment, long origin, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        var position = mark.Offset - origin;
        if (position < 0 || (mark.Length > 0 && position + mark.Length > segment.Length))
        {
            return false;
        }
        bytes = mark.Length == 0 ? default : segment.Slice((int)position, mark.Length);
        return BinaryPrimitives.ReadUInt32BigEndian(b[CrcAt..]) == Crc32C.Of(b[..CrcAt], bytes);
    }
}
