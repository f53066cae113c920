using System.Buffers.Binary;

namespace Appliance.Savefiles;

/// <summary>Writes TCP options into 40 bytes, RFC 9293 section 3.2 and RFC 7323.</summary>
internal ref struct TcpOptionList(Span<byte> bytes)
{
    /// <summary>Room for any options.</summary>
    public const int MaxLength = 40;

    /// <summary>Bytes of a timestamps option with its padding.</summary>
    public const int TimestampsLength = 12;

    private const byte NoOperation = 1;

    private readonly Span<byte> _bytes = bytes;
    private int _length;

    /// <summary>The options, padded to a multiple of four bytes.</summary>
    public readonly ReadOnlySpan<byte> Padded
    {
        get
        {
            var padded = (_length + 3) / 4 * 4;
            _bytes[_length..padded].Fill(NoOperation);
            return _bytes[..padded];
        }
    }

    public void AddMss(ushort mss) => BinaryPrimitives.WriteUInt16BigEndian(Add(kind: 2, length: 4), mss);

    public void AddWindowScale(byte shift) => Add(kind: 3, length: 3)[0] = shift;

    public void AddSackPermitted() => Add(kind: 4, length: 2);

    public void AddTimestamps(uint value, uint echo)
    {
        var option = Add(kind: 8, length: 10);
        BinaryPrimitives.WriteUInt32BigEndian(option, value);
        BinaryPrimitives.WriteUInt32BigEndian(option[4..], echo);
    }

    private Span<byte> Add(byte kind, int length)
    {
        var option = _bytes.Slice(_length, length);
        (option[0], option[1]) = (kind, (byte)length);
        _length += length;
        return option[2..];
    }
}
