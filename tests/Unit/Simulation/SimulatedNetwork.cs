using Appliance.ControlPlane;

namespace Appliance.Tests.Unit.Simulation;

/// <summary>
/// The links between the nodes and the gateway: they lose, double, delay and reorder datagrams, and each direction of each
/// can be cut. Somebody listens, and sends again what was sent long ago.
/// </summary>
internal sealed class SimulatedNetwork(SimulationRun simulation)
{
    private const ulong FastestNs = 50_000;
    private const ulong SlowestNs = 400_000_000;
    private const int Recorded = 128;

    private readonly List<SimulatedDatagram> _pool = [];
    private readonly Stack<int> _free = new();
    private readonly int[] _cuts = new int[2 * simulation.Settings.Nodes * simulation.Settings.Links];
    private readonly SimulatedDatagram?[] _recorded = new SimulatedDatagram?[Recorded];
    private readonly MessageCodec _codec = new("simulated"u8);
    private int _loss = simulation.Settings.Loss;
    private ulong _jitterNs = simulation.Settings.JitterNs;
    private int _disturbance;
    private bool _isCalm;

    /// <summary>Wires: one for each node, link and direction.</summary>
    public int Wires => _cuts.Length;

    /// <summary>The wire of a node's link in one direction.</summary>
    public int WireOf(int node, int link, bool toGateway) => (((node * simulation.Settings.Links) + link) * 2) + (toGateway ? 1 : 0);

    /// <summary>Cuts a wire; cuts add up.</summary>
    public void Cut(int wire) => _cuts[wire]++;

    /// <summary>Ends one cut of a wire.</summary>
    public void Heal(int wire) => _cuts[wire] = Math.Max(0, _cuts[wire] - 1);

    /// <summary>Loses and delays more than usual; returns the number of the disturbance.</summary>
    public int Disturb(int loss, ulong jitterNs)
    {
        (_loss, _jitterNs) = (loss, jitterNs);
        return ++_disturbance;
    }

    /// <summary>Ends a disturbance, unless a later one has begun.</summary>
    public void Undisturb(int number)
    {
        if (number == _disturbance)
        {
            (_loss, _jitterNs) = (simulation.Settings.Loss, simulation.Settings.JitterNs);
        }
    }

    /// <summary>From now on nothing is lost.</summary>
    public void Calm()
    {
        _isCalm = true;
        _jitterNs = Math.Min(simulation.Settings.JitterNs, simulation.Settings.IntervalNs / 4);
        Array.Clear(_cuts);
    }

    /// <summary>Sends a message over one link.</summary>
    public void Send(int node, int link, in Message message)
    {
        var toGateway = message.Kind == MessageKind.Heartbeat;
        var random = simulation.Random;
        if (random.Below(32) == 0)
        {
            ref var slot = ref _recorded[random.Below(Recorded)];
            slot ??= new SimulatedDatagram();
            (slot.Node, slot.Link, slot.IsHeartbeat, slot.Content) = (node, link, toGateway, message);
        }
        if (_cuts[WireOf(node, link, toGateway)] > 0 || (!_isCalm && random.Chance(_loss)))
        {
            return;
        }
        Carry(node, link, message);
        if (!_isCalm && random.Chance(simulation.Settings.Duplication))
        {
            Carry(node, link, message);
        }
    }

    /// <summary>Sends a recorded datagram again; false when there is none.</summary>
    public bool Replay()
    {
        if (_recorded[simulation.Random.Below(Recorded)] is not { } old)
        {
            return false;
        }
        Carry(old.Node, simulation.Random.Below(2) == 0 ? old.Link : simulation.Random.Below(simulation.Settings.Links), old.Content);
        return true;
    }

    /// <summary>Where a datagram is going.</summary>
    public void Peek(int index, out int node, out bool toGateway) => (node, toGateway) = (_pool[index].Node, _pool[index].IsHeartbeat);

    /// <summary>A datagram that has arrived; what it says, or null when the codec refuses it. Its object is free again.</summary>
    public MessageError Take(int index, out int node, out int link, out bool isHeartbeat, out Message message)
    {
        var datagram = _pool[index];
        (node, link, isHeartbeat, message) = (datagram.Node, datagram.Link, datagram.IsHeartbeat, datagram.Content);
        _free.Push(index);
        return simulation.Settings.UsesCodec ? _codec.TryRead(datagram.Bytes, out message) : MessageError.None;
    }

    private void Carry(int node, int link, in Message message)
    {
        var random = simulation.Random;
        if (!_free.TryPop(out var index))
        {
            index = _pool.Count;
            _pool.Add(new SimulatedDatagram());
        }
        var datagram = _pool[index];
        (datagram.Node, datagram.Link, datagram.IsHeartbeat, datagram.Content) = (node, link, message.Kind == MessageKind.Heartbeat, message);
        if (simulation.Settings.UsesCodec)
        {
            datagram.Bytes ??= new byte[MessageCodec.Length];
            _codec.Write(message, datagram.Bytes);
            if (!_isCalm && random.Chance(10_000))
            {
                datagram.Bytes[random.Below(MessageCodec.Length)] ^= (byte)(1 << random.Below(8));
            }
        }
        var delay = FastestNs + random.Within(_jitterNs) + (!_isCalm && random.Chance(2_000) ? random.Within(SlowestNs) : 0);
        simulation.Events.Add(simulation.NowNs + delay, EventKind.Arrival, index);
    }
}
