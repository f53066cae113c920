using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Packets;
using Appliance.Recording;

namespace Appliance.Gateway.Recording;

/// <summary>Hears of a record that was taken into its flow's window; the payload is valid during the call only.</summary>
public delegate void RecordFollower(RecordedFlow flow, in Record record, ReadOnlySpan<byte> payload);

/// <summary>
/// Reads the record ring, lazily: a record stays there until every replica has what it holds, and is then passed over
/// without being copied. One that waits too long, or that takes room which is needed, moves into its flow's window; its room
/// in the ring is given back when every replica has it, or the store.
/// </summary>
public sealed class RecordReader(
    RingLog ring, Recordings recordings, RepairDesk desk, DatagramDesk datagrams, WriteBehind writer, StandingClients standing, LagLimits? limits, ulong takeAfterNs,
    Action<Exception> failed)
{
    /// <summary>So that nodes are answered while much is recorded.</summary>
    private const ulong MostBytesAtOnce = 8 << 20;

    private const ulong GiveBackBytes = 1 << 20;

    /// <summary>Of so many bytes in the ring, one record is looked at for its flow's lag.</summary>
    private const ulong SampleBytes = 16 << 10;

    private ulong _ahead;
    private ulong _sampleAt;

    /// <summary>Records read.</summary>
    public long Records { get; private set; }

    /// <summary>Payload bytes read.</summary>
    public long Bytes { get; private set; }

    /// <summary>Records that were in every replica before their turn came.</summary>
    public long PassedOver { get; private set; }

    /// <summary>Bytes that wait in the ring, or whose room was not given back.</summary>
    public ulong Waiting => ring.Produced - ring.Released;

    /// <summary>Is the ring so full that the programs hold clients back? is_record_filling() in bpf/record.h.</summary>
    public bool HoldsBack => Waiting > ring.Size / 8 * 5;

    /// <summary>So much waits that it moves into windows before it is due, and that clients may be held back soon.</summary>
    private bool IsFilling => Waiting > ring.Size / 4;

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
                GiveBack(nowNs);
            }
        }
        GiveBack(nowNs);
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

    /// <summary>Who is busy and whose replica lags is to be known before all is read: a flow with many bytes in the ring is met soon.</summary>
    private void Sample(in Record record)
    {
        if (_ahead >= _sampleAt)
        {
            _sampleAt = _ahead + SampleBytes;
            if (recordings.Find(record.Key, record.ClientIsn) is { } flow)
            {
                standing.Note(flow, IsFilling);
                limits?.ReviewUnread(flow, ring.Produced - ring.Position);
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
            writer.Forget(earlier);
        }
        writer.Opened(flow, ring.Position);
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
        isDue = isDue || recordings.Policy != RecordPolicy.Unconfirmed || nowNs > record.Ns + takeAfterNs || ring.Produced - ring.Position > ring.Size / 4
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
        var offset = flow.Window.OffsetOf(record.Seq);
        if (recordings.Append(flow, record.Seq, record.Ack, fin, payload, record.Ns).New > 0)
        {
            writer.Taken(flow, offset, ring.Position, record.Ns);
            standing.Note(flow, IsFilling);
            limits?.Review(flow);
            Followers?.Invoke(flow, record, payload);
        }
        return true;
    }

    private void GiveBack(ulong nowNs) => ring.Release(writer.Releasable(ring.Position, ring.Released, RingLevels.RoomOf(Waiting, ring.Size), nowNs));
}
