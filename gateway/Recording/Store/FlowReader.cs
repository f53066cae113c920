using System.Buffers.Binary;

namespace Appliance.Gateway.Recording.Store;

/// <summary>Reads what an earlier run left of one connection; reports what it cannot use.</summary>
internal sealed class FlowReader(RedisConnection connection, StoreKeys keys, Action<string> report)
{
    private const int SegmentsAtOnce = 32;

    private readonly List<SegmentPage> _pages = [];
    private readonly List<Segment> _segments = [];
    private readonly List<SavedPiece> _pieces = [];
    private readonly Dictionary<long, int> _pageOf = [];
    private string _name = string.Empty;

    /// <summary>Reads a connection by its name.</summary>
    /// <param name="index">The set that has the name.</param>
    /// <param name="name">The name.</param>
    /// <returns>The connection, and how the writer is to know it; null when it cannot be used.</returns>
    public async Task<(SavedFlow Flow, StoredFlow Stored)?> ReadAsync(string index, string name)
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
        foreach (var chunk in origins.Distinct().Chunk(SegmentsAtOnce))
        {
            var reads = chunk.Select(o => (Origin: o, Data: StringAsync(keys.Data(name, o)), Marks: StringAsync(keys.Marks(name, o)))).ToList();
            foreach (var (origin, data, marks) in reads)
            {
                Add(origin, await data, await marks, header.Start);
            }
        }
        var pages = _pages.ToDictionary(p => p.Number);
        foreach (var segment in _segments)
        {
            pages[segment.Page].Live++;
        }
        return (new SavedFlow(id.Key, header.Handshake, header.Start, PieceOrder.Arrange(_pieces, header.Start)), StoredFlow.Loaded(header, _pages, _segments));
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

    private void Add(long origin, byte[]? data, byte[]? marks, long start)
    {
        if (marks is null)
        {
            if (origin >= start)
            {
                Report(keys.Marks(_name, origin), "is missing, so its bytes are lost");
            }
            return;
        }
        var segment = new Segment(origin)
        {
            End = origin,
            Page = _pageOf[origin],
            Data = data is null ? new GrowingKey(Segment.Size) : GrowingKey.Existing(Segment.Size, data.Length),
            MarkList = GrowingKey.Existing(Segment.Size, marks.Length),
        };
        var damaged = 0;
        for (var at = 0; at + PieceMark.Size <= Math.Min(marks.Length, Segment.Size); at += PieceMark.Size)
        {
            if (!PieceMark.TryRead(marks.AsSpan(at), out var mark))
            {
                continue; // room for later ones, or lost with an earlier life of the server
            }
            segment.Marks = at / PieceMark.Size + 1;
            if (!PieceMark.TryBytes(marks.AsSpan(at), mark, data, origin, out var bytes))
            {
                damaged++;
                continue;
            }
            var piece = new SavedPiece(mark.Offset, mark.Ack, mark.Fin, bytes.ToArray());
            segment.End = Math.Max(segment.End, piece.End);
            _pieces.Add(piece);
        }
        _segments.Add(segment);
        if (damaged > 0)
        {
            Report(keys.Data(_name, origin), $"{damaged} of {segment.Marks} pieces are damaged and skipped");
        }
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
