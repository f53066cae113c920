using System.Buffers.Binary;

namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// Reads what an earlier run left of one connection, in two steps: where everything is, which is soon known and all that the
/// writer needs, and the bytes. Reports what it cannot use.
/// </summary>
internal sealed class FlowReader(RedisConnection connection, StoreKeys keys, Action<string> report)
{
    private const int MarksAtOnce = 64;
    private const int SegmentsAtOnce = 32;

    private readonly List<SegmentPage> _pages = [];
    private readonly List<Segment> _segments = [];
    private readonly List<(long Origin, byte[] Marks)> _marks = [];
    private readonly List<SavedPiece> _pieces = [];
    private readonly Dictionary<long, int> _pageOf = [];
    private string _name = string.Empty;

    /// <summary>Looks for a connection by its name.</summary>
    /// <param name="index">The set that has the name.</param>
    /// <param name="name">The name.</param>
    /// <returns>The connection; null when it cannot be used.</returns>
    public async Task<FoundFlow?> FindAsync(string index, string name)
    {
        _name = name;
        if (!FlowId.TryParse(name, out var id))
        {
            report($"{index}: '{name}' is no connection: remove it from the set");
            return null;
        }
        var key = keys.Header(name);
        if (await StringAsync(key) is not { } bytes)
        {
            return null;
        }
        if (FlowHeader.TryRead(bytes, id, out var header) is { } problem)
        {
            Report(key, problem);
            return null;
        }
        var origins = await PagesAsync(header.FirstPage);
        foreach (var chunk in origins.Distinct().Chunk(MarksAtOnce))
        {
            var reads = chunk.Select(o => (Origin: o, Marks: StringAsync(keys.Marks(name, o)))).ToList();
            foreach (var (origin, marks) in reads)
            {
                Find(origin, await marks, header.Start);
            }
        }
        var pages = _pages.ToDictionary(p => p.Number);
        foreach (var segment in _segments)
        {
            pages[segment.Page].Live++;
        }
        return new FoundFlow(header, StoredFlow.Loaded(header, _pages, _segments), _marks);
    }

    /// <summary>Reads the bytes, as of the moment when the connection was found; what was written or removed since does no harm.</summary>
    /// <returns>What there is; null when not one of its pieces can be used.</returns>
    public async Task<SavedFlow?> ReadAsync(FoundFlow found)
    {
        var header = found.Header;
        _name = header.Flow.ToString();
        foreach (var chunk in found.Segments.Chunk(SegmentsAtOnce))
        {
            var reads = chunk.Select(s => (s.Origin, s.Marks, Data: StringAsync(keys.Data(_name, s.Origin)))).ToList();
            foreach (var (origin, marks, data) in reads)
            {
                var damaged = Read(origin, marks, await data);
                if (damaged > 0 && await StringAsync(keys.Marks(_name, origin)) is not null) // otherwise it is over, or needed no more
                {
                    Report(keys.Data(_name, origin), $"{damaged} of {Count(marks)} pieces are damaged and skipped");
                }
            }
        }
        return _pieces.Count == 0 && found.Segments.Count > 0
            ? null
            : new SavedFlow(header.Flow.Key, header.Handshake, header.Start, PieceOrder.Arrange(_pieces, header.Start));
    }

    /// <summary>Places for marks up to the last one that is there: others are room for later ones, or were lost with an earlier life of the server.</summary>
    private static int Count(ReadOnlySpan<byte> marks)
    {
        var count = Math.Min(marks.Length, Segment.Size) / PieceMark.Size;
        while (count > 0 && !PieceMark.TryRead(marks[((count - 1) * PieceMark.Size)..], out _))
        {
            count--;
        }
        return count;
    }

    private async Task<List<long>> PagesAsync(int number)
    {
        var origins = new List<long>();
        while (await StringAsync(keys.Page(_name, number)) is { } bytes)
        {
            var page = new SegmentPage(number) { Key = GrowingKey.Existing(SegmentPage.Entries * SegmentPage.EntrySize, bytes.Length) };
            while (page.Used < SegmentPage.Entries && bytes.Length >= (page.Used + 1) * SegmentPage.EntrySize
                && BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(page.Used * SegmentPage.EntrySize)) is > 0 and var entry)
            {
                origins.Add(entry - 1);
                _pageOf[entry - 1] = number;
                page.Used++;
            }
            _pages.Add(page);
            number++;
        }
        return origins;
    }

    private void Find(long origin, byte[]? marks, long start)
    {
        if (marks is null)
        {
            if (origin >= start)
            {
                Report(keys.Marks(_name, origin), "is missing, so its bytes are lost");
            }
            return;
        }
        var (count, end, size) = (Count(marks), origin, 0);
        for (var i = 0; i < count; i++)
        {
            // A damaged one must not keep the segment for ever.
            if (PieceMark.TryRead(marks.AsSpan(i * PieceMark.Size), out var mark) && mark.Offset >= origin && mark.Offset - origin + mark.Length <= Segment.Size)
            {
                end = Math.Max(end, mark.Offset + mark.Length + (mark.Fin ? 1 : 0));
                size = Math.Max(size, (int)(mark.Offset - origin) + mark.Length);
            }
        }
        _segments.Add(new Segment(origin)
        {
            End = end,
            Page = _pageOf[origin],
            Data = GrowingKey.Existing(Segment.Size, size), // at least: asking costs some servers as much as reading it
            MarkList = GrowingKey.Existing(Segment.Size, marks.Length),
            Marks = count,
        });
        _marks.Add((origin, marks));
    }

    /// <summary>Takes what the marks speak of; returns how many of these pieces are damaged.</summary>
    private int Read(long origin, byte[] marks, byte[]? data)
    {
        var damaged = 0;
        var count = Count(marks);
        for (var i = 0; i < count; i++)
        {
            if (!PieceMark.TryRead(marks.AsSpan(i * PieceMark.Size), out var mark))
            {
                continue;
            }
            if (PieceMark.TryBytes(marks.AsSpan(i * PieceMark.Size), mark, data, origin, out var bytes))
            {
                _pieces.Add(new SavedPiece(mark.Offset, mark.Ack, mark.Fin, bytes.ToArray()));
            }
            else
            {
                damaged++;
            }
        }
        return damaged;
    }

    private async Task<byte[]?> StringAsync(string key)
    {
        try
        {
            return await connection.GetAsync(key);
        }
        catch (ForeignKeyException e)
        {
            Report(key, e.Message);
            return null;
        }
    }

    private void Report(string key, string what) => report($"{key}: {what}");
}
