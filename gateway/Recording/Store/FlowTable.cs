using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// All connections that the store knows, and what of them is to be written. Belongs to the store's task alone.
/// </summary>
/// <param name="keys">Names.</param>
/// <param name="ttl">Time to live of every key.</param>
/// <param name="reserve">Is the server log-structured, so that strings should not grow step by step?</param>
/// <param name="time">The clock.</param>
internal sealed class FlowTable(StoreKeys keys, TimeSpan ttl, bool reserve, TimeProvider time)
{
    private const long ColdAfter = 24 << 20;
    private const int MostClosing = 1 << 17;

    private readonly Dictionary<FlowId, StoredFlow> _flows = [];
    private readonly List<StoredFlow> _dirty = [];
    private readonly List<StoredFlow> _closing = [];
    private readonly List<StoredFlow> _due = [];
    private readonly Stack<List<PendingPiece>> _lists = [];
    private PieceWriter? _pieces;
    private long _sweepAt;
    private ulong _indexShards;

    /// <summary>Names.</summary>
    public StoreKeys Keys => keys;

    /// <summary>Time to live of every key.</summary>
    public TimeSpan Ttl => ttl;

    /// <summary>Writes pieces.</summary>
    public PieceWriter Pieces => _pieces ??= new PieceWriter(this);

    /// <summary>What pieces are joined in.</summary>
    public SegmentBuffers Buffers { get; } = new();

    /// <summary>Is room made in advance?</summary>
    public bool Reserve => reserve;

    /// <summary>Bytes that all segments ever allocated.</summary>
    public long Allocated { get; private set; }

    /// <summary>Connections that are open.</summary>
    public int Count => _flows.Count;

    /// <summary>Connections with something to write.</summary>
    public int Dirty => _dirty.Count + _closing.Count;

    private long RefreshInterval => (long)(ttl.TotalMilliseconds / 4);

    private long Now => time.GetTimestamp() / (time.TimestampFrequency / 1000);

    /// <summary>
    /// Has so much been written since it grew that a log-structured server would copy it to its log's end, or fetch it
    /// from disk, for the next byte?
    /// </summary>
    public bool IsCold(Segment segment) => reserve && Allocated - segment.GrownAt > ColdAfter;

    /// <summary>A segment's data has a new size.</summary>
    public void Grew(Segment segment, int before)
    {
        Allocated += segment.Data.Capacity + (before > 0 ? 0 : segment.MarkList.Capacity);
        segment.GrownAt = Allocated;
    }

    /// <summary>Takes an operation over; false when it is an append that belongs to no open connection.</summary>
    public bool Apply(in StoreOperation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Open:
                if (!_flows.TryGetValue(operation.Flow, out var opened))
                {
                    Add(opened = new StoredFlow(operation.Flow));
                }
                opened.Open((Handshake)operation.Subject!);
                MarkDirty(opened);
                return true;
            case OperationKind.Append:
                if (!_flows.TryGetValue(operation.Flow, out var flow))
                {
                    return false;
                }
                flow.Append(new PendingPiece(operation.Offset, operation.Ack, operation.Fin, operation.Payload.Memory), this);
                MarkDirty(flow);
                return true;
            case OperationKind.Release:
                if (_flows.TryGetValue(operation.Flow, out var released) && released.Release(operation.Offset))
                {
                    MarkDirty(released);
                }
                return true;
            case OperationKind.Close:
                Close(operation.Flow);
                return true;
            case OperationKind.Adopt when _flows.TryAdd(operation.Flow, (StoredFlow)operation.Subject!):
                Schedule((StoredFlow)operation.Subject!);
                return true;
            default:
                return true;
        }
    }

    /// <summary>Writes what is due, at most so many connections; returns those that were closed.</summary>
    public List<StoredFlow> Emit(IStoreWriter writer, int most = int.MaxValue)
    {
        var closed = EmitRemovals(writer, most);
        var count = Math.Min(_dirty.Count, most);
        for (var i = 0; i < count; i++)
        {
            var flow = _dirty[i];
            flow.IsDirty = false;
            if (!flow.IsClosed)
            {
                flow.Emit(writer, this);
            }
        }
        _dirty.RemoveRange(0, count);
        return closed;
    }

    /// <summary>Writes removals alone, which a full server takes, too.</summary>
    public List<StoredFlow> EmitRemovals(IStoreWriter writer, int most)
    {
        var closed = _closing.GetRange(0, Math.Min(_closing.Count, most));
        _closing.RemoveRange(0, closed.Count);
        foreach (var flow in closed)
        {
            flow.EmitClose(writer, keys);
        }
        return closed;
    }

    /// <summary>Removals that failed: they are to be repeated.</summary>
    public void Return(List<StoredFlow> closed)
    {
        _closing.AddRange(closed.Where(f => !_flows.ContainsKey(f.Id)));
        if (_closing.Count > MostClosing)
        {
            _closing.RemoveRange(0, _closing.Count - MostClosing); // their keys expire
        }
    }

    /// <summary>Drops what was taken and not written; returns how many appends.</summary>
    public int DropPieces()
    {
        var count = 0;
        foreach (var flow in _dirty)
        {
            count += flow.DropPieces(this);
        }
        return count;
    }

    /// <summary>After a broken connection: everything but the bytes is to be written once more.</summary>
    public void Doubt()
    {
        foreach (var flow in _flows.Values)
        {
            flow.Doubt(keys);
            MarkDirty(flow);
        }
        _indexShards = 0;
    }

    /// <summary>Adds a connection to the index.</summary>
    public void AddToIndex(IStoreWriter writer, string name)
    {
        var shard = StoreKeys.ShardOf(name);
        writer.AddMember(keys.Index(shard), name);
        if ((_indexShards & 1UL << shard) == 0)
        {
            _indexShards |= 1UL << shard;
            writer.Expire(keys.Index(shard), ttl);
        }
    }

    /// <summary>Renews the time to live of those connections for which it is due, at most so many; true when something was written.</summary>
    public bool EmitRefreshes(IStoreWriter writer, int most = 256)
    {
        var now = Now;
        var sweep = _due.Count == 0 && now >= _sweepAt;
        if (sweep)
        {
            _sweepAt = now + RefreshInterval / 8;
            _due.AddRange(_flows.Values.Where(f => f.MayBeStored && f.RefreshAt <= now));
            foreach (var key in (string[])[keys.Alive, keys.Control(0), keys.Control(1)])
            {
                writer.Expire(key, ttl);
            }
            for (var shard = 0; shard < StoreKeys.IndexShards; shard++)
            {
                writer.Expire(keys.Index(shard), ttl);
            }
        }
        var count = Math.Min(most, _due.Count);
        foreach (var flow in _due.GetRange(_due.Count - count, count))
        {
            if (!flow.IsClosed)
            {
                flow.EmitRefresh(writer, this);
                Schedule(flow);
            }
        }
        _due.RemoveRange(_due.Count - count, count);
        return sweep || count > 0;
    }

    /// <summary>An empty list, perhaps a used one.</summary>
    public List<PendingPiece> RentPieces() => _lists.TryPop(out var list) ? list : [];

    /// <summary>A list that is not needed any more.</summary>
    public void ReturnPieces(List<PendingPiece> list)
    {
        const int MostKept = 1024;
        list.Clear();
        if (_lists.Count < MostKept)
        {
            _lists.Push(list);
        }
    }

    private void Add(StoredFlow flow)
    {
        _flows.Add(flow.Id, flow);
        Schedule(flow);
    }

    private void Schedule(StoredFlow flow) => flow.RefreshAt = Now + RefreshInterval;

    private void MarkDirty(StoredFlow flow)
    {
        if (!flow.IsDirty)
        {
            flow.IsDirty = true;
            _dirty.Add(flow);
        }
    }

    private void Close(FlowId id)
    {
        if (_flows.Remove(id, out var flow))
        {
            flow.IsClosed = true;
            flow.DropPieces(this);
            if (flow.MayBeStored)
            {
                _closing.Add(flow);
            }
        }
    }
}
