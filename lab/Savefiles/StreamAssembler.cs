namespace Appliance.Lab.Savefiles;

/// <summary>Puts segments in order by their offsets: of every byte the first copy wins.</summary>
public sealed class StreamAssembler
{
    private readonly List<StreamPiece> _pieces = [];

    /// <summary>The bytes so far, in order, without overlaps.</summary>
    public IReadOnlyList<StreamPiece> Pieces => _pieces;

    /// <summary>Bytes that came again with another content.</summary>
    public long ConflictingBytes { get; private set; }

    /// <summary>Adds what is new of a segment.</summary>
    public void Add(StreamPiece segment)
    {
        var index = FirstEndingAfter(segment.Offset);
        while (segment.Bytes.Length > 0)
        {
            if (index == _pieces.Count || segment.End <= _pieces[index].Offset)
            {
                _pieces.Insert(index, segment);
                return;
            }

            var held = _pieces[index++];
            if (segment.Offset < held.Offset)
            {
                var before = (int)(held.Offset - segment.Offset);
                _pieces.Insert(index++ - 1, segment with { Bytes = segment.Bytes[..before] });
                segment = After(segment, before);
            }

            var common = (int)(Math.Min(segment.End, held.End) - segment.Offset);
            Compare(held.Bytes.Span.Slice((int)(segment.Offset - held.Offset), common), segment.Bytes.Span[..common]);
            segment = After(segment, common);
        }
    }

    private static StreamPiece After(StreamPiece piece, int bytes) =>
        piece with { Offset = piece.Offset + bytes, Bytes = piece.Bytes[bytes..] };

    private void Compare(ReadOnlySpan<byte> held, ReadOnlySpan<byte> again)
    {
        if (held.SequenceEqual(again))
        {
            return;
        }

        for (var i = 0; i < held.Length; i++)
        {
            ConflictingBytes += held[i] == again[i] ? 0 : 1;
        }
    }

    /// <summary>Index of the first piece that ends after an offset; segments mostly come in order, so it looks from behind.</summary>
    private int FirstEndingAfter(long offset)
    {
        if (_pieces.Count == 0 || _pieces[^1].End <= offset)
        {
            return _pieces.Count;
        }

        var (low, high) = (0, _pieces.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _pieces[middle].End > offset ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
