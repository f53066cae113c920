using System.Collections.Concurrent;
using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Failover;
using Appliance.Gateway.Recording;
using Appliance.Native;
using Appliance.Net;

namespace Appliance.Gateway.Control;

/// <summary>
/// The gateway's end of the control protocol and the shell around <see cref="Coordinator"/>, on one real-time thread.
/// A failover, in order: decision (a planned one comes a second time, once the new active node speaks) → fence, forwarding and copies turn (one store) → orders to all nodes over all links →
/// the kernel's neighbour entries → the event.
/// </summary>
public sealed partial class ControlLoop : IDisposable
{
    private const int KeptEvents = 256;

    /// <summary>Most datagrams that are read from a link before the clock is looked at again: a flood must not stop it.</summary>
    private const int DatagramsPerTurn = 256;

    private static readonly ulong ResumeNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));
    private static readonly ulong ForgetNodeNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(3));
    private static readonly ulong LongestWaitNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(20));

    private readonly GatewayOptions _options;
    private readonly GatewayDataPath _dataPath;
    private readonly Recorder _recorder;
    private readonly EpochKeeper _epochs;
    private readonly ILogger<ControlLoop> _logger;
    private readonly RtNetlink _netlink = new();
    private readonly NodeLinks _links;
    private readonly MessageCodec _codec;
    private readonly Coordinator _coordinator;
    private readonly ReplayGuard[] _guards;
    private readonly ReplayGuard[][] _linkGuards;
    private readonly ulong[] _echoNs;
    private readonly ulong[] _heardNs;
    private readonly long[] _ignored = new long[Enum.GetValues<MessageError>().Length];
    private readonly ulong _instance = (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
    private readonly ConcurrentQueue<Action<ulong>> _orders = new();
    private readonly List<GatewayEvent> _events = [];
    private readonly byte[] _buffer = new byte[2048];
    private readonly int _lanIfindex;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private TaskCompletionSource<(Decision?, PlanRefusal)>? _planned;

    /// <summary>The recorder is ready for the planned switchover of this epoch.</summary>
    private ulong _readyEpoch;
    private bool _leaves;
    private volatile ControlStatus _status;
    private ulong _sequence;

    /// <summary>Binds the heartbeat sockets and starts; nobody is heard or given an order before <paramref name="start"/> is complete.</summary>
    public ControlLoop(GatewayOptions options, GatewayDataPath dataPath, Recorder recorder, EpochKeeper epochs, Task<(ulong Floor, int LastActive)> start, LinkInfo lan, ILogger<ControlLoop> logger)
    {
        _options = options;
        _dataPath = dataPath;
        _recorder = recorder;
        _epochs = epochs;
        _logger = logger;
        _lanIfindex = lan.Index;
        _links = new NodeLinks(options);
        _codec = new MessageCodec(options.Secret);
        var preferred = options.Nodes.ToList().FindIndex(n => n.Name == options.InitialActive);
        var grace = TimeSpan.FromTicks(Math.Max((10 * options.MostDetectionTimeout).Ticks, TimeSpan.FromSeconds(2).Ticks));
        _coordinator = new Coordinator(
            options.Nodes.Count, preferred, options.DetectionTimeout, grace, options.ServerHangTimeout,
            () => new SilenceLimit(options.HeartbeatInterval, options.DetectionTimeout, options.MostDetectionTimeout));
        Heartbeats = [.. options.Nodes.Select(_ => new HeartbeatMeter())];
        _guards = [.. options.Nodes.Select(_ => new ReplayGuard())];
        _linkGuards = [.. options.Nodes.Select(_ => options.HeartbeatBind.Select(_ => new ReplayGuard()).ToArray())];
        _echoNs = new ulong[options.Nodes.Count];
        _heardNs = new ulong[options.Nodes.Count];
        _status = Snapshot();
        _thread = new Thread(() => Run(start)) { IsBackground = true, Name = "control" };
        _thread.Start();
    }

    /// <summary>Complete once nodes are heard; fails with what the start failed with.</summary>
    public Task Begun => _begun.Task;

    /// <summary>The latest snapshot.</summary>
    public ControlStatus Status => _status;

    /// <summary>How each node's heartbeats come.</summary>
    public IReadOnlyList<HeartbeatMeter> Heartbeats { get; }

    /// <summary>Asks for a forced failover; null when no live replica exists.</summary>
    public Task<Decision?> ForceAsync()
    {
        var answer = new TaskCompletionSource<Decision?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(now =>
        {
            try
            {
                var decision = _coordinator.Force(now);
                CarryOut(decision);
                answer.TrySetResult(decision);
            }
            catch (Exception e)
            {
                answer.TrySetException(e);
                throw;
            }
        });
        return answer.Task;
    }

    /// <summary>
    /// Asks for a planned switchover. Completes when the gateway has turned to the new active node, when that was given up
    /// because it did not answer (<see cref="Cause.PlanAborted"/>), or at once when there is nothing to turn to.
    /// </summary>
    public Task<(Decision? Decision, PlanRefusal Refusal)> PlanAsync()
    {
        var answer = new TaskCompletionSource<(Decision?, PlanRefusal)>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(now =>
        {
            var refusal = _coordinator.CanPlan();
            if (refusal != PlanRefusal.None)
            {
                answer.SetResult((null, refusal));
                return;
            }
            _planned = answer;
            CarryOut(_coordinator.Plan(Cause.Planned, now));
        });
        return answer.Task;
    }

    /// <summary>
    /// Asks for a node to be kept out. Completes as <see cref="PlanAsync"/> does when the node holds the service, else at once;
    /// without a decision and a refusal when nothing had to be changed.
    /// </summary>
    public Task<(Decision? Decision, PlanRefusal Refusal)> DrainAsync(int node)
    {
        var answer = new TaskCompletionSource<(Decision?, PlanRefusal)>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(now =>
        {
            var (decision, refusal) = _coordinator.Drain(node, now);
            if (decision is { IsPrepared: true })
            {
                _planned = answer;
                CarryOut(decision);
                return;
            }
            CarryOut(decision);
            KeepDrained();
            answer.SetResult((decision, refusal));
        });
        return answer.Task;
    }

    /// <summary>Lets a node in again, which joins then.</summary>
    public Task AdmitAsync(int node)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(_ =>
        {
            _coordinator.Admit(node);
            KeepDrained();
            answer.SetResult();
        });
        return answer.Task;
    }

    /// <summary>The active node's server closes many connections that its replica keeps open.</summary>
    public void Relieve() => Enqueue(now => CarryOut(_coordinator.Relieve(now)));

    /// <summary>The kernel's neighbour entries stay when this object is disposed of: a successor goes on with them.</summary>
    public void Leave() => _leaves = true;

    /// <summary>Stops and removes the neighbour entries. Nodes fall silent when their lease ends.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _thread.Join();
        _ending.Dispose();
        foreach (var address in _leaves ? [] : _options.Services.SelectMany(s => s.Addresses).Distinct())
        {
            _netlink.RemoveNeighbour(_lanIfindex, address);
        }
        _links.Dispose();
        _netlink.Dispose();
    }

    private void Begin((ulong Floor, int LastActive) start)
    {
        _coordinator.StartAbove(start.Floor);
        if (start.LastActive >= 0 && start.LastActive < _options.Nodes.Count)
        {
            // What the last holder of the service wrote to its disk is the newest.
            _coordinator.StartWith(start.LastActive);
        }
        var drained = _dataPath.Assignment.Active >= 0 ? _dataPath.Drained : _epochs.Drained;
        _coordinator.StartDrained((byte)(drained & ((1 << _options.Nodes.Count) - 1)));
        Resume();
        KeepDrained();
        _status = Snapshot();
    }

    /// <summary>Goes on with what an earlier process left in force; the configuration may have lost its node since.</summary>
    private void Resume()
    {
        var assignment = _dataPath.Assignment;
        if (assignment.Active < 0 || assignment.Active >= _options.Nodes.Count)
        {
            return;
        }
        Span<MacAddress> macs = stackalloc MacAddress[_options.Nodes.Count];
        for (var i = 0; i < macs.Length; i++)
        {
            macs[i] = _dataPath.MacOf(i);
        }
        assignment = _coordinator.Resume(assignment, macs, MonotonicClock.Now + ResumeNs);
        _dataPath.Apply(assignment, macs);
        _recorder.Assign(assignment);
        _epochs.Note(assignment);
        LogResumed(_logger, assignment.Epoch, _options.Nodes[assignment.Active].Name);
    }

    /// <summary>For the next process, which must not let a node in that an operator keeps out.</summary>
    private void KeepDrained()
    {
        if (_epochs.Drained != _coordinator.Drained)
        {
            _epochs.Drained = _coordinator.Drained;
            _epochs.Note(_coordinator.Current);
        }
        if (_dataPath.Drained != _coordinator.Drained)
        {
            _dataPath.Drained = _coordinator.Drained;
        }
    }

    private void Run(Task<(ulong Floor, int LastActive)> start)
    {
        if (!Realtime.TryRaise(10))
        {
            LogNotRealtime(_logger);
        }
        try
        {
            Begin(start.WaitAsync(_ending.Token).GetAwaiter().GetResult());
            _begun.SetResult();
        }
        catch (Exception e)
        {
            _begun.SetException(e);
            return;
        }
        var statusNs = 0UL;
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var now = MonotonicClock.Now;
                var deadline = Math.Min(_coordinator.NextDeadlineNs(), now + LongestWaitNs);
                _links.Wait(TimeSpan.FromTicks((long)((deadline > now ? deadline - now : 0) / 100) + 1));
                // Everything that has arrived is read before anybody is called silent.
                for (var link = 0; link < _links.Count; link++)
                {
                    for (var i = 0; i < DatagramsPerTurn && _links.TryReceive(link, _buffer) is >= 0 and var length; i++)
                    {
                        OnDatagram(link, _buffer.AsSpan(0, length), MonotonicClock.Now);
                    }
                }
                _coordinator.IsRepairing = _recorder.Status.States.GetValueOrDefault(FlowState.Repairing) > 0;
                CarryOut(_coordinator.OnTick(MonotonicClock.Now));
                while (_orders.TryDequeue(out var order))
                {
                    order(MonotonicClock.Now);
                }
                SetGate();
                if (MonotonicClock.Now - statusNs > MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(100)))
                {
                    statusNs = MonotonicClock.Now;
                    _status = Snapshot();
                }
            }
            catch (Exception e)
            {
                LogFailed(_logger, e);
            }
        }
    }

    private void OnDatagram(int link, ReadOnlySpan<byte> datagram, ulong nowNs)
    {
        var error = _codec.TryRead(datagram, out var message);
        var node = error == MessageError.None && message.Kind == MessageKind.Heartbeat ? IndexOf(message.Node) : -1;
        if (error == MessageError.None && node < 0)
        {
            error = MessageError.UnknownNode;
        }
        if (error == MessageError.None && nowNs - _heardNs[node] > ForgetNodeNs)
        {
            // A node whose clock went back has a lower instance: after a long silence it is accepted all the same.
            _guards[node].AcceptEarlier(message.Instance);
            Array.ForEach(_linkGuards[node], guard => guard.AcceptEarlier(message.Instance));
        }
        // The same datagram over another link is redundancy; over the same link it is a replay.
        if (error == MessageError.None && _linkGuards[node][link].Judge(message.Instance, message.Sequence) != Freshness.New)
        {
            error = MessageError.Replayed;
        }
        var freshness = error == MessageError.None ? _guards[node].Judge(message.Instance, message.Sequence) : Freshness.Stale;
        if (freshness == Freshness.Stale)
        {
            _ignored[(int)(error == MessageError.None ? MessageError.Replayed : error)]++;
            return;
        }
        if (freshness == Freshness.New || !_links.Knows(node, link))
        {
            // A replayed copy must not draw the orders to itself.
            _links.Remember(node, link);
        }
        if (freshness == Freshness.New)
        {
            (_echoNs[node], _heardNs[node]) = (message.SentNs, nowNs);
            Heartbeats[node].OnHeartbeat(nowNs);
            if (message.Servers.Ended != _coordinator.Nodes[node].Servers.Ended)
            {
                _recorder.NoteEnded(node, message.Servers.Ended);
            }
            var wasDeaf = _coordinator.Nodes[node].IsDeaf;
            CarryOut(_coordinator.OnHeartbeat(node, message, nowNs));
            if (_coordinator.Nodes[node].IsDeaf && !wasDeaf)
            {
                LogDeaf(_logger, message.Node);
            }
            Complete(node, message.Takeover);
        }
        // The copy over another link is answered, too: the first link's way back may be the broken one.
        SendAssignment(node, link);
    }

    private void CarryOut(Decision? decision)
    {
        if (decision is null)
        {
            return;
        }
        KeepDrained();
        var decidedNs = MonotonicClock.Now;
        var assignment = decision.Order;
        if (decision.IsPrepared)
        {
            _epochs.Note(assignment with { Active = _coordinator.Current.Active, Replicas = _coordinator.Current.Replicas });
            _recorder.PrepareToMove(() =>
            {
                Volatile.Write(ref _readyEpoch, assignment.Epoch);
                Enqueue(_ => SendAssignments());
            });
            LogPrepared(_logger, assignment.Epoch, _options.Nodes[assignment.Active].Name, decision.Cause);
            return;
        }
        Span<MacAddress> macs = stackalloc MacAddress[_options.Nodes.Count];
        for (var i = 0; i < macs.Length; i++)
        {
            macs[i] = _coordinator.Nodes[i].Mac;
        }
        var before = _dataPath.Assignment.Active;
        _dataPath.Apply(assignment, macs);
        var fencedNs = MonotonicClock.Now;
        SendAssignments();
        var orderedNs = MonotonicClock.Now;
        _recorder.Assign(assignment);
        _epochs.Note(assignment);
        foreach (var address in _options.Services.SelectMany(s => s.Addresses).Distinct())
        {
            _netlink.ReplacePermanentNeighbour(_lanIfindex, address, macs[assignment.Active].ToArray());
        }
        var subject = decision.Node >= 0 ? _coordinator.Nodes[decision.Node] : new NodeView();
        var name = decision.Node >= 0 ? _options.Nodes[decision.Node].Name : string.Empty;
        var active = _options.Nodes[assignment.Active].Name;
        var from = before >= 0 && before < _options.Nodes.Count ? _options.Nodes[before].Name : string.Empty;
        _events.Add(new GatewayEvent(
            assignment.Epoch, decision.Cause, name, from, active, DateTimeOffset.UtcNow, subject.LastHeardNs, decidedNs, fencedNs, orderedNs));
        if (_events.Count > KeptEvents)
        {
            _events.RemoveAt(0);
        }
        _status = Snapshot();
        LogAssignment(_logger, assignment.Epoch, active, decision.Cause, name);
        _planned?.TrySetResult((decision, PlanRefusal.None));
        _planned = null;
    }

    /// <summary>Closes by the active node wait for those replicas that would say so: the live ones.</summary>
    private void SetGate()
    {
        uint gate = 0;
        for (var i = 0; i < _coordinator.Nodes.Count; i++)
        {
            gate |= _coordinator.Current.IsReplica(i) && _coordinator.Nodes[i].IsAlive ? 1u << i : 0;
        }
        if (_dataPath.Gate != gate)
        {
            _dataPath.Gate = gate;
        }
    }

    private void SendAssignments()
    {
        for (var node = 0; node < _options.Nodes.Count; node++)
        {
            for (var link = 0; link < _links.Count; link++)
            {
                SendAssignment(node, link);
            }
        }
    }

    private void Enqueue(Action<ulong> order)
    {
        _orders.Enqueue(order);
        _links.WakeUp();
    }

    /// <summary>Adds what the new active node reports of its takeover to the event that ordered it.</summary>
    private void Complete(int node, in TakeoverReport report)
    {
        if (report.Epoch == 0)
        {
            return;
        }
        for (var i = _events.Count - 1; i >= 0 && _events[i].Epoch >= report.Epoch; i--)
        {
            var isComplete = _events[i].FirstSegmentNs == report.FirstSegmentNs && _events[i].Flows == report.Flows;
            if (_events[i].Epoch == report.Epoch && !isComplete && _options.Nodes[node].Name == _events[i].Active)
            {
                _events[i] = _events[i] with { ReceivedNs = report.OrderedNs, FirstSegmentNs = report.FirstSegmentNs, Flows = report.Flows };
                _status = Snapshot();
            }
        }
    }

    private void SendAssignment(int node, int link)
    {
        var isPrepared = _coordinator.Prepared is { } plan && plan.Active == node && Volatile.Read(ref _readyEpoch) == plan.Epoch;
        var current = isPrepared ? _coordinator.Prepared!.Value : _coordinator.Current;
        if (current.Active < 0 || !_links.Knows(node, link))
        {
            return;
        }
        var now = MonotonicClock.Now;
        _coordinator.OnSent(node, now);
        var message = new Message
        {
            Kind = MessageKind.Assignment,
            Node = _options.Nodes[node].Name,
            Role = current.RoleOf(node),
            IsPrepared = isPrepared,
            Epoch = current.Epoch,
            Instance = _instance,
            Sequence = ++_sequence,
            SentNs = now,
            EchoNs = _echoNs[node],
            Lease = _options.Lease,
            ReplicaSince = _coordinator.ReplicaSince(node),
        };
        Span<byte> datagram = stackalloc byte[MessageCodec.Length];
        _links.Send(node, link, _codec.Write(message, datagram));
    }

    private int IndexOf(string name)
    {
        for (var i = 0; i < _options.Nodes.Count; i++)
        {
            if (_options.Nodes[i].Name == name)
            {
                return i;
            }
        }
        return -1;
    }

    private ControlStatus Snapshot()
    {
        uint live = 0;
        for (var i = 0; i < _coordinator.Nodes.Count; i++)
        {
            live |= _coordinator.Nodes[i].IsAlive ? 1u << i : 0;
        }
        _recorder.LiveNodes = live;
        var ignored = new Dictionary<MessageError, long>();
        for (var i = 1; i < _ignored.Length; i++)
        {
            ignored[(MessageError)i] = _ignored[i];
        }
        return new ControlStatus(_coordinator.Current, _coordinator.Drained, [.. _coordinator.Nodes], [.. _events], ignored);
    }

    [LoggerMessage(1001, LogLevel.Warning, "Heartbeats run at ordinary priority: without CAP_SYS_NICE a busy machine may look like a dead node")]
    private static partial void LogNotRealtime(ILogger logger);

    [LoggerMessage(1006, LogLevel.Warning, "{Node} is heard and does not hear: the way to it is cut, and it counts as silent")]
    private static partial void LogDeaf(ILogger logger, string node);

    [LoggerMessage(1004, LogLevel.Information, "Epoch {Epoch} goes on: {Active} holds the service")]
    private static partial void LogResumed(ILogger logger, ulong epoch, string active);

    [LoggerMessage(1005, LogLevel.Information, "Epoch {Epoch} is prepared: {Active} is to speak first ({Cause})")]
    private static partial void LogPrepared(ILogger logger, ulong epoch, string active, Cause cause);

    [LoggerMessage(1002, LogLevel.Error, "The control loop failed and goes on")]
    private static partial void LogFailed(ILogger logger, Exception e);

    [LoggerMessage(1003, LogLevel.Information, "Epoch {Epoch}: {Active} holds the service ({Cause}: {Node})")]
    private static partial void LogAssignment(ILogger logger, ulong epoch, string active, Cause cause, string node);
}
