using Appliance.Gateway.Recording.Store;
using Appliance.Recording;

namespace Appliance.Gateway.Recording;

/// <summary>
/// What was taken into windows, on its way to the store: late, since most of it is in every replica before it is due, and
/// bytes that are still in the record ring outlive this process as they would in the store. Until the store has them, their
/// room in the ring is not given back: where they are there, a position of the ring says, which counts bytes and never wraps.
/// After an outage everything that is held is due once more. Reads no clock; the recorder's thread owns it.
/// </summary>
/// <param name="recordings">Of whom.</param>
/// <param name="store">Where to.</param>
/// <param name="writeAfterNs">How long bytes wait for every replica's confirmation before they are written, nanoseconds.</param>
public sealed class WriteBehind(Recordings recordings, IRecordingStore store, ulong writeAfterNs)
{
    /// <summary>Bytes that are written before the store has to confirm them: a burst of more takes the processor from clients and servers.</summary>
    public const long MostUnconfirmed = 1 << 20;

    /// <summary>When room in the ring is short: the more are on their way, the more the store takes in a second. Its queue is bounded.</summary>
    public const long MostUnconfirmedWhenShort = 8 << 20;

    /// <summary>Bytes that are written at once: nodes and clients wait meanwhile.</summary>
    public const long MostAtOnce = 512 << 10;

    /// <summary>Of one flow, before it is another's turn: as many as are joined in one command.</summary>
    public const int MostInOneTurn = 64 << 10;

    /// <summary>Fewer bytes are not worth telling the store that they are not needed.</summary>
    public const long LeastReleased = 64 << 10;

    /// <summary>What one flow counts at least: its header is an operation, too.</summary>
    private const long LeastWritten = 1 << 10;

    /// <summary>In the order in which they are in the ring.</summary>
    private readonly Queue<RecordedFlow> _unwritten = new();

    /// <summary>
    /// Of which a part is written and the rest is due: they take turns, with each other and with the ones above. What they have
    /// from <c>End</c> on lies at <c>Position</c> of the ring or beyond.
    /// </summary>
    private readonly Queue<(RecordedFlow Flow, long End, ulong Position)> _partly = new();

    /// <summary>With a position of the ring that nothing which was not written before lies below.</summary>
    private readonly Queue<(ulong Position, long Ticket, int Bytes)> _unconfirmed = new();
    private readonly byte[] _scratch = new byte[MostInOneTurn];
    private bool _isPartlysTurn;
    private long _unconfirmedBytes;
    private ulong _released;
    private int _generation;
    private int _emptied;
    private bool _isWaiting;

    /// <summary>Bytes of the ring that were given back before the store had them, because new segments needed their room.</summary>
    public ulong GivenUp { get; private set; }

    private bool IsStoring => store.State is StoreState.Ready or StoreState.Connecting;

    /// <summary>
    /// Until <see cref="GoOn"/>: where an earlier process wrote what is not known yet, and must not be overwritten. What is
    /// taken in meanwhile stays in the ring.
    /// </summary>
    public void Wait() => _isWaiting = true;

    /// <summary>Now it is known. What was taken in meanwhile, also what the store had not confirmed before, is written when it is due.</summary>
    public void GoOn()
    {
        if (_isWaiting)
        {
            _isWaiting = false;
            _emptied = store.Emptied;
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
            WriteAll();
        }
    }

    /// <summary>A connection has begun.</summary>
    public void Opened(RecordedFlow flow, ulong position)
    {
        if (recordings.Policy == RecordPolicy.Full)
        {
            Expect(flow, 0, position, 0);
        }
    }

    /// <summary>The window has taken something new from a record.</summary>
    /// <param name="flow">The connection.</param>
    /// <param name="offset">Of the record's first byte.</param>
    /// <param name="position">Where the record is.</param>
    /// <param name="recordedNs">Since when; CLOCK_MONOTONIC, nanoseconds.</param>
    public void Taken(RecordedFlow flow, long offset, ulong position, ulong recordedNs)
    {
        if (_isWaiting || IsStoring)
        {
            Expect(flow, offset, position, recordedNs);
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

    /// <summary>Writes what is due, and tells how far the ring's room can be given back: what the store has, or will not have in time, need not be there.</summary>
    /// <param name="position">Everything below was read.</param>
    /// <param name="released">What was given back already.</param>
    /// <param name="room">How much of the ring is taken.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC, nanoseconds.</param>
    public ulong Releasable(ulong position, ulong released, RingRoom room, ulong nowNs)
    {
        _released = released;
        if (_isWaiting)
        {
            return Releasable(position, released, room);
        }
        var acknowledged = store.Acknowledged;
        if (store.Generation is var generation && generation != _generation)
        {
            _generation = generation;
            WriteAll();
        }
        while (_unconfirmed.TryPeek(out var oldest) && oldest.Ticket <= acknowledged)
        {
            _unconfirmedBytes -= _unconfirmed.Dequeue().Bytes;
        }
        if (!IsStoring)
        {
            ExpectNothing();
            return position;
        }
        WriteDue(position, room == RingRoom.Ample ? nowNs : ulong.MaxValue, room < RingRoom.Short ? MostUnconfirmed : MostUnconfirmedWhenShort);
        var needed = LowestUnwritten(position);
        return Releasable(position, Math.Max(released, _unconfirmed.TryPeek(out var unconfirmed) ? Math.Min(unconfirmed.Position, needed) : needed), room);
    }

    private ulong Releasable(ulong position, ulong needed, RingRoom room)
    {
        if (room != RingRoom.Scarce)
        {
            return needed;
        }
        GivenUp += position - needed;
        return position;
    }

    /// <summary>What is held is to be written once more: the store has refused or lost something. It may be anywhere in the ring.</summary>
    private void WriteAll()
    {
        ExpectNothing();
        foreach (var flow in recordings.Flows)
        {
            flow.IsStored = false;
            Expect(flow, 0, _released, 0);
        }
    }

    private void ExpectNothing()
    {
        _unconfirmed.Clear();
        _unconfirmedBytes = 0;
        while (_unwritten.TryDequeue(out var flow))
        {
            flow.UnwrittenFrom = null;
        }
        while (_partly.TryDequeue(out var part))
        {
            part.Flow.UnwrittenFrom = null;
        }
    }

    private void Expect(RecordedFlow flow, long from, ulong position, ulong recordedNs)
    {
        if (flow.UnwrittenFrom is { } already)
        {
            flow.UnwrittenFrom = Math.Min(already, from);
            return;
        }
        flow.UnwrittenFrom = from;
        flow.UnwrittenAt = position;
        flow.UnwrittenSinceNs = recordedNs;
        _unwritten.Enqueue(flow);
    }

    /// <summary>Writes what has waited for long enough; no more than the store confirms in time.</summary>
    private void WriteDue(ulong position, ulong nowNs, long mostUnconfirmed)
    {
        var lowest = LowestUnwritten(position);
        for (var left = MostAtOnce; left > 0 && _unconfirmedBytes < mostUnconfirmed;)
        {
            var isPartly = _partly.Count > 0 && (_isPartlysTurn || !IsDue(nowNs));
            if (!isPartly && !IsDue(nowNs))
            {
                return;
            }
            _isPartlysTurn = !isPartly;
            var (flow, end, endPosition) = isPartly ? _partly.Dequeue() : (_unwritten.Dequeue(), 0L, 0UL);
            var from = FirstUnwritten(flow);
            var to = from;
            if (IsNeeded(flow))
            {
                to = Math.Min(flow.Window.End, from + Math.Min(left, MostInOneTurn));
                Write(flow, from, to, lowest);
                left -= Math.Max(to - from, LeastWritten);
            }
            flow.UnwrittenFrom = to > from && to < flow.Window.End ? to : null;
            if (flow.UnwrittenFrom is not null)
            {
                if (to >= end)
                {
                    flow.UnwrittenAt = isPartly ? endPosition : flow.UnwrittenAt;
                    (end, endPosition) = (flow.Window.End, position);
                }
                _partly.Enqueue((flow, end, endPosition));
            }
        }
    }

    /// <summary>Where in the ring the first byte may lie that is not written.</summary>
    private ulong LowestUnwritten(ulong position)
    {
        var lowest = _unwritten.TryPeek(out var oldest) ? oldest.UnwrittenAt : position;
        foreach (var part in _partly)
        {
            lowest = Math.Min(lowest, part.Flow.UnwrittenAt);
        }
        return lowest;
    }

    private static long FirstUnwritten(RecordedFlow flow)
    {
        var from = Math.Max(flow.UnwrittenFrom ?? 0, flow.Window.Start);
        return flow.Window.NextHeld(from) ?? from;
    }

    /// <summary>Has the oldest waited for long enough? What need not be written, does not wait.</summary>
    private bool IsDue(ulong nowNs) => _unwritten.TryPeek(out var flow)
        && (nowNs >= flow.UnwrittenSinceNs + writeAfterNs || recordings.Policy != RecordPolicy.Unconfirmed || !IsNeeded(flow));

    private bool IsNeeded(RecordedFlow flow) =>
        flow.ClosedNs == 0 && !flow.IsRemoved && (flow.Window.NextHeld(FirstUnwritten(flow)) is not null || (recordings.Policy == RecordPolicy.Full && !flow.IsStored));

    /// <summary>Writes what the window holds of a range: with overlaps, that is not what the segments said.</summary>
    private void Write(RecordedFlow flow, long from, long to, ulong lowest)
    {
        if (!flow.IsStored)
        {
            flow.IsStored = true;
            flow.StoreReleased = 0;
            flow.StoreEnd = 0;
            Note(store.Open(flow.Key, flow.Handshake), lowest, 0);
        }
        while (from < to && flow.Window.NextHeld(from) is { } held && held < to
            && flow.Window.TryRead(held, _scratch.AsSpan(0, (int)Math.Min(_scratch.Length, to - held)), out var piece))
        {
            flow.StoreEnd = Math.Max(flow.StoreEnd, piece.End);
            Note(store.Append(flow.Key, flow.ClientIsn, piece.Offset, piece.Ack, piece.Fin, _scratch.AsSpan(0, piece.Length)), lowest, piece.Length);
            from = Math.Max(piece.End, held + 1);
        }
    }

    private void Note(long ticket, ulong position, int bytes)
    {
        if (ticket >= 0)
        {
            _unconfirmed.Enqueue((position, ticket, bytes));
            _unconfirmedBytes += bytes;
        }
    }
}
