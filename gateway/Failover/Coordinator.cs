using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Native;

namespace Appliance.Gateway.Failover;

/// <summary>
/// Decides who holds the service. A pure state machine: heartbeats and the passing of time go in, changes of assignment
/// come out; it reads no clock and does no I/O.
/// </summary>
/// <remarks>
/// 1. Learning: until every node is alive, or the grace has passed, nothing is decided: a restarted gateway adopts the
///    node that already holds the service, and its own slow start costs no node its place.
/// 2. An active node that is silent for longer than the timeout loses the service to the live replica that was heard last.
/// 3. Without a live replica the assignment stays: the active node may still serve, unprotected.
/// 4. A replica that is silent cannot take over, but goes on receiving copies for a grace: a heartbeat that was late must
///    not cost it a segment, which would leave holes in its flows.
/// 5. Every change has a higher epoch than anything that any node has ever reported.
/// 6. An active node whose server has ended, fails its probe, or leaves its input unread, loses the service to a live replica
///    whose servers are strictly better off; also when it closes many connections that its replica keeps open.
/// 7. A planned switchover is prepared first: the new active node speaks under the next epoch, unheard, before the gateway
///    turns to it. Until it says so, or if it does not, the assignment in force stays.
/// 8. A drained node has no part in any assignment until it is let in again. One that holds the service gives it away as in a
///    planned switchover first.
/// </remarks>
public sealed class Coordinator
{
    /// <summary>A node that is to speak first may be busy, however short the detection timeout; the active node serves meanwhile.</summary>
    private static readonly ulong LeastPatienceNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(500));

    private static readonly ulong RelievedNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(10));

    private readonly NodeView[] _nodes;
    private int _preferred;
    private readonly ulong _timeoutNs;
    private readonly SilenceLimit[] _limits;
    private readonly Hearing[] _hearing;
    private readonly ulong _graceNs;
    private readonly ulong _hangNs;
    private readonly ulong[] _replicaSince;
    private Decision? _prepared;
    private ulong _preparedUntilNs;
    private ulong _relievedNs;
    private ulong _startedNs;
    private ulong _highestEpoch;

    /// <summary>A coordinator of <paramref name="nodes"/> nodes.</summary>
    /// <param name="preferred">Index of the node that starts as the active one, or -1.</param>
    /// <param name="grace">How long to learn at most at the start, and how long a silent replica keeps its copies.</param>
    /// <param name="hang">How long an active server may leave its input unread that a replica's takes; zero is for ever.</param>
    /// <param name="limit">How long each node may be silent, where that is not always <paramref name="detectionTimeout"/>.</param>
    public Coordinator(int nodes, int preferred, TimeSpan detectionTimeout, TimeSpan grace, TimeSpan hang = default, Func<SilenceLimit>? limit = null)
    {
        limit ??= () => new SilenceLimit(TimeSpan.Zero, detectionTimeout, detectionTimeout);
        _limits = [.. Enumerable.Range(0, nodes).Select(_ => limit())];
        _hearing = [.. Enumerable.Range(0, nodes).Select(_ => new Hearing())];
        _hangNs = MonotonicClock.Nanoseconds(hang);
        _replicaSince = new ulong[nodes];
        _nodes = [.. Enumerable.Repeat(new NodeView(), nodes)];
        _preferred = preferred;
        _timeoutNs = MonotonicClock.Nanoseconds(detectionTimeout);
        _graceNs = MonotonicClock.Nanoseconds(grace);
    }

    /// <summary>The assignment in force.</summary>
    public Assignment Current { get; private set; } = Assignment.None;

    /// <summary>A planned assignment that its new active node is told of, and nobody else; null when there is none.</summary>
    public Assignment? Prepared => _prepared?.Order;

    /// <summary>
    /// Connections wait for a replica that is being made or lacks bytes: the service does not move in good order by itself now.
    /// </summary>
    public bool IsRepairing { get; set; }

    /// <summary>What is known of each node.</summary>
    public IReadOnlyList<NodeView> Nodes => _nodes;

    /// <summary>The nodes that an operator keeps out, one bit each.</summary>
    public byte Drained { get; private set; }

    /// <summary>Does an operator keep the node out?</summary>
    public bool IsDrained(int node) => (Drained & (1 << node)) != 0;

    /// <summary>Goes on with the nodes that an earlier process kept out.</summary>
    public void StartDrained(byte nodes) => Drained = nodes;

    /// <summary>
    /// Epoch since which node <paramref name="node"/> has received every copy: what it replicated before has holes.
    /// </summary>
    public ulong ReplicaSince(int node) => _replicaSince[node];

    /// <summary>Epochs up to this one may have been ordered before.</summary>
    public void StartAbove(ulong epoch) => _highestEpoch = Math.Max(_highestEpoch, epoch);

    /// <summary>Prefers another node than the constructor was told as the one that starts as the active one.</summary>
    public void StartWith(int node) => _preferred = node;

    /// <summary>
    /// Goes on with the assignment that an earlier process left in force. Its nodes count as heard until
    /// <paramref name="untilNs"/>: they have had nobody to speak to.
    /// </summary>
    /// <returns>
    /// The same assignment under an epoch that no node has been given a role in: the earlier process may have prepared one
    /// beyond the one in force.
    /// </returns>
    public Assignment Resume(in Assignment assignment, ReadOnlySpan<MacAddress> macs, ulong untilNs)
    {
        _highestEpoch = Math.Max(_highestEpoch, assignment.Epoch + 2);
        Current = assignment with { Epoch = _highestEpoch };
        for (var i = 0; i < _nodes.Length; i++)
        {
            if (i == assignment.Active || assignment.IsReplica(i))
            {
                _nodes[i] = new NodeView { LastHeardNs = untilNs, SilenceLimitNs = _limits[i].Ns, IsAlive = true, Role = assignment.RoleOf(i), Epoch = assignment.Epoch, Mac = macs[i] };
            }
        }
        return Current;
    }

    /// <summary>An order was sent to node <paramref name="node"/>.</summary>
    public void OnSent(int node, ulong nowNs) => _hearing[node].OnSent(nowNs);

    /// <summary>Takes in an authentic, fresh heartbeat of node <paramref name="node"/>.</summary>
    public Decision? OnHeartbeat(int node, in Message heartbeat, ulong nowNs)
    {
        _startedNs = _startedNs == 0 ? nowNs : _startedNs;
        if (!_hearing[node].Hears(heartbeat.EchoNs, _limits[node].Ns, nowNs))
        {
            _nodes[node] = _nodes[node] with { IsDeaf = true };
            _highestEpoch = Math.Max(_highestEpoch, heartbeat.Epoch);
            return null;
        }
        _limits[node].OnHeartbeat(nowNs);
        _nodes[node] = new NodeView
        {
            LastHeardNs = nowNs,
            SilenceLimitNs = _limits[node].Ns,
            IsAlive = true,
            Role = heartbeat.Role,
            Epoch = heartbeat.Epoch,
            Mac = heartbeat.Mac,
            Servers = heartbeat.Servers,
            Flows = heartbeat.Flows,
            Takeover = heartbeat.Takeover,
        };
        _highestEpoch = Math.Max(_highestEpoch, heartbeat.Epoch);
        if (Current.Active < 0)
        {
            return Start(nowNs);
        }
        if (_prepared is { } plan && node == plan.Order.Active && heartbeat.Epoch == plan.Order.Epoch)
        {
            return heartbeat.Role == NodeRole.Active ? Commit(plan) : null;
        }
        if (heartbeat.Epoch > Current.Epoch)
        {
            return Change(Current.Active, Cause.EpochRaised, node, nowNs);
        }
        if (_prepared is not null)
        {
            return null; // one change at a time
        }
        if (node != Current.Active && !Current.IsReplica(node) && !IsDrained(node))
        {
            return Change(Current.Active, Cause.ReplicaJoined, node, nowNs);
        }
        return JudgeServers(nowNs);
    }

    /// <summary>
    /// When <see cref="OnTick"/> could have something to say without another heartbeat: just after the first live node's
    /// timeout, CLOCK_MONOTONIC nanoseconds.
    /// </summary>
    public ulong NextDeadlineNs()
    {
        var deadline = ulong.MaxValue;
        foreach (var node in _nodes)
        {
            if (node.IsAlive)
            {
                deadline = Math.Min(deadline, node.LastHeardNs + node.SilenceLimitNs + 1);
            }
        }
        return _prepared is null ? deadline : Math.Min(deadline, _preparedUntilNs + 1);
    }

    /// <summary>Looks for nodes that have fallen silent. To be called at <see cref="NextDeadlineNs"/>, and now and then.</summary>
    public Decision? OnTick(ulong nowNs)
    {
        _startedNs = _startedNs == 0 ? nowNs : _startedNs;
        MarkSilent(nowNs);
        if (Current.Active < 0)
        {
            return Start(nowNs);
        }
        var lost = -1;
        for (var i = 0; i < _nodes.Length; i++)
        {
            if (Current.IsReplica(i) && Silence(i, nowNs) > _graceNs)
            {
                lost = i;
            }
        }
        if (!_nodes[Current.Active].IsAlive && Successor() is >= 0 and var successor)
        {
            return Change(successor, Cause.ActiveSilent, Current.Active, nowNs);
        }
        if (lost >= 0)
        {
            return Change(Current.Active, Cause.ReplicaLost, lost, nowNs);
        }
        return _prepared is { } plan && (nowNs > _preparedUntilNs || !_nodes[plan.Order.Active].IsAlive)
            ? Change(Current.Active, Cause.PlanAborted, plan.Order.Active, nowNs)
            : null;
    }

    /// <summary>Moves the service to a live replica at an operator's word; null when there is none.</summary>
    public Decision? Force(ulong nowNs) => Current.Active >= 0 && Successor() is >= 0 and var successor
        ? Change(successor, Cause.Forced, Current.Active, nowNs)
        : null;

    /// <summary>Could the service be moved as <see cref="Plan"/> does it?</summary>
    public PlanRefusal CanPlan()
    {
        if (Current.Active < 0 || !_nodes[Current.Active].IsAlive)
        {
            return PlanRefusal.NoActive;
        }
        if (_prepared is not null)
        {
            return PlanRefusal.UnderWay;
        }
        if (Successor() is not (>= 0 and var successor) || _nodes[successor].Epoch != Current.Epoch)
        {
            return PlanRefusal.NoReplica;
        }
        return Lacks(successor, Current.Active) ? PlanRefusal.ReplicaServers : PlanRefusal.None;
    }

    /// <summary>
    /// Prepares to move the service to a live replica; null when <see cref="CanPlan"/> says why not. The old active node goes
    /// on as a replica, with what it has.
    /// </summary>
    public Decision? Plan(Cause cause, ulong nowNs)
    {
        if (CanPlan() != PlanRefusal.None)
        {
            return null;
        }
        var (from, to) = (Current.Active, Successor());
        var replicas = (byte)((Current.Replicas | (1 << from)) & ~(1 << to) & ~Drained);
        _highestEpoch = Math.Max(_highestEpoch, Current.Epoch) + 1;
        _prepared = new Decision(new Assignment(_highestEpoch, to, replicas), cause, from, IsPrepared: true);
        _preparedUntilNs = nowNs + Math.Max(_timeoutNs, LeastPatienceNs);
        return _prepared;
    }

    /// <summary>
    /// The active node's server closes connections that its replica keeps open. Prepares to move the service as
    /// <see cref="Plan"/> does; null when that cannot be, or was done a moment ago: two servers that differ must not throw the
    /// service to and fro.
    /// </summary>
    public Decision? Relieve(ulong nowNs)
    {
        if (IsRepairing || (_relievedNs != 0 && nowNs < _relievedNs + RelievedNs) || Plan(Cause.ServerCloses, nowNs) is not { } plan)
        {
            return null;
        }
        _relievedNs = nowNs;
        return plan;
    }

    /// <summary>
    /// Keeps a node out from now on. When it holds the service, that moves first, as <see cref="Plan"/> does it; when that is given
    /// up, the node stays in.
    /// </summary>
    /// <returns>Nothing to carry out for a node that has no part anyway; or why the service cannot move.</returns>
    public (Decision? Decision, PlanRefusal Refusal) Drain(int node, ulong nowNs)
    {
        if (_prepared is not null)
        {
            return (null, PlanRefusal.UnderWay);
        }
        if (node == Current.Active && CanPlan() is var refusal and not PlanRefusal.None)
        {
            return (null, refusal);
        }
        Drained |= (byte)(1 << node);
        return (node == Current.Active ? Plan(Cause.NodeDrained, nowNs)
            : Current.IsReplica(node) ? Change(Current.Active, Cause.NodeDrained, node, nowNs)
            : null, PlanRefusal.None);
    }

    /// <summary>Lets a node in again: it joins with its next heartbeat.</summary>
    public void Admit(int node) => Drained &= (byte)~(1 << node);

    private Decision Commit(Decision plan)
    {
        _prepared = null;
        Current = plan.Order;
        return plan with { IsPrepared = false };
    }

    /// <summary>Is a replica so much better off that the service moves there?</summary>
    private Decision? JudgeServers(ulong nowNs)
    {
        var active = Current.Active;
        if (!_nodes[active].IsAlive || Successor() is not (>= 0 and var successor) || _nodes[successor].Epoch != Current.Epoch || Lacks(successor, active))
        {
            return null;
        }
        if (LacksServer(active, successor))
        {
            return Change(successor, Cause.ServerEnded, active, nowNs);
        }
        if (Lacks(active, successor))
        {
            return Plan(Cause.ServerFails, nowNs);
        }
        var stalledNs = MonotonicClock.Nanoseconds(_nodes[active].Servers.Stalled);
        return _hangNs != 0 && !IsRepairing && stalledNs >= _hangNs && MonotonicClock.Nanoseconds(_nodes[successor].Servers.Stalled) < _hangNs / 2
            ? Plan(Cause.ServerHangs, nowNs)
            : null;
    }

    /// <summary>Lacks one node a server that another has?</summary>
    private bool LacksServer(int node, int other) => (_nodes[node].Servers.Ended & ~_nodes[other].Servers.Ended) != 0;

    /// <summary>The same, or one that works while its own does not.</summary>
    private bool Lacks(int node, int other) => LacksServer(node, other) || (_nodes[node].Servers.IsFailing && !_nodes[other].Servers.IsFailing);

    private Decision? Start(ulong nowNs)
    {
        MarkSilent(nowNs);
        if (!Enumerable.Range(0, _nodes.Length).All(i => _nodes[i].IsAlive || IsDrained(i)) && nowNs - _startedNs < _graceNs)
        {
            return null;
        }
        var holder = -1;
        for (var i = 0; i < _nodes.Length; i++)
        {
            if (_nodes[i] is { IsAlive: true, Role: NodeRole.Active } && !IsDrained(i) && (holder < 0 || _nodes[i].Epoch > _nodes[holder].Epoch))
            {
                holder = i;
            }
        }
        if (holder >= 0)
        {
            return Change(holder, Cause.Adopted, holder, nowNs);
        }
        var candidates = Enumerable.Range(0, _nodes.Length).Where(i => _nodes[i].IsAlive && !IsDrained(i)).DefaultIfEmpty(-1).ToList();
        var first = candidates.Contains(_preferred) ? _preferred : candidates[0];
        return first >= 0 ? Change(first, Cause.Start, first, nowNs) : null;
    }

    private void MarkSilent(ulong nowNs)
    {
        for (var i = 0; i < _nodes.Length; i++)
        {
            if (_nodes[i].IsAlive && Silence(i, nowNs) > _nodes[i].SilenceLimitNs)
            {
                _nodes[i] = _nodes[i] with { IsAlive = false };
            }
        }
    }

    /// <summary>The live replica whose servers are best off, and of those the one that was heard last; or -1.</summary>
    private int Successor()
    {
        var best = -1;
        for (var i = 0; i < _nodes.Length; i++)
        {
            // A node that has joined, but not yet said that it has forgotten what it was before, could speak for dead connections.
            if (i == Current.Active || !Current.IsReplica(i) || IsDrained(i) || !_nodes[i].IsAlive || _nodes[i].Epoch < _replicaSince[i])
            {
                continue;
            }
            if (best < 0 || Lacks(best, i) || (!Lacks(i, best) && _nodes[i].LastHeardNs > _nodes[best].LastHeardNs))
            {
                best = i;
            }
        }
        return best;
    }

    private ulong Silence(int node, ulong nowNs) => nowNs > _nodes[node].LastHeardNs ? nowNs - _nodes[node].LastHeardNs : 0;

    private Decision Change(int active, Cause cause, int node, ulong nowNs)
    {
        var was = Current;
        _prepared = null;
        if (cause == Cause.PlanAborted)
        {
            Admit(active);
        }
        _highestEpoch = Math.Max(_highestEpoch, was.Epoch) + 1;
        byte replicas = 0;
        for (var i = 0; i < _nodes.Length; i++)
        {
            // The node that just lost the service is no replica: what it holds are sockets of its own. It joins anew.
            var stays = was.IsReplica(i) && Silence(i, nowNs) <= _graceNs;
            var joins = i == node ? cause is Cause.ReplicaJoined : i != was.Active && _nodes[i].IsAlive;
            if (i == active || IsDrained(i) || !(stays || joins))
            {
                continue;
            }
            replicas |= (byte)(1 << i);
            if (!was.IsReplica(i))
            {
                _replicaSince[i] = _highestEpoch;
            }
        }
        Current = new Assignment(_highestEpoch, active, replicas);
        return new Decision(Current, cause, node);
    }
}
