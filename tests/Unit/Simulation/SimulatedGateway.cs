using Appliance.ControlPlane;
using Appliance.Gateway.Control;
using Appliance.Gateway.Failover;
using Appliance.Native;

namespace Appliance.Tests.Unit.Simulation;

/// <summary>The gateway's process: a shell around <see cref="Coordinator"/> and <see cref="EpochKeeper"/>, as ControlLoop is.</summary>
internal sealed class SimulatedGateway
{
    private const int InboxLimit = 1024;
    private static readonly ulong ResumeNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));
    private static readonly ulong ForgetNodeNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(3));
    private static readonly ulong LongestWaitNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(20));

    private readonly SimulationRun _simulation;
    private readonly SimulationSettings _settings;
    private readonly SimulatedStore _store;
    private readonly Queue<int> _inbox = new();
    private readonly Queue<bool> _orders = new();
    private readonly ReplayGuard[] _guards;
    private readonly ReplayGuard[] _linkGuards;
    private readonly bool[] _known;
    private readonly ulong[] _echoNs;
    private readonly ulong[] _heardNs;
    private Coordinator _coordinator;
    private EpochKeeper _epochs;
    private ulong _bootedAtNs;
    private ulong _instance;
    private ulong _sequence;
    private ulong _wakeNs;
    private int _wakeLife;
    private int _life;

    /// <summary>A gateway that does not run yet.</summary>
    public SimulatedGateway(SimulationRun simulation, SimulatedStore store)
    {
        (_simulation, _settings) = (simulation, simulation.Settings);
        _store = store;
        _guards = new ReplayGuard[_settings.Nodes];
        _linkGuards = new ReplayGuard[_settings.Nodes * _settings.Links];
        _known = new bool[_settings.Nodes * _settings.Links];
        _echoNs = new ulong[_settings.Nodes];
        _heardNs = new ulong[_settings.Nodes];
        _epochs = new EpochKeeper(_store);
        _coordinator = NewCoordinator(-1);
    }

    /// <summary>Does the process run (or pause)?</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Does the process stand still?</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Counts the process's starts and crashes.</summary>
    public int Life => _life;

    /// <summary>How far the machine's wall clock is wrong; a process reads it once, at its start.</summary>
    public long WallClockErrorNs { get; set; }

    /// <summary>The assignment in force.</summary>
    public Assignment Current => Ordered(_coordinator.Current);

    /// <summary>Is a switchover under way?</summary>
    public bool IsPreparing => _coordinator.Prepared is not null;

    private ulong ClockNs => _simulation.NowNs - _bootedAtNs;

    /// <summary>Starts the process.</summary>
    public void Start()
    {
        _life++;
        (IsRunning, IsPaused) = (true, false);
        var isInherited = _simulation.Fence.IsForwarding;
        if (!isInherited)
        {
            _simulation.Fence.Reset();
            _simulation.Fence.IsForwarding = true;
            _bootedAtNs = _simulation.NowNs - 1_000_000_000;
        }
        _instance = SimulationRun.WallClock(_simulation.NowNs, WallClockErrorNs);
        _sequence = 0;
        for (var i = 0; i < _guards.Length; i++)
        {
            _guards[i] = new ReplayGuard();
        }
        for (var i = 0; i < _linkGuards.Length; i++)
        {
            _linkGuards[i] = new ReplayGuard();
        }
        Array.Clear(_known);
        Array.Clear(_echoNs);
        Array.Clear(_heardNs);
        _epochs = new EpochKeeper(_store);
        _simulation.Monitor.OnGatewayStarted();
        var assignment = _simulation.Fence.Assignment;
        var knowsEpoch = assignment.Active >= 0 || (isInherited && _simulation.Mutation == Mutation.TakesNoAssignmentForOne);
        var (floor, last) = knowsEpoch ? (assignment.Epoch, -1) : _epochs.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _coordinator = NewCoordinator(last >= 0 ? last : _settings.Preferred);
        _coordinator.StartAbove(_simulation.Mutation == Mutation.ResumesUnderTheSameEpoch && assignment.Active >= 0 ? 0 : floor);
        if (assignment.Active >= 0)
        {
            // The coordinator goes two epochs up.
            var left = _simulation.Mutation == Mutation.ResumesUnderTheSameEpoch ? assignment with { Epoch = assignment.Epoch - 2 } : assignment;
            var resumed = _coordinator.Resume(left, new Bpf.Layout.MacAddress[_settings.Nodes], ClockNs + ResumeNs);
            if (resumed != assignment)
            {
                _simulation.Fence.Apply(resumed);
            }
            _epochs.Note(resumed);
        }
        Turn();
    }

    /// <summary>The process is gone. Its programs stay, unless the machine is gone with it.</summary>
    public void Crash(bool takesMachine)
    {
        _life++;
        (IsRunning, IsPaused) = (false, false);
        _store.Crash();
        _orders.Clear();
        while (_inbox.TryDequeue(out var datagram))
        {
            _simulation.Network.Take(datagram, out _, out _, out _, out _);
        }
        if (takesMachine)
        {
            _simulation.Fence.IsForwarding = false;
        }
    }

    /// <summary>The process stands still.</summary>
    public void Pause() => IsPaused = true;

    /// <summary>The process goes on: everything that has arrived is read before anybody is called silent.</summary>
    public void Resume()
    {
        IsPaused = false;
        while (_inbox.TryDequeue(out var datagram))
        {
            Read(datagram);
        }
        Turn();
    }

    /// <summary>An operator orders a switchover: forced, or planned.</summary>
    public void Order(bool isForced)
    {
        if (!IsRunning)
        {
            return;
        }
        _orders.Enqueue(isForced);
        if (!IsPaused)
        {
            Turn();
        }
    }

    /// <summary>The wait has ended.</summary>
    public void OnWake(int life)
    {
        if (life != _life || !IsRunning || IsPaused)
        {
            return;
        }
        var deadline = _coordinator.NextDeadlineNs();
        if (_simulation.NowNs < _wakeNs && ClockNs < deadline)
        {
            Sleep();
            return;
        }
        var decision = Turn();
        if (decision?.Cause is Cause.ActiveSilent or Cause.PlanAborted && ClockNs < deadline)
        {
            _simulation.Fail($"{decision.Cause} before the coordinator's own deadline");
        }
        if (_coordinator.NextDeadlineNs() <= ClockNs)
        {
            _simulation.Fail("the coordinator's next deadline has passed when it has looked: the gateway would not sleep at all");
        }
    }

    /// <summary>A datagram arrives at the machine.</summary>
    public void OnArrival(int datagram)
    {
        if (IsRunning && IsPaused && _inbox.Count < InboxLimit)
        {
            _inbox.Enqueue(datagram);
        }
        else if (IsRunning && !IsPaused)
        {
            Read(datagram);
            Turn();
        }
        else
        {
            _simulation.Network.Take(datagram, out _, out _, out _, out _);
        }
    }

    /// <summary>What was given to the store is stored.</summary>
    public void OnStored(int run) => _store.OnWritten(run);

    /// <summary>A gateway that runs has looked at every deadline of the coordinator's.</summary>
    public void CheckDeadline()
    {
        if (IsRunning && !IsPaused && _coordinator.NextDeadlineNs() < ClockNs)
        {
            _simulation.Fail("the gateway has slept through the coordinator's deadline");
        }
    }

    private Coordinator NewCoordinator(int preferred) =>
        new(_settings.Nodes, preferred, _settings.Timeout, _settings.Grace, _settings.Hang);

    /// <summary>One turn of the loop, after everything that has arrived was read.</summary>
    private Decision? Turn()
    {
        var decision = _simulation.Mutation == Mutation.OversleepsDeadlines && _simulation.NowNs < _wakeNs ? null : _coordinator.OnTick(ClockNs);
        CarryOut(decision);
        while (_orders.TryDequeue(out var isForced))
        {
            CarryOut(isForced ? _coordinator.Force(ClockNs) : _coordinator.Plan(Cause.Planned, ClockNs));
        }
        Sleep();
        return decision;
    }

    private void Sleep()
    {
        var now = _simulation.NowNs;
        var deadline = _coordinator.NextDeadlineNs();
        var wait = _simulation.Mutation == Mutation.OversleepsDeadlines
            ? 10 * LongestWaitNs
            : Math.Min(deadline > ClockNs ? deadline - ClockNs : 0, LongestWaitNs);
        // One wake-up that is too early is better than one for every datagram.
        if (_wakeNs <= now || _wakeNs > now + wait || _wakeLife != _life)
        {
            (_wakeNs, _wakeLife) = (now + wait, _life);
            _simulation.Events.Add(_wakeNs, EventKind.GatewayWake, 0, _life);
        }
    }

    private void Read(int datagram)
    {
        if (_simulation.Network.Take(datagram, out _, out var link, out _, out var message) != MessageError.None)
        {
            return;
        }
        var node = message.Node[^1] - '0';
        var wire = (node * _settings.Links) + link;
        if (ClockNs - _heardNs[node] > ForgetNodeNs && _simulation.Mutation != Mutation.NeverForgetsInstances)
        {
            _guards[node].AcceptEarlier(message.Instance);
            for (var i = 0; i < _settings.Links; i++)
            {
                _linkGuards[(node * _settings.Links) + i].AcceptEarlier(message.Instance);
            }
        }
        if (_linkGuards[wire].Judge(message.Instance, message.Sequence) != Freshness.New)
        {
            return;
        }
        var freshness = _guards[node].Judge(message.Instance, message.Sequence);
        if (freshness == Freshness.Stale)
        {
            return;
        }
        _known[wire] = true;
        if (freshness == Freshness.New)
        {
            (_echoNs[node], _heardNs[node]) = (message.SentNs, ClockNs);
            CarryOut(_coordinator.OnHeartbeat(node, message, ClockNs));
        }
        SendAssignment(node, link);
    }

    private void CarryOut(Decision? decision)
    {
        if (decision is null)
        {
            return;
        }
        var assignment = Ordered(decision.Order);
        _simulation.Trace?.Add(
            _simulation.NowNs,
            $"gateway: {(decision.IsPrepared ? "prepares" : "turns to")} node{assignment.Active} in epoch {assignment.Epoch}, replicas {assignment.Replicas:b}: {decision.Cause}");
        if (decision.IsPrepared)
        {
            _simulation.Monitor.OnPrepared(assignment);
            _epochs.Note(assignment with { Active = _coordinator.Current.Active, Replicas = _coordinator.Current.Replicas });
            if (_simulation.Mutation == Mutation.CommitsUnheard)
            {
                _simulation.Fence.Apply(assignment);
            }
            SendAssignments();
            return;
        }
        _simulation.Fence.Apply(assignment);
        SendAssignments();
        _epochs.Note(assignment);
    }

    private void SendAssignments()
    {
        for (var node = 0; node < _settings.Nodes; node++)
        {
            for (var link = 0; link < _settings.Links; link++)
            {
                SendAssignment(node, link);
            }
        }
    }

    private void SendAssignment(int node, int link)
    {
        var isPrepared = _coordinator.Prepared is { } plan && plan.Active == node;
        var current = Ordered(isPrepared ? _coordinator.Prepared!.Value : _coordinator.Current);
        if (current.Active < 0 || !_known[(node * _settings.Links) + link])
        {
            return;
        }
        _coordinator.OnSent(node, ClockNs);
        _simulation.Network.Send(node, link, new Message
        {
            Kind = MessageKind.Assignment,
            Node = SimulatedNode.NameOf(node),
            Role = current.RoleOf(node),
            IsPrepared = isPrepared,
            Epoch = current.Epoch,
            Instance = _instance,
            Sequence = ++_sequence,
            SentNs = ClockNs,
            EchoNs = _echoNs[node],
            Lease = _settings.Lease,
            ReplicaSince = _coordinator.ReplicaSince(node),
        });
    }

    private Assignment Ordered(in Assignment assignment) =>
        _simulation.Mutation == Mutation.ReusesEpochs ? assignment with { Epoch = (assignment.Epoch + 1) / 2 } : assignment;
}
