using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Native;
using Appliance.RepairChannel;
using Microsoft.Extensions.Logging;

namespace Appliance.Node.Repair;

/// <summary>
/// Keeps the replicas complete: looks at all of them again and again, tells the gateway how far each is, asks for what it
/// lacks, and injects what comes. Goes on during and after a takeover. One thread owns it.
/// </summary>
public sealed partial class Resupply
{
    /// <summary>So few replicas are looked up one by one: to walk through an empty table takes a millisecond.</summary>
    private const int Few = 512;

    /// <summary>Then it is walked so seldom, and only when the programs have made new ones.</summary>
    private static readonly ulong WalkNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(20));

    /// <summary>While bytes come, reports are looked at so often; a look takes as long at most (<see cref="HeldSegments.ReadReports"/>).</summary>
    private static readonly ulong ReportsNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(2));

    private readonly NodeDataPath _dataPath;
    private readonly Injector _injector;
    private readonly HeldSegments _held;
    private readonly DatagramSupply _datagrams;
    private readonly Divergence _divergence;
    private readonly RepairLink _link;
    private readonly ILogger _logger;
    private readonly Dictionary<FlowKey, WatchedReplica> _watched = [];
    private readonly List<(FlowKey Key, WatchedReplica Watched)> _lacking = [];
    private readonly List<FlowKey> _gone = [];
    private readonly RepairRequests _requests = new();
    private readonly FrameHandler _handler;
    private bool _isCrowded;
    private ulong _arrivedNs;
    private ulong _reportsNs;
    private ulong _wholeNs;
    private ulong _epoch;
    private ulong _made;
    private ulong _scan;
    private ulong _nowNs;

    /// <summary>Starts with no replicas.</summary>
    public Resupply(NodeDataPath dataPath, Injector injector, HeldSegments held, DatagramSupply datagrams, Divergence divergence, RepairLink link, ILogger logger)
    {
        _dataPath = dataPath;
        _injector = injector;
        _held = held;
        _datagrams = datagrams;
        _divergence = divergence;
        _link = link;
        _logger = logger;
        _handler = OnFrame;
    }

    /// <summary>Replicas.</summary>
    public int Count => _watched.Count;

    /// <summary>Replicas that lack bytes.</summary>
    public int Lacking => _lacking.Count;

    /// <summary>Reads what the gateway says, and connects to it.</summary>
    public void Pump(ulong nowNs)
    {
        _nowNs = nowNs;
        if (_link.Pump(_handler, nowNs))
        {
            foreach (var watched in _watched.Values)
            {
                watched.IsReported = false;
                watched.AskedNs = 0;
                watched.IsGone = false;
            }
            foreach (var (_, ended) in _divergence.Ended)
            {
                ended.IsReported = false;
            }
            _requests.Clear();
            _datagrams.TellAll(nowNs);
        }
        _link.Flush();
    }

    /// <summary>Looks at every replica, or at those that are known, as long as they are few.</summary>
    public void Scan(ulong nowNs)
    {
        Begin(nowNs);
        _scan++;
        _lacking.Clear();
        // Who waits for this node's word in a new epoch waits for a look at all.
        var epoch = Volatile.Read(ref _dataPath.State.Epoch);
        var isDue = nowNs >= _wholeNs || epoch != _epoch;
        var made = Volatile.Read(ref _dataPath.State.ReplicasMade); // before the look: what is made meanwhile is the next one's
        var isWalked = _watched.Count > Few || (isDue && made != _made) || !LookAtKnown();
        if (isWalked)
        {
            _lacking.Clear();
            LookAtAll();
            _made = made;
        }
        if (isWalked || isDue)
        {
            _epoch = epoch;
            _wholeNs = nowNs + WalkNs;
            TellWhole(epoch);
        }
        if (_lacking.Count > 1)
        {
            _lacking.Sort(static (a, b) => (a.Watched.ServedNs, a.Watched.GapSinceNs).CompareTo((b.Watched.ServedNs, b.Watched.GapSinceNs)));
        }
        foreach (var (key, watched) in _lacking)
        {
            Act(key, watched);
        }
        _link.Flush();
    }

    private void LookAtAll()
    {
        _dataPath.Replicas.ForEachBatch(Look);
        if (_watched.Count != 0)
        {
            ForgetVanished();
        }
    }

    /// <summary>Every replica has been looked at.</summary>
    private void TellWhole(ulong epoch)
    {
        ReportEnded();
        if (_link.IsReady)
        {
            new ScanDoneEntry(_scan, epoch).Write(_link.Add(FrameKind.ScanDone, ScanDoneEntry.Length));
        }
    }

    /// <summary>False when one of them is gone.</summary>
    private bool LookAtKnown()
    {
        foreach (var (key, watched) in _watched)
        {
            if (!Refresh(key, watched))
            {
                return false;
            }
            LookAt(key, watched);
        }
        return true;
    }

    /// <summary>Only the replicas that lack bytes, between two looks at all.</summary>
    public void Hurry(ulong nowNs)
    {
        Begin(nowNs);
        var kept = 0;
        for (var i = 0; i < _lacking.Count; i++)
        {
            var (key, watched) = _lacking[i];
            if (Refresh(key, watched) && IsLacking(key, watched))
            {
                Act(key, watched); // whoever has waited longest comes first, as in the look at all
                _lacking[kept++] = (key, watched);
            }
        }
        _lacking.RemoveRange(kept, _lacking.Count - kept);
        _link.Flush();
    }

    private void Begin(ulong nowNs)
    {
        _nowNs = nowNs;
        _isCrowded = false;
        _requests.Expire(_arrivedNs, nowNs);
    }

    private bool IsSilent => _dataPath.Role == NodeRole.Replica;

    private void Look(ReadOnlySpan<FlowKey> keys, ReadOnlySpan<Replica> replicas)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            ref var watched = ref CollectionsMarshal.GetValueRefOrAddDefault(_watched, keys[i], out _);
            if (watched is null || watched.ClientIsn != replicas[i].ClientIsn)
            {
                if (watched is { IsReported: true })
                {
                    new LostEntry(keys[i], watched.ClientIsn).Write(_link.Add(FrameKind.Lost, LostEntry.Length));
                }
                watched = new WatchedReplica { ClientIsn = replicas[i].ClientIsn };
            }
            watched.Scan = _scan;
            watched.Replica = replicas[i];
            LookAt(keys[i], watched);
        }
    }

    private void LookAt(in FlowKey key, WatchedReplica watched)
    {
        Report(key, watched);
        if (watched.ReportedStanding == ReplicaStanding.Over)
        {
            return;
        }
        if (IsLacking(key, watched))
        {
            _lacking.Add((key, watched));
        }
        else if (_link.IsReady && RepairPlan.NeedsPosition(watched, _nowNs))
        {
            Ask(key, watched, 0);
        }
    }

    private void Report(in FlowKey key, WatchedReplica watched)
    {
        var replica = watched.Replica;
        var standing = RepairPlan.StandingOf(replica, _divergence.IsSilent(key, replica), _divergence.Differs(key, replica), IsSilent, _nowNs);
        if (!_link.IsReady || (watched.IsReported && !watched.IsDue && watched.ReportedReceived == replica.Received && watched.ReportedStanding == standing))
        {
            watched.ReportedStanding = standing;
            return;
        }
        (watched.IsReported, watched.IsDue) = (true, false);
        watched.ReportedReceived = replica.Received;
        watched.ReportedStanding = standing;
        var flags = standing switch
        {
            ReplicaStanding.Over => ProgressFlags.Over,
            ReplicaStanding.Opening => ProgressFlags.None,
            ReplicaStanding.Diverged => ProgressFlags.Confirmed | ProgressFlags.Diverged,
            ReplicaStanding.Differing => ProgressFlags.Confirmed | ProgressFlags.Differs,
            _ => ProgressFlags.Confirmed,
        };
        Write(key, replica, flags);
    }

    /// <summary>Whether or not the gateway has ever heard of them: what has no replica here it would have made anew.</summary>
    private void ReportEnded()
    {
        foreach (var (key, ended) in _divergence.Ended)
        {
            if (_link.IsReady && !ended.IsReported)
            {
                ended.IsReported = true;
                Write(key, ended.Replica, ProgressFlags.Over | ProgressFlags.Ended);
            }
        }
    }

    private void Write(in FlowKey key, in Replica replica, ProgressFlags flags) =>
        new ProgressEntry(key, replica.ClientIsn, replica.Received, replica.Sent, replica.Window, flags)
            .Write(_link.Add(FrameKind.Progress, ProgressEntry.Length));

    private void ForgetVanished()
    {
        _gone.Clear();
        foreach (var (key, watched) in _watched)
        {
            if (watched.Scan != _scan)
            {
                _gone.Add(key);
            }
        }
        foreach (var key in _gone)
        {
            if (_watched.Remove(key, out var watched) && watched.IsReported && _divergence.FindEnded(key, watched.ClientIsn) is null)
            {
                new LostEntry(key, watched.ClientIsn).Write(_link.Add(FrameKind.Lost, LostEntry.Length));
            }
        }
    }

    private bool IsLacking(in FlowKey key, WatchedReplica watched)
    {
        var since = watched.GapSinceNs;
        var isLacking = RepairPlan.IsLacking(watched, _held.NextSequence(key, watched.Replica.Received), _nowNs);
        if (since != 0 && !isLacking && watched.WasSupplied)
        {
            var microseconds = MonotonicClock.Duration(MonotonicClock.Now - since).TotalMicroseconds;
            new RepairedEntry((uint)Math.Min(microseconds, uint.MaxValue)).Write(_link.Add(FrameKind.Repaired, RepairedEntry.Length));
        }
        watched.WasSupplied &= isLacking;
        return isLacking;
    }

    private void Act(in FlowKey key, WatchedReplica watched)
    {
        var action = RepairPlan.Next(watched, _arrivedNs, _nowNs);
        if (action == RepairAction.Probe)
        {
            // The stack answers within the call: what it has received is known when it returns.
            watched.ProbedNs = _nowNs;
            _injector.Probe(key, watched.Replica);
            if (!Refresh(key, watched) || !IsLacking(key, watched))
            {
                return;
            }
            action = RepairPlan.Next(watched, _arrivedNs, _nowNs);
        }
        if (action == RepairAction.Ask && _link.IsReady && (_requests.HasRoom || NoteCrowd()))
        {
            Ask(key, watched, RepairPlan.Request(watched, _held.NextSequence(key, watched.Replica.Received), _nowNs));
        }
    }

    /// <summary>Asks for bytes; for none, how far the client is.</summary>
    private void Ask(in FlowKey key, WatchedReplica watched, uint bytes)
    {
        new NeedEntry(key, watched.ClientIsn, watched.Replica.Received, bytes).Write(_link.Add(FrameKind.Need, NeedEntry.Length));
        if (bytes > 0)
        {
            _requests.Add(watched, bytes, _nowNs);
        }
    }

    private bool NoteCrowd()
    {
        _isCrowded = true;
        return false;
    }

    private bool Refresh(in FlowKey key, WatchedReplica watched)
    {
        if (!_dataPath.Replicas.TryGet(key, out var replica) || replica.ClientIsn != watched.ClientIsn)
        {
            return false;
        }
        watched.Replica = replica;
        return true;
    }

    private void OnFrame(FrameKind kind, ReadOnlySpan<byte> body)
    {
        switch (kind)
        {
            case FrameKind.Bytes:
                OnBytes(BytesHeader.Read(body), body[BytesHeader.Length..]);
                break;
            case FrameKind.Flow:
                for (; body.Length > 0; body = body[FlowEntry.Length..])
                {
                    OnOffer(FlowEntry.Read(body));
                }
                break;
            case FrameKind.Position:
                for (; body.Length > 0; body = body[PositionEntry.Length..])
                {
                    OnPosition(PositionEntry.Read(body));
                }
                break;
            case FrameKind.Gone:
                for (; body.Length > 0; body = body[GoneEntry.Length..])
                {
                    OnGone(GoneEntry.Read(body));
                }
                break;
            case FrameKind.End:
                for (; body.Length > 0; body = body[EndEntry.Length..])
                {
                    OnEnd(EndEntry.Read(body));
                }
                break;
            case FrameKind.Voice:
                for (; body.Length > 0; body = body[VoiceEntry.Length..])
                {
                    OnVoice(VoiceEntry.Read(body));
                }
                break;
            case FrameKind.Datagram:
                _datagrams.OnDatagram(DatagramHeader.Read(body), body[DatagramHeader.Length..]);
                break;
            default:
                break;
        }
    }

    private void OnBytes(in BytesHeader header, ReadOnlySpan<byte> payload)
    {
        _arrivedNs = MonotonicClock.Now;
        if (_arrivedNs >= _reportsNs)
        {
            // Who has what he needs must not wait until all others have theirs.
            _held.ReadReports();
            _reportsNs = MonotonicClock.Now + ReportsNs;
        }
        if (!_watched.TryGetValue(header.Flow, out var watched) || watched.ClientIsn != header.ClientIsn || !Refresh(header.Flow, watched))
        {
            return;
        }
        var fin = header.Flags.HasFlag(BytesFlags.Fin);
        if (payload.Length > 0 || fin)
        {
            watched.WasSupplied = true;
            _injector.Resend(header.Flow, watched.Replica, header.Sequence, header.Ack, fin, payload);
        }
        var end = header.Sequence + (uint)payload.Length + (fin ? 1u : 0);
        if (!header.Flags.HasFlag(BytesFlags.Last) || !RepairPlan.IsExpected(watched, header.Sequence, header.Sequence + (uint)payload.Length) || !Refresh(header.Flow, watched))
        {
            return;
        }
        if (watched.Replica.Received != end)
        {
            _injector.Probe(header.Flow, watched.Replica); // stacks delay their acknowledgements
            if (!Refresh(header.Flow, watched))
            {
                return;
            }
        }
        _held.ReadReports(); // what came back, because it answers output that the replica has yet to produce, is held now
        _requests.Answered(watched);
        watched.ServedNs = _nowNs;
        var goesOn = RepairPlan.Answered(watched, end, _nowNs);
        if (IsLacking(header.Flow, watched) && goesOn && watched.Replica.Window > 0 && !_isCrowded && _requests.HasRoom)
        {
            Ask(header.Flow, watched, RepairPlan.Request(watched, _held.NextSequence(header.Flow, watched.Replica.Received), _nowNs));
        }
    }

    private void OnOffer(in FlowEntry offer)
    {
        if (_divergence.FindEnded(offer.Flow, offer.ClientIsn) is { } ended)
        {
            ended.IsReported = false; // the gateway has missed it
            return;
        }
        if (_dataPath.Replicas.TryGet(offer.Flow, out var replica))
        {
            if (replica.ClientIsn == offer.ClientIsn)
            {
                if ((replica.Flags & ReplicaFlags.Confirmed) != ReplicaFlags.None)
                {
                    if (_watched.TryGetValue(offer.Flow, out var watched))
                    {
                        watched.IsDue = true; // the gateway has missed it: the next look reports it again
                    }
                    return;
                }
            }
            else
            {
                _injector.Reset(offer.Flow, replica);
                _dataPath.Forget(offer.Flow);
            }
        }
        _wholeNs = 0; // what comes of it is to be noticed at the next look
        var handshake = offer.ToHandshake(_nowNs);
        if ((offer.Flags & HandshakeFlags.Original) != HandshakeFlags.None)
        {
            // An active node is offered its own connections when their clients are to hear others, too: its hooks look at them then.
            Volatile.Write(ref _dataPath.State.Inherited, 1);
            _dataPath.Openings.Set(offer.Flow, handshake);
            _injector.Adopt(offer.Flow, offer.ClientNext, offer.ClientAck);
            if (!_dataPath.Replicas.TryGet(offer.Flow, out _) && !_dataPath.Openings.TryGet(offer.Flow, out _))
            {
                // The hook has looked, within the call, and there is no such socket: it died with its server, or with this node.
                new LostEntry(offer.Flow, offer.ClientIsn).Write(_link.Add(FrameKind.Lost, LostEntry.Length));
            }
        }
        else
        {
            _dataPath.Openings.Set(offer.Flow, handshake);
            _injector.FinishHandshake(offer.Flow, handshake);
        }
        if (_dataPath.Replicas.TryGet(offer.Flow, out replica))
        {
            _injector.Position(offer.Flow, replica, offer.ClientNext, offer.ClientAck);
        }
    }

    private void OnPosition(in PositionEntry position)
    {
        if (_dataPath.Replicas.TryGet(position.Flow, out var replica) && replica.ClientIsn == position.ClientIsn)
        {
            _injector.Position(position.Flow, replica, position.ClientNext, position.ClientAck);
        }
    }

    /// <summary>Without such a replica nothing is told: what the stack made of the frame would be a reset.</summary>
    private void OnVoice(in VoiceEntry voice)
    {
        if (_dataPath.Replicas.TryGet(voice.Flow, out var replica) && replica.ClientIsn == voice.ClientIsn
            && (replica.Flags & ReplicaFlags.Confirmed) != ReplicaFlags.None)
        {
            if (voice.Order != VoiceOrder.End)
            {
                _injector.SetHot(voice.Flow, voice.ClientIsn, voice.Order == VoiceOrder.Hot);
            }
            else if (!IsSilent)
            {
                _divergence.End([(voice.Flow, replica)]);
            }
        }
    }

    private void OnGone(in GoneEntry gone)
    {
        if (_watched.TryGetValue(gone.Flow, out var watched) && watched.ClientIsn == gone.ClientIsn && !watched.IsGone)
        {
            watched.IsGone = true;
            _requests.Answered(watched);
            watched.AskedNs = 0;
            LogGone(_logger, gone.Flow, gone.AvailableFrom - watched.Replica.Received);
        }
    }

    private void OnEnd(in EndEntry end)
    {
        if (_dataPath.Replicas.TryGet(end.Flow, out var replica) && replica.ClientIsn == end.ClientIsn && IsSilent)
        {
            _injector.Reset(end.Flow, replica);
        }
    }

    [LoggerMessage(2012, LogLevel.Warning, "{Flow} is unprotected: the gateway does not hold {Bytes} bytes any more that its replica lacks")]
    private static partial void LogGone(ILogger logger, FlowKey flow, uint bytes);
}
