namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// Writes a batch of one connection's pieces: cuts them where segments end, joins neighbours into one command, and sends a
/// segment's bytes before its marks.
/// </summary>
internal sealed class PieceWriter(FlowTable table)
{
    private readonly List<(ReadOnlyMemory<byte> Bytes, PieceMark Mark)> _parts = [];
    private IStoreWriter _writer = null!;
    private StoredFlow _flow = null!;
    private Segment? _segment;
    private int _written;

    /// <summary>Writes them all.</summary>
    public void Write(StoredFlow flow, List<PendingPiece> pieces, IStoreWriter writer)
    {
        (_flow, _writer) = (flow, writer);
        foreach (var piece in pieces)
        {
            var rest = piece.Bytes;
            var offset = piece.Offset;
            do
            {
                var segment = flow.SegmentFor(offset, table, out var room);
                var part = rest[..Math.Min(room, rest.Length)];
                rest = rest[part.Length..];
                Add(segment, part, new PieceMark(offset, part.Length, piece.Ack, piece.Fin && rest.IsEmpty));
                offset += part.Length;
            }
            while (!rest.IsEmpty);
        }
        EndSegment();
    }

    private void Add(Segment segment, ReadOnlyMemory<byte> bytes, PieceMark mark)
    {
        if (segment != _segment)
        {
            EndSegment();
            _segment = segment;
        }
        if (_parts.Count > _written && _parts[^1].Mark is var last && last.Offset + last.Length != mark.Offset)
        {
            EndRun(segment);
        }
        _parts.Add((bytes, mark));
        segment.End = Math.Max(segment.End, mark.Offset + mark.Length + (mark.Fin ? 1 : 0));
    }

    /// <summary>Writes the bytes of the parts that were added last, which follow upon each other.</summary>
    private void EndRun(Segment segment)
    {
        var first = _written;
        _written = _parts.Count;
        if (first == _parts.Count)
        {
            return;
        }
        var start = _parts[first].Mark.Offset;
        var total = (int)(_parts[^1].Mark.Offset + _parts[^1].Mark.Length - start);
        if (total > 0)
        {
            var bytes = table.Buffers.Rent(total);
            for (var i = first; i < _parts.Count; i++)
            {
                _parts[i].Bytes.Span.CopyTo(bytes.AsSpan((int)(_parts[i].Mark.Offset - start)));
            }
            var before = segment.Data.Capacity;
            if (segment.Data.Write(_writer, table.Keys.Data(_flow.Name, segment.Origin), (int)(start - segment.Origin), bytes, table.Ttl, table.Reserve))
            {
                table.Grew(segment, before);
            }
        }
    }

    private void EndSegment()
    {
        if (_segment is { } segment)
        {
            EndRun(segment);
            var count = Math.Min(_parts.Count, Segment.MaxMarks - segment.Marks);
            if (count > 0)
            {
                var marks = new byte[count * PieceMark.Size];
                for (var i = 0; i < count; i++)
                {
                    _parts[i].Mark.Write(marks.AsSpan(i * PieceMark.Size), _parts[i].Bytes.Span);
                }
                segment.MarkList.Write(_writer, table.Keys.Marks(_flow.Name, segment.Origin), segment.Marks * PieceMark.Size, marks, table.Ttl, table.Reserve);
                segment.Marks += count;
            }
        }
        _parts.Clear();
        _written = 0;
        _segment = null;
    }
}
