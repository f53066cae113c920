using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording.Store;

/// <summary>A connection as the writer knows it: which of its keys are at the server, and what is to be written.</summary>
internal sealed class StoredFlow(FlowId id)
{
    private readonly List<Segment> _segments = [];
    private readonly List<SegmentPage> _pages = [];
    private readonly List<Segment> _unlisted = [];
    private readonly List<string> _garbage = [];
    private List<PendingPiece>? _pieces;
    private long _start;
    private long _writtenStart;
    private Handshake _handshake;
    private int _nextPage;
    private bool _headerDirty;
    private bool _indexed;

    /// <summary>The connection.</summary>
    public FlowId Id => id;

    /// <summary>As in its keys.</summary>
    public string Name { get; } = id.ToString();

    /// <summary>Is it in the table's list of connections to write?</summary>
    public bool IsDirty { get; set; }

    /// <summary>When its keys' time to live is due for renewal.</summary>
    public long RefreshAt { get; set; }

    /// <summary>Has it been closed?</summary>
    public bool IsClosed { get; set; }

    /// <summary>May there be keys of it at a server?</summary>
    public bool MayBeStored { get; private set; }

    /// <summary>Segments that are stored.</summary>
    public IReadOnlyList<Segment> Segments => _segments;

    /// <summary>A connection that was loaded: its keys are there.</summary>
    public static StoredFlow Loaded(FlowHeader header, IEnumerable<SegmentPage> pages, IEnumerable<Segment> segments)
    {
        var flow = new StoredFlow(header.Flow) { _handshake = header.Handshake, _start = header.Start, _nextPage = header.FirstPage, _indexed = true, MayBeStored = true };
        flow._pages.AddRange(pages);
        flow._segments.AddRange(segments.OrderBy(s => s.Origin));
        flow._nextPage = flow._pages.Count > 0 ? flow._pages[^1].Number + 1 : header.FirstPage;
        return flow;
    }

    /// <summary>Takes the handshake; the first call makes the header due.</summary>
    public void Open(in Handshake handshake)
    {
        _headerDirty |= !MayBeStored || handshake.ServerIsn != _handshake.ServerIsn || handshake.Flags != _handshake.Flags;
        _handshake = handshake;
    }

    /// <summary>Takes a piece, whose bytes have to stay as they are until <see cref="Emit"/>.</summary>
    public void Append(PendingPiece piece, FlowTable table) => (_pieces ??= table.RentPieces()).Add(piece);

    /// <summary>Forgets what lies below an offset; true when that is worth a write.</summary>
    public bool Release(long upTo)
    {
        _start = Math.Max(_start, upTo);
        return _segments.Exists(s => s.End <= _start) || _start - _writtenStart >= Segment.Size;
    }

    /// <summary>After a broken connection: everything that is known is to be written once more, but for the bytes.</summary>
    public void Doubt(StoreKeys keys)
    {
        foreach (var segment in _segments)
        {
            segment.Data.Doubt();
            segment.MarkList.Doubt();
            segment.Page = -1;
        }
        foreach (var page in _pages)
        {
            _garbage.Add(keys.Page(Name, page.Number));
        }
        _pages.Clear();
        _unlisted.Clear();
        _unlisted.AddRange(_segments);
        _headerDirty = true;
        _indexed = false;
    }

    /// <summary>Drops pieces that were taken and not written; returns how many.</summary>
    public int DropPieces(FlowTable table)
    {
        var count = _pieces?.Count ?? 0;
        ReturnPieces(table);
        return count;
    }

    /// <summary>Writes what is due: bytes and marks before the list that names them, the header before what it gave up.</summary>
    public void Emit(IStoreWriter writer, FlowTable table)
    {
        MayBeStored = true;
        if (_pieces is not null)
        {
            _pieces.RemoveAll(p => p.End <= _start);
            table.Pieces.Write(this, _pieces, writer);
            ReturnPieces(table);
        }
        DropReleased(table.Keys);
        ListSegments(writer, table);
        if (_headerDirty || _start - _writtenStart >= Segment.Size)
        {
            writer.Set(table.Keys.Header(Name), new FlowHeader(id, _start, _pages.Count > 0 ? _pages[0].Number : _nextPage, _handshake).ToBytes(), table.Ttl);
            _headerDirty = false;
            _writtenStart = _start;
        }
        if (!_indexed)
        {
            table.AddToIndex(writer, Name);
            _indexed = true;
        }
        Delete(writer, _garbage);
        _garbage.Clear();
    }

    /// <summary>Removes every key; may be repeated.</summary>
    public void EmitClose(IStoreWriter writer, StoreKeys keys)
    {
        List<string> all = [keys.Header(Name), .. _garbage, .. _pages.Select(p => keys.Page(Name, p.Number))];
        foreach (var segment in _segments)
        {
            all.Add(keys.Data(Name, segment.Origin));
            all.Add(keys.Marks(Name, segment.Origin));
        }
        Delete(writer, all);
        writer.RemoveMember(keys.Index(StoreKeys.ShardOf(Name)), Name);
    }

    /// <summary>Renews the time to live of every key.</summary>
    public void EmitRefresh(IStoreWriter writer, FlowTable table)
    {
        writer.Expire(table.Keys.Header(Name), table.Ttl);
        foreach (var page in _pages)
        {
            writer.Expire(table.Keys.Page(Name, page.Number), table.Ttl);
        }
        foreach (var segment in _segments)
        {
            writer.Expire(table.Keys.Data(Name, segment.Origin), table.Ttl);
            writer.Expire(table.Keys.Marks(Name, segment.Origin), table.Ttl);
        }
    }

    /// <summary>The segment for a piece at an offset: one that has room, or a new one that starts there.</summary>
    public Segment SegmentFor(long offset, FlowTable table, out int room)
    {
        var (low, high) = (0, _segments.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _segments[middle].Origin <= offset ? (middle + 1, high) : (low, middle);
        }
        if (low > 0 && _segments[low - 1] is var candidate && (room = candidate.Room(offset, table.IsCold(candidate))) > 0)
        {
            return candidate;
        }
        var segment = new Segment(offset) { End = offset, GrownAt = table.Allocated };
        _segments.Insert(low, segment);
        _unlisted.Add(segment);
        room = Segment.Size;
        return segment;
    }

    private void ReturnPieces(FlowTable table)
    {
        if (_pieces is { } pieces)
        {
            _pieces = null;
            table.ReturnPieces(pieces);
        }
    }

    private void ListSegments(IStoreWriter writer, FlowTable table)
    {
        for (var done = 0; done < _unlisted.Count;)
        {
            if (_pages.Count == 0 || _pages[^1].Used == SegmentPage.Entries)
            {
                _pages.Add(new SegmentPage(_nextPage++));
                _headerDirty |= _pages.Count == 1;
            }
            var page = _pages[^1];
            var count = Math.Min(_unlisted.Count - done, SegmentPage.Entries - page.Used);
            var entries = new byte[count * SegmentPage.EntrySize];
            for (var i = 0; i < count; i++)
            {
                var segment = _unlisted[done + i];
                segment.Page = page.Number;
                System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(entries.AsSpan(i * SegmentPage.EntrySize), segment.Origin + 1);
            }
            page.Key.Write(writer, table.Keys.Page(Name, page.Number), page.Used * SegmentPage.EntrySize, entries, table.Ttl, table.Reserve);
            page.Used += count;
            page.Live += count;
            done += count;
        }
        _unlisted.Clear();
    }

    private void DropReleased(StoreKeys keys)
    {
        for (var i = _segments.Count - 1; i >= 0; i--)
        {
            if (_segments[i] is var segment && segment.End <= _start)
            {
                _segments.RemoveAt(i);
                _unlisted.Remove(segment);
                _garbage.Add(keys.Data(Name, segment.Origin));
                _garbage.Add(keys.Marks(Name, segment.Origin));
                _headerDirty = true;
                if (_pages.Find(p => p.Number == segment.Page) is { } page)
                {
                    page.Live--;
                }
            }
        }
        while (_pages.Count > 0 && _pages[0] is { Live: 0, Used: SegmentPage.Entries } first)
        {
            _pages.RemoveAt(0);
            _garbage.Add(keys.Page(Name, first.Number));
            _headerDirty = true;
        }
    }

    private static void Delete(IStoreWriter writer, List<string> keys)
    {
        const int Most = 256;
        foreach (var chunk in keys.Chunk(Most))
        {
            writer.Delete(chunk);
        }
    }
}
