using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Gateway.Recording.Store;
using Appliance.Native;
using Appliance.Recording;

namespace Appliance.Gateway.Recording;

/// <summary>
/// All recorded flows and what each node has of them. Reads no clock and does no I/O: records, reports and assignments go
/// in; what may be forgotten follows from them. One thread owns it.
/// </summary>
/// <remarks>
/// A byte may be forgotten when every node that could have to carry the flow on has received it, and the policy does not
/// keep it longer. Nodes that cannot have a replica any more are not waited for.
/// </remarks>
public sealed class Recordings(ChunkPool pool, RecordPolicy policy, long windowBytes, bool isBounded, int nodes)
{
    /// <summary>After this many offers without an answer, a flow without a replica counts as unprotected; offers go on.</summary>
    public const int MostOffers = 5;

    /// <summary>More than one segment needs: with so many chunks left, it is the flow's own bound that refuses.</summary>
    private const long ScarceChunks = 64;

    /// <summary>Whoever looks after a server that has ended starts it again within this time.</summary>
    private static readonly ulong RestartNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(2));

    private static readonly ulong NewNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));

    /// <summary>Longer than a busy node takes between two reports.</summary>
    private static readonly ulong StandstillNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(10));

    /// <summary>The same where it catches up: what it lacks comes in pieces, and its client does not stand meanwhile.</summary>
    private static readonly ulong CatchingUpNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(100));

    private static readonly ulong ReclaimNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(100));

    private readonly Dictionary<FlowKey, RecordedFlow> _flows = [];
    private readonly ulong[] _ended = new ulong[nodes];
    private readonly ulong[] _endedNs = new ulong[nodes];
    private ulong _reclaimedNs;

    /// <summary>The assignment in force.</summary>
    public Assignment Assignment { get; private set; } = Assignment.None;

    /// <summary>All flows, those that ended a moment ago included.</summary>
    public IReadOnlyCollection<RecordedFlow> Flows => _flows.Values;

    /// <summary>Number of nodes.</summary>
    public int Nodes => nodes;

    /// <summary>What is kept.</summary>
    public RecordPolicy Policy => policy;

    /// <summary>Bytes of other content at a place where bytes were already recorded: the first ones count.</summary>
    public long ConflictingBytes { get; private set; }

    /// <summary>Windows that were given up because memory or the flow's bound was exhausted.</summary>
    public long Evictions { get; private set; }

    /// <summary>Finds a flow; a null <paramref name="clientIsn"/> is any incarnation.</summary>
    public RecordedFlow? Find(in FlowKey key, uint? clientIsn = null) =>
        _flows.TryGetValue(key, out var flow) && (clientIsn is null || flow.ClientIsn == clientIsn) ? flow : null;

    /// <summary>A connection begins, in the place of an earlier one of the same ends.</summary>
    /// <returns>The earlier one, or null.</returns>
    public RecordedFlow? Open(in FlowKey key, in Handshake handshake, int origin, ulong nowNs, out RecordedFlow flow)
    {
        if (_flows.Remove(key, out var earlier))
        {
            Discard(earlier);
        }
        flow = new RecordedFlow(key, handshake, new FlowWindow(pool, handshake.ClientIsn, isBounded ? windowBytes : long.MaxValue), origin, nowNs, nodes);
        _flows.Add(key, flow);
        return earlier;
    }

    /// <summary>
    /// A connection that an earlier process knew. What follows of it in the ring is appended; what the store holds comes
    /// with <see cref="Settle"/>. Whether the active node has the original or a replica is to be seen from its reports.
    /// </summary>
    public RecordedFlow Adopt(in FlowKey key, in Flow known)
    {
        const long Wrap = 1L << 32;
        const long Reach = 1L << 30;
        Open(key, known.Handshake, -1, known.OpenedNs, out var flow);
        flow.IsAdopted = true;
        var offset = (long)(known.ClientNext - known.Handshake.ClientIsn - 1);
        // 32 bits of the offset are known exactly; the byte count, retransmissions included, tells the rest nearly.
        offset += Math.Max(0, ((long)known.ClientBytes - offset + (Wrap / 2)) / Wrap) * Wrap;
        flow.FoundAt = offset;
        flow.Window.Release(Math.Max(0, offset - Reach));
        return flow;
    }

    /// <summary>
    /// All that an earlier process left of an adopted flow is here now. What is held neither in memory nor by the store was
    /// safe, or is lost.
    /// </summary>
    /// <param name="flow">The flow.</param>
    /// <param name="saved">What the store held of it; null for nothing.</param>
    public void Settle(RecordedFlow flow, SavedFlow? saved)
    {
        if (flow.FoundAt is not { } found)
        {
            return;
        }
        flow.FoundAt = null;
        foreach (var piece in saved?.Pieces ?? [])
        {
            flow.Window.Append(flow.Window.SequenceOf(piece.Offset), piece.Ack, piece.Fin, piece.Bytes, flow.OpenedNs);
        }
        flow.IsStored |= saved is not null;
        flow.StoreEnd = Math.Max(flow.StoreEnd, saved?.Pieces.Select(static piece => piece.End).DefaultIfEmpty().Max() ?? 0);
        // A store that has nothing of a connection was not told how far all nodes were.
        var isTold = saved is not null && (policy == RecordPolicy.Full || (saved.Pieces.Count > 0 && saved.Start > 0));
        var start = saved?.Start ?? 0;
        flow.Window.Release(isTold ? start : Math.Max(start, flow.Window.NextHeld(0) ?? found));
        for (var node = 0; node < nodes; node++)
        {
            ref var share = ref flow.Shares[node];
            share.IsLost |= share.IsKnown && share.Confirmed < flow.Window.Start;
        }
    }

    /// <summary>Has every node that matters what this record holds, so that it need not be copied?</summary>
    public bool IsConfirmed(RecordedFlow flow, uint sequence, int length, bool fin) =>
        policy == RecordPolicy.Unconfirmed && Needed(flow) >= flow.Window.OffsetOf(sequence) + length + (fin ? 1 : 0);

    /// <summary>Notes that a record passed which everybody has.</summary>
    public void Skip(RecordedFlow flow, uint sequence, int length, bool fin)
    {
        var end = flow.Window.OffsetOf(sequence) + length + (fin ? 1 : 0);
        if (end > flow.Window.Start)
        {
            flow.Window.Release(end);
        }
    }

    /// <summary>
    /// Takes a record's content into the flow's window. Where there is no room, what every replica has gives way first, of
    /// this flow and then of all; if that is not enough, the window is given up.
    /// </summary>
    public AppendResult Append(RecordedFlow flow, uint sequence, uint ack, bool fin, ReadOnlySpan<byte> payload, ulong nowNs)
    {
        var result = flow.Window.Append(sequence, ack, fin, payload, nowNs);
        if (result.Refused > 0)
        {
            Reclaim(flow, nowNs);
            result = flow.Window.Append(sequence, ack, fin, payload, nowNs);
        }
        ConflictingBytes += result.Conflicting;
        if (result.Refused > 0)
        {
            Evict(flow, flow.Window.OffsetOf(sequence) + payload.Length + (fin ? 1 : 0));
            return result;
        }
        for (var node = 0; node < nodes; node++)
        {
            MarkBehind(flow, node, nowNs);
        }
        return result;
    }

    /// <summary>A node reports how far its replica has received.</summary>
    public void Confirm(RecordedFlow flow, int node, uint received, bool diverged, ulong nowNs, bool differs = false)
    {
        ref var share = ref flow.Shares[node];
        flow.Origin = flow.Origin == node ? -1 : flow.Origin;
        share.WasKnown = true;
        share.IsPresent = true;
        share.Tells = 0;
        var offset = flow.Window.OffsetOf(received);
        share.ProgressedNs = offset > share.Confirmed || !share.IsKnown ? nowNs : share.ProgressedNs;
        share.Confirmed = share.IsKnown ? Math.Max(share.Confirmed, offset) : offset;
        share.HasOriginal &= node != Assignment.Active; // a replica like any other from now on
        CatchUp(flow, ref share, nowNs);
        share.IsKnown = true;
        share.IsDiverged = diverged;
        share.Differs = differs;
        share.Offers = 0;
        if (share.Confirmed < flow.Window.Start)
        {
            share.IsLost = true;
        }
        else if (share.IsLost)
        {
            share.IsLost = false;
        }
        MarkBehind(flow, node, nowNs);
        Forget(flow);
    }

    /// <summary>A node has no replica of the flow any more.</summary>
    public void Lose(RecordedFlow flow, int node)
    {
        ref var share = ref flow.Shares[node];
        if (KeepsOriginal(flow, node))
        {
            return;
        }
        share = new ReplicaShare { IsLost = !flow.IsComplete && flow.FoundAt is null, WasKnown = true, Offers = share.Offers, ToldNs = share.ToldNs };
        Forget(flow);
    }

    /// <summary>What the node lacks cannot be had any more, or its replica is over (<paramref name="isPresent"/> false).</summary>
    public void GiveUp(RecordedFlow flow, int node, bool isPresent = true)
    {
        ref var share = ref flow.Shares[node];
        if (KeepsOriginal(flow, node))
        {
            return;
        }
        share = new ReplicaShare { IsLost = true, WasKnown = share.WasKnown, IsPresent = share.IsPresent && isPresent };
        Forget(flow);
    }

    /// <summary>A connection between the gateway and a node begins: what the node has is to be learnt anew.</summary>
    public void Unlearn(int node)
    {
        foreach (var flow in _flows.Values)
        {
            ref var share = ref flow.Shares[node];
            share.IsKnown = false;
            share.Offers = 0;
            share.ToldNs = 0;
        }
    }

    /// <summary>The connection has ended.</summary>
    public void Close(RecordedFlow flow, ulong nowNs) => flow.ClosedNs = nowNs;

    /// <summary>Removes a flow and what is held of it.</summary>
    public void Remove(RecordedFlow flow)
    {
        if (_flows.TryGetValue(flow.Key, out var current) && ReferenceEquals(current, flow))
        {
            _flows.Remove(flow.Key);
            Discard(flow);
        }
    }

    /// <summary>
    /// The service is about to move away from the active node, which goes on as a replica: what passes from now on is kept
    /// until its own sockets have become replicas.
    /// </summary>
    public void PrepareToMove()
    {
        foreach (var flow in _flows.Values)
        {
            if (Assignment.Active >= 0 && HasItself(flow, Assignment.Active))
            {
                flow.Shares[Assignment.Active] = new ReplicaShare { HasOriginal = true };
                flow.Origin = -1;
            }
        }
    }

    /// <summary>
    /// The client is to hear other nodes besides the active one. That node's own connection becomes a replica like theirs: what
    /// another has received and it has not is kept for it, and it bears acknowledgements of what only another has said.
    /// </summary>
    public void Share(RecordedFlow flow)
    {
        flow.Shares[flow.Origin] = new ReplicaShare { HasOriginal = true };
        flow.Origin = -1;
        flow.IsShared = true;
    }

    /// <summary>
    /// The service moves, or a replica comes or goes. Who newly replicates has nothing yet; the node that lost the service
    /// has no original any more, unless it goes on as a replica.
    /// </summary>
    public void Assign(in Assignment assignment)
    {
        var was = Assignment;
        Assignment = assignment;
        var goesOn = was.Active >= 0 && assignment.IsReplica(was.Active) ? was.Active : -1;
        foreach (var flow in _flows.Values)
        {
            if (assignment.Active >= 0 && flow.Shares[assignment.Active].HasOriginal && assignment.Active == was.Active)
            {
                // It was to move, and stays.
                flow.Shares[assignment.Active] = default;
                flow.Origin = assignment.Active;
            }
            if (goesOn >= 0 && HasItself(flow, goesOn))
            {
                flow.Shares[goesOn] = new ReplicaShare { HasOriginal = true }; // it began while the move was prepared
            }
            if (flow.Origin >= 0 && flow.Origin != assignment.Active)
            {
                flow.Origin = -1;
            }
            if (assignment.Active >= 0 && was.IsReplica(assignment.Active))
            {
                // As a replica it said what it has: what it lacks now is not its original.
                flow.Shares[assignment.Active].WasKnown &= flow.Shares[assignment.Active].IsKnown;
            }
            for (var node = 0; node < nodes; node++)
            {
                if (node == goesOn)
                {
                    continue;
                }
                var joins = assignment.IsReplica(node) && !was.IsReplica(node);
                var leaves = !assignment.IsReplica(node) && node != assignment.Active;
                if (joins || leaves)
                {
                    flow.Shares[node] = new ReplicaShare { IsLost = !flow.IsComplete && flow.FoundAt is null };
                }
            }
            Forget(flow);
        }
    }

    /// <summary>
    /// Has the active node the connection itself, as far as it has said? One that an earlier process knew, or that a node has
    /// had a replica of, and that the active node does not call a replica, is its original.
    /// </summary>
    public static bool HasItself(RecordedFlow flow, int active) =>
        flow.Origin == active || (flow.Shares[active] is { IsKnown: false, HasOriginal: false } share && (flow.IsAdopted || share.WasKnown));

    /// <summary>Should the node have a replica of the flow?</summary>
    public bool IsHolder(RecordedFlow flow, int node) =>
        node != flow.Origin && (Assignment.IsReplica(node) || node == Assignment.Active);

    /// <summary>The ports at which a node's servers have ended, as <see cref="ServerCondition.Ended"/> has them.</summary>
    /// <returns>A server has begun again: what could not be made before can be now.</returns>
    public bool NoteEnded(int node, ulong ended, ulong nowNs)
    {
        var hasBegun = (_ended[node] & ~ended) != 0;
        _endedNs[node] = (ended & ~_ended[node]) != 0 ? nowNs : _endedNs[node];
        _ended[node] = ended;
        if (hasBegun)
        {
            foreach (var flow in _flows.Values)
            {
                (flow.Shares[node].Offers, flow.Shares[node].ToldNs) = (0, 0);
            }
        }
        return hasBegun;
    }

    /// <summary>Has the node no server that could have a replica of the flow?</summary>
    public bool HasEnded(RecordedFlow flow, int node) => (_ended[node] & ServerCondition.BitOf(flow.Key.ServicePort)) != 0;

    /// <summary>Is a replica of the flow being made at the node, or will be as soon as its server is started again?</summary>
    public bool IsMaking(RecordedFlow flow, int node, ulong nowNs)
    {
        ref readonly var share = ref flow.Shares[node];
        return IsHolder(flow, node) && !share.IsKnown && !share.IsLost && !(share.HasOriginal && node == Assignment.Active) && share.Offers <= MostOffers
            && (!HasEnded(flow, node) || nowNs < _endedNs[node] + RestartNs);
    }

    /// <summary>The offset that every node has reached that may have to carry the flow on.</summary>
    public long Needed(RecordedFlow flow)
    {
        var needed = long.MaxValue;
        for (var node = 0; node < nodes; node++)
        {
            ref readonly var share = ref flow.Shares[node];
            if (IsHolder(flow, node) && !share.IsLost && !share.IsDiverged)
            {
                needed = Math.Min(needed, share.IsKnown ? share.Confirmed : 0);
            }
        }
        return needed;
    }

    /// <summary>Is half of the memory free? Then nodes may come to lack what they lack.</summary>
    public bool HasRoom => pool.UsedBytes < pool.MaxBytes / 2;

    /// <summary>
    /// How far the replicas are that hold a client back: those that follow now, at live nodes; everything else, replicas that
    /// are being made among it, is waited for in memory alone.
    /// </summary>
    /// <remarks>
    /// A client that hears several nodes waits for none that stands still: a dead one would be noticed by that. The record takes
    /// what it lacks while half of the memory is free. Then the client waits after all, and keeps its protection.
    /// </remarks>
    /// <param name="sent">What the client has sent, as an offset.</param>
    public long Reached(RecordedFlow flow, long sent, uint liveNodes, ulong nowNs)
    {
        var reached = sent;
        var mayStand = flow.Voices is > 0 && HasRoom;
        var patience = flow.Limit is null ? StandstillNs : CatchingUpNs;
        for (var node = 0; node < nodes; node++)
        {
            ref readonly var share = ref flow.Shares[node];
            var isStanding = mayStand && nowNs > share.ProgressedNs + patience;
            if (IsHolder(flow, node) && share.IsInStep && !isStanding && (liveNodes & (1u << node)) != 0)
            {
                reached = Math.Min(reached, share.Confirmed);
            }
        }
        return Math.Max(reached, flow.Window.Start);
    }

    /// <summary>Has everybody who can what is recorded of a flow that is over?</summary>
    public static bool IsServed(RecordedFlow flow) =>
        Array.TrueForAll(flow.Shares, s => !s.IsKnown || s.IsLost || s.IsDiverged || s.Confirmed >= flow.Window.End);

    /// <summary>The active node does not share its own connection: then it goes on as before.</summary>
    private bool KeepsOriginal(RecordedFlow flow, int node)
    {
        if (node != Assignment.Active || !flow.Shares[node].HasOriginal)
        {
            return false;
        }
        flow.Shares[node] = default;
        flow.Origin = node;
        flow.IsShared = false;
        flow.Unshared++;
        Forget(flow);
        return true;
    }

    private static void Discard(RecordedFlow flow)
    {
        flow.IsRemoved = true;
        flow.Window.Dispose();
    }

    /// <summary>
    /// A replica that is being made comes nearer in rounds: each is what was recorded during the one before. It counts, and holds
    /// its client back if need be, when it is near, or when it comes no nearer by itself.
    /// </summary>
    private void CatchUp(RecordedFlow flow, ref ReplicaShare share, ulong nowNs)
    {
        if (!share.IsKnown && nowNs < flow.OpenedNs + NewNs)
        {
            (share.CatchesUpTo, share.CatchesUpBytes) = (0, 0); // made with the connection: it holds its client back from the start
            return;
        }
        if (share.IsKnown && (share.CatchesUpTo == 0 || share.Confirmed < share.CatchesUpTo))
        {
            return;
        }
        var lacks = flow.Window.End - share.Confirmed;
        var isNear = lacks <= 0 || (share.IsKnown && (lacks <= windowBytes / 2 || lacks > share.CatchesUpBytes / 4 * 3));
        (share.CatchesUpTo, share.CatchesUpBytes) = isNear ? (0, 0) : (flow.Window.End, lacks);
    }

    /// <summary>With a stream under way, the confirmation is always a little behind: what counts is how long a byte waits.</summary>
    private void MarkBehind(RecordedFlow flow, int node, ulong nowNs)
    {
        ref var share = ref flow.Shares[node];
        if (!share.IsKnown || share.Confirmed >= flow.Window.End)
        {
            share.BehindSinceNs = 0;
        }
        else if (share.BehindSinceNs == 0 || share.Confirmed >= share.BehindUpTo)
        {
            share.BehindSinceNs = nowNs;
            share.BehindUpTo = flow.Window.End;
        }
    }

    /// <summary>Lets go of what is kept by the policy alone: of this flow, and of all flows now and then.</summary>
    private void Reclaim(RecordedFlow flow, ulong nowNs)
    {
        flow.Window.Release(Math.Min(Needed(flow), flow.Window.End));
        if (nowNs < _reclaimedNs + ReclaimNs || policy == RecordPolicy.Unconfirmed || pool.Available > ScarceChunks)
        {
            return;
        }
        _reclaimedNs = nowNs;
        foreach (var other in _flows.Values)
        {
            other.Window.Release(Math.Min(Needed(other), other.Window.End));
        }
    }

    private void Forget(RecordedFlow flow)
    {
        var upTo = policy switch
        {
            RecordPolicy.Full => 0,
            RecordPolicy.Window => Math.Min(Needed(flow), flow.Window.End - windowBytes),
            _ => Math.Min(Needed(flow), flow.Window.End),
        };
        if (upTo > flow.Window.Start)
        {
            flow.Window.Release(upTo);
        }
    }

    private void Evict(RecordedFlow flow, long upTo)
    {
        Evictions++;
        flow.Window.Release(upTo);
        for (var node = 0; node < nodes; node++)
        {
            ref var share = ref flow.Shares[node];
            share.IsLost |= !share.IsKnown || share.Confirmed < upTo;
        }
    }
}
