using Appliance.ControlPlane;
using Appliance.Native;
using Appliance.Node;

namespace Appliance.Tests.Unit.Simulation;

/// <summary>
/// A node: its machine with its clocks, the state that its programs read (bpf/replica_egress.bpf.c), and an agent that is a
/// shell around <see cref="Obedience"/>, as NodeControl is. The machine and the agent fail separately.
/// </summary>
internal sealed class SimulatedNode(SimulationRun simulation, int index)
{
    private const int InboxLimit = 256;
    private static readonly ulong ForgetGatewayNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(3));
    private static readonly string[] Names = ["node0", "node1", "node2"];

    private readonly Queue<int> _inbox = new();
    private Obedience _orders = new();
    private ReplayGuard _guard = new();
    private NodeRole _role = NodeRole.Replica;
    private ulong _epoch;
    private ulong _leaseUntilNs;
    private ulong _bootedAtNs = simulation.NowNs - simulation.Random.Within(SimulationRun.StartNs / 2);
    private ulong _instance;
    private ulong _sequence;
    private ulong _heardNs;
    private ulong _echoNs;
    private ulong _stalledSinceNs;
    private ulong _ended;
    private bool _isFailing;

    /// <summary>The name that goes into datagrams.</summary>
    public static string NameOf(int node) => Names[node];

    /// <summary>Its number.</summary>
    public int Index => index;

    /// <summary>Does the agent run (or pause)?</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Does the agent stand still?</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Counts the agent's starts and crashes.</summary>
    public int Life { get; private set; }

    /// <summary>How far the machine's wall clock is wrong; an agent reads it once, at its start.</summary>
    public long WallClockErrorNs { get; set; }

    /// <summary>The epoch that the agent obeys.</summary>
    public ulong Epoch => _orders.Epoch;

    /// <summary>The role that the agent plays.</summary>
    public NodeRole Role => _orders.Role;

    /// <summary>Do segments of its servers leave it, now?</summary>
    public bool HasVoice => _role == NodeRole.Active && (simulation.Mutation == Mutation.OpenFence || ClockNs < _leaseUntilNs);

    /// <summary>Are the programs' state and the agent's the same?</summary>
    public bool IsConsistent => _role == _orders.Role && _epoch == _orders.Epoch;

    private ulong ClockNs => simulation.NowNs - _bootedAtNs;

    /// <summary>Starts the agent, silent.</summary>
    public void Start()
    {
        (_orders, _guard) = (new Obedience(), new ReplayGuard());
        (_role, _epoch, _leaseUntilNs) = (NodeRole.Replica, 0, 0);
        _instance = SimulationRun.WallClock(simulation.NowNs, WallClockErrorNs);
        (_sequence, _heardNs, _echoNs, _ended, _isFailing, _stalledSinceNs) = (0, 0, 0, 0, false, 0);
        (IsRunning, IsPaused) = (true, false);
        Life++;
        simulation.Monitor.OnStarted(index);
        simulation.Events.Add(simulation.NowNs, EventKind.Heartbeat, index, Life);
    }

    /// <summary>The agent is gone. Its programs stay, unless the machine is gone with it.</summary>
    public void Crash(bool takesMachine)
    {
        (IsRunning, IsPaused) = (false, false);
        Life++;
        DropInbox();
        if (takesMachine)
        {
            (_role, _epoch, _leaseUntilNs) = (NodeRole.Replica, 0, 0);
            _bootedAtNs = simulation.NowNs - simulation.Random.Within(1_000_000_000);
        }
    }

    /// <summary>The agent stands still.</summary>
    public void Pause() => IsPaused = true;

    /// <summary>The agent goes on: it reads what has arrived meanwhile.</summary>
    public void Resume()
    {
        IsPaused = false;
        if (simulation.Random.Below(2) == 0)
        {
            SendHeartbeat();
        }
        while (_inbox.TryDequeue(out var datagram))
        {
            Read(datagram);
        }
        Life++;
        simulation.Events.Add(simulation.NowNs, EventKind.Heartbeat, index, Life);
    }

    /// <summary>A server ends, hangs or fails its probe.</summary>
    public void Hurt(int what)
    {
        _ended |= what == 0 ? 1UL << simulation.Random.Below(2) : 0;
        _stalledSinceNs = what == 1 ? ClockNs : _stalledSinceNs;
        _isFailing |= what == 2;
        if (IsRunning && !IsPaused)
        {
            SendHeartbeat();
        }
    }

    /// <summary>All servers are well.</summary>
    public void Restore() => (_ended, _stalledSinceNs, _isFailing) = (0, 0, false);

    /// <summary>A heartbeat is due.</summary>
    public void OnTimer(int life)
    {
        if (life != Life || !IsRunning || IsPaused)
        {
            return;
        }
        SendHeartbeat();
        simulation.Events.Add(simulation.NowNs + simulation.Settings.IntervalNs + simulation.Random.Within(200_000), EventKind.Heartbeat, index, Life);
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
        }
        else
        {
            simulation.Network.Take(datagram, out _, out _, out _, out _);
        }
    }

    private void DropInbox()
    {
        while (_inbox.TryDequeue(out var datagram))
        {
            simulation.Network.Take(datagram, out _, out _, out _, out _);
        }
    }

    private void SendHeartbeat()
    {
        var message = new Message
        {
            Kind = MessageKind.Heartbeat,
            Node = Names[index],
            Role = _orders.Role,
            Epoch = _orders.Epoch,
            Instance = _instance,
            Sequence = ++_sequence,
            SentNs = ClockNs,
            EchoNs = _echoNs,
            Servers = new ServerCondition(_ended, _stalledSinceNs == 0 ? TimeSpan.Zero : MonotonicClock.Duration(ClockNs - _stalledSinceNs), _isFailing),
        };
        for (var link = 0; link < simulation.Settings.Links; link++)
        {
            simulation.Network.Send(index, link, message);
        }
    }

    private void Read(int datagram)
    {
        if (simulation.Network.Take(datagram, out _, out _, out _, out var message) != MessageError.None)
        {
            return;
        }
        var now = ClockNs;
        if (now - _heardNs > ForgetGatewayNs)
        {
            _guard = new ReplayGuard();
        }
        if (_guard.Judge(message.Instance, message.Sequence) == Freshness.New)
        {
            _echoNs = message.SentNs;
            Obey(message, now);
        }
    }

    private void Obey(in Message order, ulong now)
    {
        var before = _orders.Epoch;
        if (simulation.Mutation == Mutation.ObeysOlderEpochs && order.Epoch < before)
        {
            _orders = new Obedience();
        }
        var verdict = _orders.Obey(order, now);
        if (!verdict.IsObeyed)
        {
            return;
        }
        _heardNs = now;
        _leaseUntilNs = Math.Max(_leaseUntilNs, verdict.LeaseUntilNs);
        if (verdict.ForgetsReplicas && simulation.Mutation != Mutation.KeepsHoles)
        {
            simulation.Monitor.OnFlushed(index, order.ReplicaSince);
        }
        simulation.Monitor.OnObeyed(index, before, order);
        if (verdict.Change == RoleChange.None)
        {
            return;
        }
        simulation.Trace?.Add(simulation.NowNs, $"node{index}: {verdict.Change} in epoch {order.Epoch}");
        _epoch = order.Epoch;
        switch (verdict.Change)
        {
            case RoleChange.Prepare or RoleChange.TakeOver:
                _role = NodeRole.Active;
                break;
            case RoleChange.LetGo when simulation.Mutation != Mutation.NeverLetsGo:
                (_role, _leaseUntilNs) = (NodeRole.Replica, 0);
                break;
            default:
                break;
        }
        SendHeartbeat();
    }
}
