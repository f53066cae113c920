using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording.Store;
using Appliance.Packets;
using Appliance.Recording;

namespace Appliance.Gateway.Recording;

/// <summary>Hears of a record that was taken into its flow's window; the payload is valid during the call only.</summary>
public delegate void RecordFollower(RecordedFlow flow, in Record record, ReadOnlySpan<byte> payload);

/// <summary>
/// Reads the record ring, lazily: a record stays there until every replica has what it holds, and is then passed over
/// without being copied. One that waits too long, or that takes room which is needed, moves into its flow's window and to
/// the store; its room in the ring is given back when the store has it.
/// </summary>
public sealed class RecordReader(
    RingLog ring, Recordings recordings, RepairDesk desk, DatagramDesk datagrams, IRecordingStore store, LagLimits? limits, ulong writeAfterNs,
    Action<Exception> failed)
{
    /// <summary>So that nodes are answered while much is recorded.</summary>
    private const ulong MostBytesAtOnce = 8 << 20;

    private const ulong GiveBackBytes = 1 << 20;

    /// <summary>Of so many bytes in the ring, one record is looked at for its flow's lag.</summary>
    private const ulong SampleBytes = 64 << 10;

    private const long MostRewrittenAtOnce = 8 << 20;

    /// <summary>What one flow counts at least: its header is an operation, too.</summary>
    private const long LeastRewritten = 1 << 10;

    private readonly Queue<(ulong Position, long Ticket)> _unwritten = new();
    private readonly Queue<RecordedFlow> _rewriting = new();
    private long _rewriteTicket;
    private long _lastTicket;
    private int _generation;
    private readonly byte[] _scratch = new byte[64 << 10];
    private ulong _ahead;
    private ulong _sampleAt;
    private ulong? _noteAt;

    /// <summary>Records read.</summary>
    public long Records { get; private set; }

    /// <summary>Payload bytes read.</summary>
    public long Bytes { get; private set; }

    /// <summary>Records that were in every replica before their turn came.</summary>
    public long PassedOver { get; private set; }

    /// <summary>Bytes that wait in the ring, or whose room was not given back.</summary>
    public ulong Waiting => ring.Produced - ring.Released;

    /// <summary>Bytes of the ring.</summary>
    public ulong Size => ring.Size;

    /// <summary>Hear of each record with something new; null while nobody follows. What is followed is not passed over.</summary>
    public RecordFollower? Followers { get; set; }

    /// <summary>Records whose content was damaged on its way here: the client sends it again.</summary>
    public long Damaged { get; private set; }

    /// <summary>Reads what is due.</summary>
    public void Drain(ulong nowNs) => Read(nowNs, isDue: false, MostBytesAtOnce);

    /// <summary>Reads everything, so that every byte can be found in a window.</summary>
    public void DrainAll(ulong nowNs) => Read(nowNs, isDue: true, ulong.MaxValue);

    /// <summary>Reads on, whether it is due or not; not everything at once, since a node waits for what is read first.</summary>
    /// <returns>False when there was nothing.</returns>
    public bool DrainSome(ulong nowNs) => Read(nowNs, isDue: true, MostBytesAtOnce);

    private bool Read(ulong nowNs, bool isDue, ulong most)
    {
        ReadAhead();
        var started = ring.Position;
        var givenBack = started;
        while (ring.Position - started < most && ring.TryPeek(out var bytes))
        {
            ref readonly var record = ref MemoryMarshal.AsRef<Record>(bytes);
            var payload = bytes.Slice(Record.PayloadOffset, (int)record.Length);
            if (!TryRead(record, payload, nowNs, isDue))
            {
                break;
            }
            Records++;
            Bytes += payload.Length;
            ring.Advance();
            if (ring.Position - givenBack > GiveBackBytes)
            {
                givenBack = ring.Position;
                GiveBack();
            }
        }
        GiveBack();
        return ring.Position != started;
    }

    /// <summary>False when the record can wait. One that cannot be read must not stop the ones behind it.</summary>
    private bool TryRead(in Record record, ReadOnlySpan<byte> payload, ulong nowNs, bool isDue)
    {
        try
        {
            if (record.Kind != RecordKind.Data)
            {
                if (ring.Position >= _ahead)
                {
                    Take(record, payload);
                }
                return true;
            }
            return recordings.Find(record.Key, record.ClientIsn) is not { } flow || Take(flow, record, payload, nowNs, isDue);
        }
        catch (Exception e)
        {
            failed(e);
            if (recordings.Find(record.Key, record.ClientIsn) is { } flow)
            {
                recordings.Remove(flow);
            }
            return true;
        }
    }

    /// <summary>
    /// The store is being read: what an earlier process wrote there must not be overwritten before. What is taken in meanwhile
    /// stays in the ring.
    /// </summary>
    public bool IsRestoring { get; set; }

    private bool IsStoring => !IsRestoring && (store.State is StoreState.Ready or StoreState.Connecting);

    /// <summary>Writes what was taken in of a flow while the store was being read, from an offset on.</summary>
    public void CatchUp(RecordedFlow flow, long from)
    {
        if (flow.ClosedNs == 0 && IsStoring && (flow.Window.Bytes > 0 || recordings.Policy == RecordPolicy.Full))
        {
            _noteAt = ring.Released; // all of it is still in the ring
            Store(flow);
            Write(flow, Math.Max(from, flow.Window.Start), flow.Window.End);
            _noteAt = null;
        }
    }

    /// <summary>What is held is to be written once more: the store has refused or lost something.</summary>
    private void BeginRewrite()
    {
        _unwritten.Clear();
        _rewriting.Clear();
        foreach (var flow in recordings.Flows)
        {
            var isKept = flow.ClosedNs == 0 && (flow.Window.Bytes > 0 || recordings.Policy == RecordPolicy.Full);
            (flow.IsStored, flow.RewriteFrom) = (false, isKept ? 0 : null);
            if (isKept)
            {
                _rewriting.Enqueue(flow);
            }
        }
    }

    /// <summary>A part of that, once the store has the part before: all at once would be more than its queue takes.</summary>
    private void Rewrite()
    {
        if (!IsStoring || store.Acknowledged < _rewriteTicket)
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
                Store(flow);
                Write(flow, from, to);
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

    /// <summary>Tells the store what is not needed any more.</summary>
    public void ReleaseStored(RecordedFlow flow)
    {
        const long Worthwhile = 64 << 10;
        if (flow.IsStored && flow.Window.Start > flow.StoreReleased
            && (flow.Window.Bytes == 0 || flow.Window.Start - flow.StoreReleased >= Worthwhile))
        {
            flow.StoreReleased = flow.Window.Start;
            store.Release(flow.Key, flow.ClientIsn, flow.Window.Start);
        }
    }

    /// <summary>
    /// Beginnings of flows and datagrams do not wait behind segments that wait for their confirmation: nodes report on them
    /// at once.
    /// </summary>
    private void ReadAhead()
    {
        for (_ahead = Math.Max(_ahead, ring.Position); ring.TryPeek(ref _ahead, out var bytes); _ahead = ring.After(_ahead))
        {
            ref readonly var record = ref MemoryMarshal.AsRef<Record>(bytes);
            if (record.Kind == RecordKind.Data)
            {
                Sample(record);
                continue;
            }
            try
            {
                Take(record, bytes.Slice(Record.PayloadOffset, (int)record.Length));
            }
            catch (Exception e)
            {
                failed(e);
            }
        }
    }

    /// <summary>Whose replica lags is to be known before all is read: a flow with many bytes in the ring is met soon.</summary>
    private void Sample(in Record record)
    {
        if (limits is not null && _ahead >= _sampleAt)
        {
            _sampleAt = _ahead + SampleBytes;
            if (recordings.Find(record.Key, record.ClientIsn) is { } flow)
            {
                limits.ReviewUnread(flow, ring.Produced - ring.Position);
            }
        }
    }

    private void Take(in Record record, ReadOnlySpan<byte> payload)
    {
        if (record.Kind == RecordKind.Open)
        {
            Open(record, MemoryMarshal.Read<Handshake>(payload));
        }
        else
        {
            datagrams.Record(record, payload);
        }
    }

    private void Open(in Record record, in Handshake handshake)
    {
        if (recordings.Find(record.Key, record.ClientIsn) is { } known)
        {
            known.FoundAt = null; // its whole stream follows
            return;
        }
        var earlier = recordings.Open(record.Key, handshake, (int)record.Active, record.Ns, out var flow);
        if (earlier is not null)
        {
            limits?.Lift(earlier);
            Forget(earlier);
        }
        if (recordings.Policy == RecordPolicy.Full)
        {
            Store(flow);
        }
        desk.Opened(flow);
    }

    /// <summary>False when the record can wait.</summary>
    private bool Take(RecordedFlow flow, in Record record, ReadOnlySpan<byte> payload, ulong nowNs, bool isDue)
    {
        var fin = (record.Flags & TcpFlags.Fin) != TcpFlags.None;
        if (Followers is null && recordings.IsConfirmed(flow, record.Seq, payload.Length, fin))
        {
            recordings.Skip(flow, record.Seq, payload.Length, fin);
            PassedOver++;
            return true;
        }
        isDue = isDue || recordings.Policy != RecordPolicy.Unconfirmed || nowNs > record.Ns + writeAfterNs || ring.Produced - ring.Position > ring.Size / 2
            || Followers is not null;
        if (!isDue)
        {
            return false;
        }
        if (!record.IsIntact(payload))
        {
            Damaged++;
            return true;
        }
        var end = flow.Window.End;
        var offset = flow.Window.OffsetOf(record.Seq);
        var result = recordings.Append(flow, record.Seq, record.Ack, fin, payload, record.Ns);
        if (result.New > 0)
        {
            if (flow.RewriteFrom is { } rewriteFrom)
            {
                flow.RewriteFrom = Math.Min(rewriteFrom, offset); // it goes with the rest
            }
            else if (offset == end && IsStoring)
            {
                Store(flow);
                Note(store.Append(flow.Key, flow.ClientIsn, offset, record.Ack, fin, payload));
            }
            else if (offset + payload.Length + (fin ? 1 : 0) > flow.Window.Start)
            {
                Write(flow, Math.Max(offset, flow.Window.Start), offset + payload.Length + (fin ? 1 : 0));
            }
            limits?.Review(flow);
        }
        if (result.New > 0)
        {
            Followers?.Invoke(flow, record, payload);
        }
        return true;
    }

    /// <summary>Writes what the window holds of a range: with overlaps, that is not what the segment said.</summary>
    private void Write(RecordedFlow flow, long from, long to)
    {
        if (!IsStoring)
        {
            return;
        }
        Store(flow);
        while (from < to && flow.Window.NextHeld(from) is { } held && held < to
            && flow.Window.TryRead(held, _scratch.AsSpan(0, (int)Math.Min(_scratch.Length, to - held)), out var piece))
        {
            Note(store.Append(flow.Key, flow.ClientIsn, piece.Offset, piece.Ack, piece.Fin, _scratch.AsSpan(0, piece.Length)));
            from = Math.Max(piece.End, held + 1);
        }
    }

    private void Store(RecordedFlow flow)
    {
        if (!flow.IsStored && IsStoring)
        {
            flow.IsStored = true;
            flow.StoreReleased = 0;
            Note(store.Open(flow.Key, flow.Handshake));
        }
    }

    /// <summary>A flow is over: the store need not keep it.</summary>
    public void Forget(RecordedFlow flow)
    {
        if (flow.IsStored)
        {
            flow.IsStored = false;
            store.Close(flow.Key, flow.ClientIsn);
        }
    }

    private void Note(long ticket)
    {
        if (ticket >= 0)
        {
            _lastTicket = ticket;
            _unwritten.Enqueue((_noteAt ?? ring.Position, ticket));
        }
    }

    /// <summary>What the store has, or will not have in time, need not be in the ring.</summary>
    private void GiveBack()
    {
        if (IsRestoring && ring.Produced - ring.Released <= ring.Size / 4 * 3)
        {
            return;
        }
        var acknowledged = store.Acknowledged;
        if (store.Generation is var generation && generation != _generation)
        {
            _generation = generation;
            BeginRewrite();
        }
        if (_rewriting.Count > 0)
        {
            Rewrite();
            if (ring.Produced - ring.Released <= ring.Size / 4 * 3)
            {
                return; // what the store does not have yet stays in the ring
            }
        }
        while (_unwritten.TryPeek(out var oldest) && oldest.Ticket <= acknowledged)
        {
            _unwritten.Dequeue();
        }
        if (_unwritten.Count == 0)
        {
            ring.Release(ring.Position);
        }
        else if (!IsStoring || ring.Produced - ring.Released > ring.Size / 4 * 3)
        {
            _unwritten.Clear();
            ring.Release(ring.Position);
        }
        else
        {
            ring.Release(_unwritten.Peek().Position);
        }
    }
}
