using Appliance.Bpf.Layout;
using Appliance.Native;
using Appliance.Recording;
using Appliance.RepairChannel;

namespace Appliance.Gateway.Recording;

/// <summary>
/// What the gateway tells the nodes: the bytes that they ask for, flows that they should have and did not report, how far
/// a client is when its node cannot know, and which connections are over. Reads no clock; one thread owns it.
/// </summary>
/// <param name="find">The gateway's own view of a connection, from the programs' table.</param>
/// <param name="drain">Takes all that was recorded until now into the windows.</param>
/// <param name="making">Is told on which nodes replicas of a flow are being made.</param>
public sealed class RepairDesk(Recordings recordings, IRepairOutlet outlet, RepairDesk.FlowLookup find, Action drain, RepairDesk.MakingChanged making)
{
    /// <summary>Payload of one answer: small enough for the receive buffer of a frugal server.</summary>
    private const int LargestPiece = 32 << 10;

    /// <summary>Offers between two looks: a node that joins opens its replicas as fast as its servers accept.</summary>
    private const int OffersPerTurn = 64;

    private static readonly ulong SettleNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(2));
    private static readonly ulong PositionNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(20));
    private static readonly ulong FirstOfferNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(50));
    private static readonly ulong LongestOfferNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(2));
    private static readonly ulong GiveUpNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(10));

    /// <summary>So long the replicas of a new connection come by themselves.</summary>
    private static readonly ulong FreshNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(100));
    private static readonly ulong OfferNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(5));

    /// <summary>How long a flow that is over is kept for a replica that has not received all of it.</summary>
    private static readonly ulong UnservedNs = MonotonicClock.Nanoseconds(TimeSpan.FromMinutes(1));
    private static readonly ulong EndNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(3));
    private static readonly ulong RemoveNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(10));

    private readonly List<RecordedFlow> _unsettled = [];
    private readonly List<RecordedFlow> _closed = [];
    private readonly StrayReplicas _strays = new();
    private readonly byte[] _piece = new byte[LargestPiece];
    private ulong _offeredNs;

    /// <summary>Looks a connection up in the programs' table.</summary>
    public delegate bool FlowLookup(in FlowKey key, out Flow flow);

    /// <summary>Notes the mask of the nodes on which replicas of a connection are being made.</summary>
    public delegate void MakingChanged(in FlowKey key, in Making making);

    /// <summary>Payload bytes sent to nodes.</summary>
    public long RepairedBytes { get; private set; }

    /// <summary>Requests answered.</summary>
    public long Requests { get; private set; }

    /// <summary>Requests for bytes that are not held any more.</summary>
    public long Refused { get; private set; }

    /// <summary>Flows offered to nodes that had no replica of them.</summary>
    public long Offers { get; private set; }

    /// <summary>A connection has begun, or a replica of it is gone: the nodes should report replicas of it soon.</summary>
    public void Opened(RecordedFlow flow)
    {
        if (!flow.IsUnsettled)
        {
            flow.IsUnsettled = true;
            _unsettled.Add(flow);
        }
    }

    /// <summary>A connection has ended.</summary>
    /// <param name="flow">The connection.</param>
    /// <param name="last">What the programs' table said of it, where that is known: replicas may still lack its end.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC.</param>
    public void Closed(RecordedFlow flow, Flow? last, ulong nowNs)
    {
        flow.Last = last;
        recordings.Close(flow, nowNs);
        _closed.Add(flow);
    }

    /// <summary>Any flow may lack a replica now: a node has joined, or connected anew.</summary>
    public void Reconsider()
    {
        foreach (var flow in recordings.Flows)
        {
            Opened(flow);
        }
    }

    /// <summary>A node reports on a flow.</summary>
    /// <returns>True when the node has not had a replica of the flow before, for all that is known.</returns>
    public bool OnProgress(int node, in ProgressEntry entry, ulong nowNs)
    {
        var flow = recordings.Find(entry.Flow, entry.ClientIsn);
        if (flow is null)
        {
            if (!entry.Flags.HasFlag(ProgressFlags.Over) && !IsInTable(entry.Flow, entry.ClientIsn))
            {
                _strays.Note(node, new EndEntry(entry.Flow, entry.ClientIsn), nowNs);
            }
            return false;
        }
        if (entry.Flags.HasFlag(ProgressFlags.Over))
        {
            recordings.GiveUp(flow, node, isPresent: false);
            flow.Shares[node].IsEnded = entry.Flags.HasFlag(ProgressFlags.Ended);
            NoteMaking(flow, nowNs); // a replica that was never heard of counts as one that is being made
        }
        else if (entry.Flags.HasFlag(ProgressFlags.Confirmed))
        {
            var isNew = !flow.Shares[node].IsKnown;
            recordings.Confirm(flow, node, entry.Received, entry.Flags.HasFlag(ProgressFlags.Diverged), nowNs, entry.Flags.HasFlag(ProgressFlags.Differs));
            return isNew;
        }
        return false;
    }

    /// <summary>A node's replica has gone.</summary>
    public void OnLost(int node, in LostEntry entry)
    {
        if (recordings.Find(entry.Flow, entry.ClientIsn) is { } flow)
        {
            recordings.Lose(flow, node);
            if (flow.ClosedNs == 0)
            {
                Opened(flow);
            }
        }
    }

    /// <summary>A node asks for bytes; for none, it asks how far the client is.</summary>
    public void OnNeed(int node, in NeedEntry need, ulong nowNs)
    {
        Requests++;
        var flow = recordings.Find(need.Flow, need.ClientIsn);
        if (flow is null)
        {
            if (!IsInTable(need.Flow, need.ClientIsn))
            {
                outlet.End(node, new EndEntry(need.Flow, need.ClientIsn));
            }
            else if (need.Bytes > 0)
            {
                outlet.Supply(node, new BytesHeader(need.Flow, need.ClientIsn, need.From, 0, BytesFlags.Last), []); // not yet
            }
            return;
        }
        if (need.Bytes == 0)
        {
            Tell(node, flow, nowNs);
            return;
        }
        // At once: the node has confirmed what comes before, and by now nothing of what it asks for has been let go.
        var from = flow.Window.OffsetOf(need.From);
        if (from < flow.Window.Start || IsHole(flow, from, need.From))
        {
            Refused++;
            var available = flow.Window.NextHeld(Math.Max(from, flow.Window.Start)) ?? Math.Max(from, flow.Window.End);
            recordings.GiveUp(flow, node);
            outlet.Refuse(node, new GoneEntry(flow.Key, flow.ClientIsn, flow.Window.SequenceOf(available)));
            return;
        }
        Send(node, flow, from, need.Bytes);
    }

    /// <summary>Is what the node asks for in the window already? If not, the ring may have it.</summary>
    public bool HasReady(in NeedEntry need) =>
        need.Bytes == 0 || recordings.Find(need.Flow, need.ClientIsn) is not { } flow
            || flow.Window.NextHeld(flow.Window.OffsetOf(need.From)) == flow.Window.OffsetOf(need.From)
            || (find(need.Flow, out var current) && (int)(current.ClientNext - need.From) <= 0);

    /// <summary>Looks at flows that should have replicas. To be called every few milliseconds.</summary>
    public void Tick(ulong nowNs)
    {
        if (nowNs >= _offeredNs + OfferNs)
        {
            _offeredNs = nowNs;
            OfferMissing(nowNs);
        }
    }

    /// <summary>
    /// Looks at flows that are over, and at all flows for replicas that cannot know what they lack. To be called some ten
    /// times a second.
    /// </summary>
    public void Review(ulong nowNs)
    {
        TellEnds(nowNs);
        _strays.Review(nowNs, SettleStray);
        foreach (var flow in recordings.Flows)
        {
            for (var node = 0; node < recordings.Nodes; node++)
            {
                ref var share = ref flow.Shares[node];
                if (share.BehindSinceNs != 0 && share.IsReplica && recordings.IsHolder(flow, node) && nowNs > share.BehindSinceNs + PositionNs
                    && nowNs > share.ToldNs + (PositionNs << Math.Min(share.Tells, 6)))
                {
                    share.Tells++;
                    Tell(node, flow, nowNs);
                }
            }
        }
    }

    /// <summary>
    /// Is the byte one that the server has acknowledged and nobody holds? Then the client will not send it again. What the server
    /// has acknowledged was recorded before, so it is in the ring if it is not in the window.
    /// </summary>
    private bool IsHole(RecordedFlow flow, long offset, uint sequence)
    {
        if (flow.FoundAt is not null || flow.Window.NextHeld(offset) == offset || !TryFind(flow, out var current)
            || (int)(current.ServerAck - sequence) <= 0)
        {
            return false;
        }
        drain();
        return flow.Window.NextHeld(offset) != offset;
    }

    /// <summary>Is the connection known by now? If not, the node is told that it is over; false when that has to be tried again.</summary>
    private bool SettleStray(int node, EndEntry end) =>
        recordings.Find(end.Flow, end.ClientIsn) is not null || IsInTable(end.Flow, end.ClientIsn) || outlet.End(node, end);

    private bool TryFind(RecordedFlow flow, out Flow current)
    {
        current = flow.Last ?? default;
        return flow.Last is not null || TryFind(flow.Key, flow.ClientIsn, out current);
    }

    private bool TryFind(in FlowKey key, uint clientIsn, out Flow current) => find(key, out current) && current.Handshake.ClientIsn == clientIsn;

    private bool IsInTable(in FlowKey key, uint clientIsn) => TryFind(key, clientIsn, out _);

    private void Send(int node, RecordedFlow flow, long from, uint bytes)
    {
        for (var left = (long)bytes; ;)
        {
            var room = _piece.AsSpan(0, (int)Math.Min(LargestPiece, left));
            var found = flow.Window.TryRead(from, room, out var piece) ? piece : new WindowPiece(from, 0, 0, Fin: false, 0);
            left -= found.Length;
            from = found.End;
            // An answer always ends: the node then asks on, and others have had their turn.
            var isLast = left <= 0 || found.Length == 0 || found.Fin || outlet.IsBusy(node);
            var flags = (found.Fin ? BytesFlags.Fin : BytesFlags.None) | (isLast ? BytesFlags.Last : BytesFlags.None);
            var isSent = outlet.Supply(
                node, new BytesHeader(flow.Key, flow.ClientIsn, flow.Window.SequenceOf(found.Offset), found.Ack, flags), room[..found.Length]);
            RepairedBytes += isSent ? found.Length : 0;
            if (!isSent || isLast)
            {
                return;
            }
        }
    }

    private void Tell(int node, RecordedFlow flow, ulong nowNs)
    {
        if (TryFind(flow, out var current))
        {
            flow.Shares[node].ToldNs = nowNs;
            outlet.Tell(node, new PositionEntry(
                flow.Key, flow.ClientIsn, current.ClientNext, current.ClientAck, current.ServerNext, current.ServerAck, ushort.MaxValue));
        }
    }

    private void OfferMissing(ulong nowNs)
    {
        var offers = 0;
        var kept = 0;
        for (var i = 0; i < _unsettled.Count; i++)
        {
            var flow = _unsettled[i];
            flow.IsUnsettled = Consider(flow, nowNs, ref offers);
            NoteMaking(flow, nowNs);
            if (flow.IsUnsettled)
            {
                _unsettled[kept++] = flow;
            }
        }
        _unsettled.RemoveRange(kept, _unsettled.Count - kept);
    }

    private void NoteMaking(RecordedFlow flow, ulong nowNs)
    {
        uint nodes = 0;
        for (var node = 0; node < recordings.Nodes && flow.ClosedNs == 0 && !flow.IsRemoved && nowNs > flow.OpenedNs + FreshNs; node++)
        {
            nodes |= recordings.IsMaking(flow, node, nowNs) ? 1u << node : 0;
        }
        if (nodes != flow.Making)
        {
            flow.Making = nodes;
            if (!flow.IsRemoved || recordings.Find(flow.Key) is null or { Making: 0 })
            {
                making(flow.Key, new Making { ClientIsn = flow.ClientIsn, Nodes = nodes });
            }
        }
    }

    /// <summary>False when nobody lacks a replica of the flow that could have one.</summary>
    private bool Consider(RecordedFlow flow, ulong nowNs, ref int offers)
    {
        if (flow.ClosedNs != 0 || flow.IsRemoved)
        {
            return false;
        }
        var isOpen = false;
        for (var node = 0; node < recordings.Nodes; node++)
        {
            ref var share = ref flow.Shares[node];
            if (share.IsKnown || share.IsLost || !recordings.IsHolder(flow, node))
            {
                continue;
            }
            isOpen = true;
            if (!outlet.IsSettled(node) || outlet.ScannedNs(node) < flow.OpenedNs + SettleNs)
            {
                continue;
            }
            if (node == recordings.Assignment.Active && Recordings.HasItself(flow, node))
            {
                flow.Origin = node;
                continue;
            }
            if (flow.FoundAt is not null)
            {
                continue; // what the store holds of it is still to come
            }
            if (share.HasOriginal)
            {
                if ((node == recordings.Assignment.Active && !flow.IsShared) || outlet.EpochOf(node) < recordings.Assignment.Epoch)
                {
                    continue; // it still holds the service, or thinks so
                }
                if (share.Offers > Recordings.MostOffers)
                {
                    recordings.GiveUp(flow, node);
                    continue;
                }
            }
            else if (!flow.IsComplete || (share.Offers > Recordings.MostOffers && nowNs > flow.OpenedNs + GiveUpNs && recordings.Policy != RecordPolicy.Full))
            {
                recordings.GiveUp(flow, node);
                continue;
            }
            else if (recordings.HasEnded(flow, node) && recordings.Policy == RecordPolicy.Full)
            {
                continue; // until a server listens again
            }
            var pauseNs = Math.Min(FirstOfferNs << Math.Min(share.Offers, 6), LongestOfferNs);
            if (offers < OffersPerTurn && (share.Offers == 0 || nowNs > share.ToldNs + pauseNs) && Offer(node, flow, nowNs))
            {
                offers++;
            }
        }
        return isOpen;
    }

    private bool Offer(int node, RecordedFlow flow, ulong nowNs)
    {
        if (!TryFind(flow.Key, flow.ClientIsn, out var current) || current.IsOver)
        {
            return false;
        }
        var h = flow.Handshake;
        var flags = h.Flags | (flow.Shares[node].HasOriginal ? HandshakeFlags.Original : HandshakeFlags.None);
        var age = nowNs > h.SynackNs ? nowNs - h.SynackNs : 0;
        if (!outlet.Offer(node, new FlowEntry(
            flow.Key, age, h.ClientIsn, h.ServerIsn, h.SynackTsval, flags, h.ClientMss, h.ClientWscale, h.ServerWscale,
            ushort.MaxValue, current.ClientNext, current.ClientAck, current.ServerNext, current.ServerAck)))
        {
            return false;
        }
        Offers++;
        flow.Shares[node].Offers++;
        flow.Shares[node].ToldNs = nowNs;
        return true;
    }

    private void TellEnds(ulong nowNs)
    {
        var kept = 0;
        for (var i = 0; i < _closed.Count; i++)
        {
            var flow = _closed[i];
            if (!flow.IsRemoved && !IsFinished(flow, nowNs))
            {
                _closed[kept++] = flow;
            }
            else
            {
                recordings.Remove(flow);
            }
        }
        _closed.RemoveRange(kept, _closed.Count - kept);
    }

    /// <summary>
    /// A flow that is over stays for replicas that lack something of it; then they have some time to end by themselves, and
    /// are told.
    /// </summary>
    private bool IsFinished(RecordedFlow flow, ulong nowNs)
    {
        if (flow.ServedNs == 0)
        {
            if (!Recordings.IsServed(flow) && nowNs < flow.ClosedNs + UnservedNs)
            {
                return false;
            }
            flow.ServedNs = nowNs;
        }
        if (!flow.IsEndTold && nowNs > flow.ServedNs + EndNs)
        {
            flow.IsEndTold = TellEnd(flow);
        }
        return Array.TrueForAll(flow.Shares, static s => !s.IsPresent) || nowNs > flow.ServedNs + RemoveNs;
    }

    private bool TellEnd(RecordedFlow flow)
    {
        var isTold = true;
        for (var node = 0; node < recordings.Nodes; node++)
        {
            if (flow.Shares[node].IsPresent)
            {
                isTold &= outlet.End(node, new EndEntry(flow.Key, flow.ClientIsn));
            }
        }
        return isTold;
    }
}
