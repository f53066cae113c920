using Appliance.Gateway.Recording.Store;
using Appliance.Recording;

namespace Appliance.Gateway.Recording;

/// <summary>
/// What was taken into windows, on its way to the store. Until the store has it, its room in the record ring is not given
/// back: where it is there, a position of the ring says, which counts bytes and never wraps. After an outage everything that
/// is held is written once more, in parts. Reads no clock; the recorder's thread owns it.
/// </summary>
public sealed class WriteBehind(Recordings recordings, IRecordingStore store)
{
    /// <summary>Bytes that are written once more before the store has to confirm them: its queue is bounded.</summary>
    public const long MostRewrittenAtOnce = 8 << 20;

    /// <summary>Fewer bytes are not worth telling the store that they are not needed.</summary>
    public const long LeastReleased = 64 << 10;

    /// <summary>What one flow counts at least: its header is an operation, too.</summary>
    private const long LeastRewritten = 1 << 10;

    private readonly Queue<(ulong Position, long Ticket)> _unwritten = new();
    private readonly Queue<RecordedFlow> _rewriting = new();
    private readonly byte[] _scratch = new byte[64 << 10];
    private long _rewriteTicket;
    private long _lastTicket;
    private int _generation;
    private int _emptied;
    private bool _isWaiting;

    private bool IsStoring => !_isWaiting && (store.State is StoreState.Ready or StoreState.Connecting);

    /// <summary>
    /// Until <see cref="GoOn"/>: where an earlier process wrote what is not known yet, and must not be overwritten. What is
    /// taken in meanwhile stays in the ring.
    /// </summary>
    public void Wait() => _isWaiting = true;

    /// <summary>Now it is known. What was taken in meanwhile, also what the store had not confirmed before, is written.</summary>
    public void GoOn()
    {
        if (_isWaiting)
        {
            _isWaiting = false;
            _emptied = store.Emptied;
            Rewrite(static flow => flow.Window.NextHeld(flow.Window.Start) ?? flow.Window.End);
        }
    }

    /// <summary>What an earlier process wrote is read. What is over since can go; what was lost while it was read is written.</summary>
    public void Settled()
    {
        foreach (var flow in recordings.Flows)
        {
            if (flow.ClosedNs != 0)
            {
                Forget(flow);
            }
        }
        if (store.Emptied != _emptied)
        {
            RewriteAll();
        }
    }

    /// <summary>A connection has begun.</summary>
    public void Opened(RecordedFlow flow, ulong position)
    {
        if (recordings.Policy == RecordPolicy.Full)
        {
            Open(flow, position);
        }
    }

    /// <summary>The window has taken something new from a record.</summary>
    /// <param name="flow">The connection.</param>
    /// <param name="offset">Of the record's first byte.</param>
    /// <param name="isNext">It begins where the window ended: then the window holds what the record says.</param>
    /// <param name="ack">The acknowledgement number that it came with.</param>
    /// <param name="fin">Does the FIN follow?</param>
    /// <param name="payload">Its bytes.</param>
    /// <param name="position">Where the record is.</param>
    public void Taken(RecordedFlow flow, long offset, bool isNext, uint ack, bool fin, ReadOnlySpan<byte> payload, ulong position)
    {
        if (flow.RewriteFrom is { } rewriteFrom)
        {
            flow.RewriteFrom = Math.Min(rewriteFrom, offset); // it goes with the rest
        }
        else if (isNext && IsStoring)
        {
            Open(flow, position);
            Append(flow, offset, ack, fin, payload, position);
        }
        else
        {
            Write(flow, Math.Max(offset, flow.Window.Start), offset + payload.Length + (fin ? 1 : 0), position);
        }
    }

    /// <summary>
    /// Tells the store what is not needed any more. Where it has nothing, it need not be told how far all nodes are; what is
    /// being read from it stays until it is.
    /// </summary>
    public void ReleaseStored(RecordedFlow flow)
    {
        if (flow.IsStored && flow.FoundAt is null && flow.StoreEnd > flow.StoreReleased && flow.Window.Start > flow.StoreReleased
            && (flow.Window.Start >= flow.StoreEnd || flow.Window.Start - flow.StoreReleased >= LeastReleased))
        {
            flow.StoreReleased = flow.Window.Start;
            store.Release(flow.Key, flow.ClientIsn, flow.Window.Start);
        }
    }

    /// <summary>A flow is over: the store need not keep it, unless it is being read; see <see cref="Settled"/>.</summary>
    public void Forget(RecordedFlow flow)
    {
        if (flow.IsStored && flow.FoundAt is null)
        {
            flow.IsStored = false;
            store.Close(flow.Key, flow.ClientIsn);
        }
    }

    /// <summary>How far the ring's room can be given back: what the store has, or will not have in time, need not be there.</summary>
    /// <param name="position">Everything below was read.</param>
    /// <param name="released">What was given back already.</param>
    /// <param name="isScarce">The ring is nearly full: new segments count for more than a copy in the store.</param>
    public ulong Releasable(ulong position, ulong released, bool isScarce)
    {
        if (_isWaiting)
        {
            return isScarce ? position : released;
        }
        var acknowledged = store.Acknowledged;
        if (store.Generation is var generation && generation != _generation)
        {
            _generation = generation;
            RewriteAll();
        }
        RewritePart(position);
        if (isScarce || !IsStoring)
        {
            _unwritten.Clear();
            return position;
        }
        if (_rewriting.Count > 0 || acknowledged < _rewriteTicket)
        {
            return released; // what is written once more may be anywhere in the ring
        }
        while (_unwritten.TryPeek(out var oldest) && oldest.Ticket <= acknowledged)
        {
            _unwritten.Dequeue();
        }
        return _unwritten.TryPeek(out var first) ? first.Position : position;
    }

    private bool IsKept(RecordedFlow flow) => flow.ClosedNs == 0 && (flow.Window.NextHeld(flow.Window.Start) is not null || recordings.Policy == RecordPolicy.Full);

    /// <summary>What is held is to be written once more: the store has refused or lost something.</summary>
    private void RewriteAll()
    {
        _unwritten.Clear();
        Rewrite(static flow =>
        {
            flow.IsStored = false;
            return 0;
        });
    }

    private void Rewrite(Func<RecordedFlow, long> from)
    {
        _rewriting.Clear();
        foreach (var flow in recordings.Flows)
        {
            var first = from(flow);
            flow.RewriteFrom = IsKept(flow) ? first : null;
            if (flow.RewriteFrom is not null)
            {
                _rewriting.Enqueue(flow);
            }
        }
    }

    /// <summary>A part of that, once the store has the part before: all at once would be more than its queue takes.</summary>
    private void RewritePart(ulong position)
    {
        if (_rewriting.Count == 0 || !IsStoring || store.Acknowledged < _rewriteTicket)
        {
            return;
        }
        for (var left = MostRewrittenAtOnce; left > 0 && _rewriting.TryPeek(out var flow);)
        {
            var from = Math.Max(flow.RewriteFrom ?? 0, flow.Window.Start);
            var to = Math.Min(flow.Window.End, from + left);
            var isOpen = flow.ClosedNs == 0 && !flow.IsRemoved;
            if (isOpen)
            {
                Open(flow, position);
                Write(flow, from, to, position);
            }
            left -= Math.Max(to - from, LeastRewritten);
            flow.RewriteFrom = isOpen && to < flow.Window.End ? to : null;
            if (flow.RewriteFrom is null)
            {
                _rewriting.Dequeue();
            }
        }
        _rewriteTicket = _lastTicket;
    }

    /// <summary>Writes what the window holds of a range: with overlaps, that is not what the segment said.</summary>
    private void Write(RecordedFlow flow, long from, long to, ulong position)
    {
        if (from >= to || !IsStoring)
        {
            return;
        }
        Open(flow, position);
        while (from < to && flow.Window.NextHeld(from) is { } held && held < to
            && flow.Window.TryRead(held, _scratch.AsSpan(0, (int)Math.Min(_scratch.Length, to - held)), out var piece))
        {
            Append(flow, piece.Offset, piece.Ack, piece.Fin, _scratch.AsSpan(0, piece.Length), position);
            from = Math.Max(piece.End, held + 1);
        }
    }

    private void Append(RecordedFlow flow, long offset, uint ack, bool fin, ReadOnlySpan<byte> payload, ulong position)
    {
        flow.StoreEnd = Math.Max(flow.StoreEnd, offset + payload.Length + (fin ? 1 : 0));
        Note(store.Append(flow.Key, flow.ClientIsn, offset, ack, fin, payload), position);
    }

    private void Open(RecordedFlow flow, ulong position)
    {
        if (!flow.IsStored && IsStoring)
        {
            flow.IsStored = true;
            flow.StoreReleased = 0;
            flow.StoreEnd = 0;
            Note(store.Open(flow.Key, flow.Handshake), position);
        }
    }

    private void Note(long ticket, ulong position)
    {
        if (ticket >= 0)
        {
            _lastTicket = ticket;
            _unwritten.Enqueue((position, ticket));
        }
    }
}
