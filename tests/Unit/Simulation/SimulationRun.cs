using Appliance.ControlPlane;
using Appliance.Native;

namespace Appliance.Tests.Unit.Simulation;

/// <summary>
/// A gateway, its nodes and the network between them, in virtual time: the product's own decisions (Coordinator, Obedience,
/// ReplayGuard, EpochKeeper, MessageCodec) in shells as thin as possible. Everything follows from the seed. First faults come
/// one upon the other, and after every event it is checked that nothing happened that must never happen; then they stop, and
/// within a bounded time the service has to be whole.
/// </summary>
internal sealed class SimulationRun
{
    /// <summary>The virtual clock at the beginning.</summary>
    public const ulong StartNs = 3_600_000_000_000;

    /// <summary>The wall clock when the virtual one is 0.</summary>
    private const ulong WallClockBaseNs = 1_700_000_000_000_000_000;

    /// <summary>How long the service has to be whole before the rest of the calm is skipped.</summary>
    private const ulong WholeNs = 150_000_000;

    private readonly FaultInjector _injector;
    private readonly ulong _orderSpacingNs;
    private ulong _calmNs;
    private ulong _wholeSinceNs;

    private SimulationRun(SimulationSettings settings, Mutation mutation, SimulationTrace? trace)
    {
        (Settings, Mutation, Trace) = (settings, mutation, trace);
        Random = new SimulationRandom(settings.Seed);
        NowNs = StartNs;
        Events = new EventQueue();
        Network = new SimulatedNetwork(this);
        Monitor = new SafetyMonitor(this);
        Fence = new SimulatedFence(this) { IsForwarding = false };
        Gateway = new SimulatedGateway(this, new SimulatedStore(this));
        Nodes = new SimulatedNode[settings.Nodes];
        for (var i = 0; i < Nodes.Length; i++)
        {
            Nodes[i] = new SimulatedNode(this, i);
        }
        _injector = new FaultInjector(this);
        _orderSpacingNs = Math.Min(8 * settings.SpacingNs, 1_000_000_000);
    }

    /// <summary>The configuration.</summary>
    public SimulationSettings Settings { get; }

    /// <summary>The defect that is to be found, if any.</summary>
    public Mutation Mutation { get; }

    /// <summary>What happens, as text; null in a run that nobody reads.</summary>
    public SimulationTrace? Trace { get; }

    /// <summary>The source of every choice.</summary>
    public SimulationRandom Random { get; }

    /// <summary>The virtual clock.</summary>
    public ulong NowNs { get; private set; }

    /// <summary>What is due.</summary>
    public EventQueue Events { get; }

    /// <summary>The links.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>Objects to what must never happen.</summary>
    public SafetyMonitor Monitor { get; }

    /// <summary>The gateway's programs.</summary>
    public SimulatedFence Fence { get; }

    /// <summary>The gateway's process.</summary>
    public SimulatedGateway Gateway { get; }

    /// <summary>The nodes.</summary>
    public SimulatedNode[] Nodes { get; }

    /// <summary>Faults so far.</summary>
    public int Faults { get; private set; }

    /// <summary>Events so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Runs a seed; a violation is thrown with what led to it.</summary>
    /// <returns>Faults that were injected, and events.</returns>
    public static (int Faults, long Steps) Run(ulong seed, Mutation mutation = Mutation.None)
    {
        var settings = SimulationSettings.Of(seed);
        var simulation = new SimulationRun(settings, mutation, trace: null);
        try
        {
            simulation.Run();
            return (simulation.Faults, simulation.Steps);
        }
        catch (SimulationViolationException violation)
        {
            throw new SimulationViolationException(Explain(settings, mutation, violation));
        }
    }

    /// <summary>A machine's wall clock.</summary>
    public static ulong WallClock(ulong nowNs, long errorNs) => (ulong)((long)(WallClockBaseNs + nowNs) + errorNs);

    /// <summary>A property does not hold.</summary>
    public void Fail(string what) => throw new SimulationViolationException(what);

    /// <summary>The same run once more, with its last events as text.</summary>
    private static string Explain(SimulationSettings settings, Mutation mutation, SimulationViolationException violation)
    {
        var trace = new SimulationTrace();
        var again = new SimulationRun(settings, mutation, trace);
        try
        {
            again.Run();
            return $"{violation.Message}; the run cannot be repeated: {settings}";
        }
        catch (SimulationViolationException)
        {
            var at = (again.NowNs - StartNs) / 1e6;
            return $"{violation.Message}, at {at:F3} ms, after {again.Faults} faults\n{settings}, {mutation}\nReplay: {SimulationTests.SeedVariable}={settings.Seed}\n{trace}";
        }
    }

    private void Run()
    {
        foreach (var node in Nodes)
        {
            Events.Add(NowNs + Random.Within(50_000_000), EventKind.NodeStart, node.Index);
        }
        Events.Add(NowNs + Random.Within(50_000_000), EventKind.GatewayStart, 0);
        Events.Add(NowNs + 200_000_000, EventKind.Fault, 0);
        Events.Add(NowNs + Random.Within(_orderSpacingNs), EventKind.Order, 0);
        while (_calmNs == 0 || !IsOver())
        {
            var next = Events.Take();
            NowNs = next.AtNs;
            Steps++;
            Handle(next);
            Monitor.Check();
        }
    }

    private void Handle(in SimulationEvent e)
    {
        switch (e.Kind)
        {
            case EventKind.Arrival:
                Arrive(e.Subject);
                break;
            case EventKind.Heartbeat:
                Nodes[e.Subject].OnTimer(e.Detail);
                break;
            case EventKind.GatewayWake:
                Gateway.OnWake(e.Detail);
                break;
            case EventKind.Fault:
                Break();
                break;
            case EventKind.Order:
                Order();
                break;
            case EventKind.NodeStart when !Nodes[e.Subject].IsRunning && e.Detail == Nodes[e.Subject].Life:
                Trace?.Add(NowNs, $"node{e.Subject}: starts");
                Nodes[e.Subject].Start();
                break;
            case EventKind.NodeResume when Nodes[e.Subject].IsPaused && e.Detail == Nodes[e.Subject].Life:
                Trace?.Add(NowNs, $"node{e.Subject}: goes on");
                Nodes[e.Subject].Resume();
                break;
            case EventKind.GatewayStart when !Gateway.IsRunning && e.Detail == Gateway.Life:
                Trace?.Add(NowNs, $"gateway: starts, {(Fence.IsForwarding ? $"inherits {Fence.Assignment}" : "anew")}");
                Gateway.Start();
                break;
            case EventKind.GatewayResume when Gateway.IsPaused && e.Detail == Gateway.Life:
                Trace?.Add(NowNs, "gateway: goes on");
                Gateway.Resume();
                break;
            case EventKind.WireHeals:
                Network.Heal(e.Subject);
                break;
            case EventKind.NetworkCalms when _calmNs == 0:
                Network.Undisturb(e.Detail);
                break;
            case EventKind.ServersRestored:
                Nodes[e.Subject].Restore();
                break;
            case EventKind.StoreWritten:
                Gateway.OnStored(e.Detail);
                break;
            default:
                break;
        }
    }

    private void Arrive(int datagram)
    {
        Network.Peek(datagram, out var node, out var isHeartbeat);
        if (isHeartbeat)
        {
            Gateway.OnArrival(datagram);
        }
        else
        {
            Nodes[node].OnArrival(datagram);
        }
    }

    private void Break()
    {
        if (Faults >= Settings.Faults)
        {
            Trace?.Add(NowNs, "calm");
            _calmNs = NowNs;
            _injector.Calm();
            return;
        }
        Faults += _injector.TryInject() ? 1 : 0;
        Events.Add(NowNs + Random.Within(2 * Settings.SpacingNs), EventKind.Fault, 0);
    }

    private void Order()
    {
        if (_calmNs != 0)
        {
            return;
        }
        var isForced = Random.Below(3) == 0;
        Trace?.Add(NowNs, $"operator: {(isForced ? "forces a failover" : "plans a switchover")}");
        Gateway.Order(isForced);
        Events.Add(NowNs + Random.Within(2 * _orderSpacingNs), EventKind.Order, 0);
    }

    /// <summary>Has the calm lasted long enough? Then the service has to be whole, and to stay so.</summary>
    private bool IsOver()
    {
        // Restarts, a gateway or a node whose clock went back, learning, what counts as heard after a restart, and a switchover.
        var bound = _calmNs + MonotonicClock.Nanoseconds(Settings.Grace) + MonotonicClock.Nanoseconds(Settings.Hang) + 6_000_000_000;
        var problem = Problem();
        if (problem is not null)
        {
            _wholeSinceNs = 0;
            if (NowNs > bound)
            {
                Fail($"{(NowNs - _calmNs) / 1_000_000} ms after the last fault {problem}");
            }
            return false;
        }
        _wholeSinceNs = _wholeSinceNs == 0 ? NowNs : _wholeSinceNs;
        return Settings.WatchesWholeCalm
            ? NowNs > bound + (2 * MonotonicClock.Nanoseconds(Settings.Lease))
            : NowNs - _wholeSinceNs > WholeNs;
    }

    /// <summary>What keeps the service from being whole; null when it is.</summary>
    private string? Problem()
    {
        var fence = Fence.Assignment;
        if (!Gateway.IsRunning || fence.Active < 0 || fence != Gateway.Current)
        {
            return "the gateway has no assignment in force";
        }
        if (Gateway.IsPreparing)
        {
            return "a switchover is under way";
        }
        foreach (var node in Nodes)
        {
            if (node.Index == fence.Active && !(node.IsRunning && node.Role == NodeRole.Active && node.HasVoice))
            {
                return "the node that the fence names has no voice";
            }
            if (!node.IsRunning)
            {
                continue;
            }
            if (node.Epoch != fence.Epoch || node.Role != fence.RoleOf(node.Index) || !node.IsConsistent)
            {
                return "a live node does not obey the epoch in force";
            }
            if (node.Index != fence.Active && !fence.IsReplica(node.Index))
            {
                return "a live node gets no copies";
            }
        }
        return null;
    }
}
