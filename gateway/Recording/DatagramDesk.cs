using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Datagrams;
using Appliance.Native;
using Appliance.RepairChannel;

namespace Appliance.Gateway.Recording;

/// <summary>
/// Keeps the datagrams of clients until every node that should have them says so, and sends those that it lacks. Reads no
/// clock and does no I/O of its own; one thread owns it.
/// </summary>
/// <remarks>
/// A node needs what was recorded while another held the service: as a replica, and also after it took over, when the
/// last of it may still be missing. A flow is looked at a moment after a datagram of it was recorded, and again and again
/// while anything of it is held, so that a tail that was lost is found without further traffic.
/// </remarks>
public sealed class DatagramDesk
{
    /// <summary>Entries of the programs' table of clients' ends.</summary>
    private const int MostFlows = 65_536;

    /// <summary>Doublings of <see cref="RepeatNs"/> before a datagram is given up: together about three seconds.</summary>
    private const int MostRepeats = 5;

    private const int LooksPerTick = 4096;

    /// <summary>A datagram may be under way as a copy, and the node's word on it takes up to two of its looks.</summary>
    private static readonly ulong PatienceNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(10));

    /// <summary>How long the confirmation of what was sent may take.</summary>
    private static readonly ulong RepeatNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(50));

    private static readonly ulong SilentNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(30));
    private static readonly ulong SweepNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));

    private readonly DatagramMemory _memory;
    private readonly DatagramWindows _windows;
    private readonly IRepairOutlet _outlet;
    private readonly int _nodes;
    private readonly Dictionary<FlowKey, DatagramRecording> _flows = [];

    /// <summary>Flows of which something is held, the one that is due first in front.</summary>
    private readonly Queue<DatagramRecording> _due = new();

    private Assignment _assignment = Assignment.None;
    private ulong _sweptNs;
    private long _recorded;
    private long _repaired;
    private long _repeated;
    private long _divergences;

    /// <summary>A desk without datagrams.</summary>
    /// <param name="memoryBytes">Most bytes that all datagrams may take.</param>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="outlet">The way to them.</param>
    public DatagramDesk(long memoryBytes, int nodes, IRepairOutlet outlet)
    {
        _memory = new DatagramMemory(memoryBytes);
        _windows = new DatagramWindows(_memory, MostFlows) { Removed = OnRemoved };
        _outlet = outlet;
        _nodes = nodes;
    }

    /// <summary>As of now.</summary>
    public DatagramStatus Status => new(_windows.Count, _memory.UsedBytes, _recorded, _repaired, _repeated, 0, 0, _divergences);

    /// <summary>Clients' ends that have sent datagrams lately.</summary>
    public IReadOnlyCollection<DatagramRecording> Flows => _flows.Values;

    /// <summary>How the replicas answer: as the active node does, if every one does of which it is known.</summary>
    public DatagramStanding StandingOf(DatagramRecording flow)
    {
        var standing = DatagramStanding.Unknown;
        for (var node = 0; node < _nodes; node++)
        {
            if (_assignment.IsReplica(node) && flow.Standings[node] > standing)
            {
                standing = flow.Standings[node];
            }
        }
        return standing;
    }

    /// <summary>A node reports how its replica answers.</summary>
    /// <returns>True when it has begun to differ.</returns>
    public bool OnStanding(int node, in DatagramStandingEntry entry)
    {
        if (!_assignment.IsReplica(node) || !_flows.TryGetValue(entry.Flow, out var flow))
        {
            return false;
        }
        var isNews = entry.Differs && flow.Standings[node] != DatagramStanding.Differs;
        flow.Standings[node] = entry.Differs ? DatagramStanding.Differs : DatagramStanding.Agrees;
        _divergences += isNews ? 1 : 0;
        return isNews;
    }

    /// <summary>The service moves, or a replica comes or goes.</summary>
    public void Assign(in Assignment assignment)
    {
        var was = _assignment;
        _assignment = assignment;
        foreach (var flow in _flows.Values)
        {
            for (var node = 0; node < _nodes; node++)
            {
                if (assignment.IsReplica(node) && !was.IsReplica(node))
                {
                    flow.Shares[node] = default;
                    flow.Standings[node] = DatagramStanding.Unknown;
                }
            }
            Forget(flow);
        }
    }

    /// <summary>A connection between the gateway and a node begins: what the node has is to be learnt anew.</summary>
    public void Connected(int node)
    {
        foreach (var flow in _flows.Values)
        {
            flow.Shares[node] = default;
            flow.Standings[node] = DatagramStanding.Unknown;
        }
    }

    /// <summary>Keeps a datagram, if some node may lack it.</summary>
    public void Record(in Record record, ReadOnlySpan<byte> payload)
    {
        var active = (int)record.Active;
        if (!IsNeeded(active))
        {
            return;
        }
        if (_flows.TryGetValue(record.Key, out var flow)
            && unchecked((int)(record.Seq - flow.Window.Next)) < -DatagramWindow.DefaultCapacity)
        {
            Array.Clear(flow.Shares); // the gateway had forgotten the flow, and counts anew
        }
        if (!_windows.Record(record.Key, record.Seq, payload, record.Ns, active))
        {
            return;
        }
        _recorded++;
        if (flow is null && _windows.TryGet(record.Key, out var window))
        {
            flow = new DatagramRecording(record.Key, window, _nodes);
            _flows.Add(record.Key, flow);
        }
        if (flow is { DueNs: 0 })
        {
            Enqueue(flow, record.Ns + PatienceNs);
        }
    }

    /// <summary>A node reports what has arrived.</summary>
    public void OnProgress(int node, in DatagramProgressEntry entry, ulong nowNs)
    {
        if (_flows.TryGetValue(entry.Flow, out var flow))
        {
            flow.Shares[node].Tell(flow.Window, entry);
            Forget(flow);
            Supply(flow, node, nowNs);
        }
    }

    /// <summary>Looks at the flows that are due. To be called every few milliseconds.</summary>
    public void Tick(ulong nowNs)
    {
        for (var looks = 0; looks < LooksPerTick && _due.TryPeek(out var flow) && flow.DueNs <= nowNs; looks++)
        {
            _due.Dequeue();
            flow.DueNs = 0;
            for (var node = 0; node < _nodes && !flow.IsRemoved; node++)
            {
                Supply(flow, node, nowNs);
            }
            if (!flow.IsRemoved && flow.Window.Count > 0)
            {
                Enqueue(flow, nowNs + PatienceNs);
            }
        }
        if (nowNs >= _sweptNs + SweepNs)
        {
            _sweptNs = nowNs;
            _windows.RemoveSilent(nowNs > SilentNs ? nowNs - SilentNs : 0);
        }
    }

    private void Enqueue(DatagramRecording flow, ulong dueNs)
    {
        flow.DueNs = dueNs;
        _due.Enqueue(flow);
    }

    private void OnRemoved(FlowKey key)
    {
        if (_flows.Remove(key, out var flow))
        {
            flow.IsRemoved = true;
        }
    }

    private void Supply(DatagramRecording flow, int node, ulong nowNs)
    {
        if (!IsHolder(node) || flow.Window.Count == 0 || !_outlet.IsSettled(node))
        {
            return;
        }
        Span<uint> lacking = stackalloc uint[DatagramGaps.Reach];
        lacking = lacking[..flow.Shares[node].Find(flow.Window, nowNs > PatienceNs ? nowNs - PatienceNs + 1 : 0, lacking)];
        lacking = lacking[..OnlyNeeded(flow, node, lacking)];
        if (lacking.IsEmpty)
        {
            return;
        }
        var share = flow.Shares[node];
        var isRepeat = share.MustRepeat(lacking[0], nowNs, RepeatNs, MostRepeats);
        foreach (var number in lacking)
        {
            if (share.IsSettled(flow.Window, number) || (!isRepeat && share.WasSent(number)))
            {
                continue;
            }
            // When the connection takes no more for now, the next look goes on.
            if (!flow.Window.TryGet(number, out var datagram) || !_outlet.Supply(node, new DatagramHeader(flow.Key, number), datagram.Payload.Span))
            {
                break;
            }
            _repaired++;
            _repeated += share.WasSent(number) ? 1 : 0;
            share.Sent(number);
        }
        flow.Shares[node] = share;
        Forget(flow);
    }

    /// <summary>What was not recorded while the node itself held the service, and was not given up.</summary>
    private static int OnlyNeeded(DatagramRecording flow, int node, Span<uint> numbers)
    {
        var count = 0;
        foreach (var number in numbers)
        {
            if (flow.Window.TryGet(number, out var datagram) && datagram.Active != node && !flow.Shares[node].IsSettled(flow.Window, number))
            {
                numbers[count++] = number;
            }
        }
        return count;
    }

    /// <summary>Lets go of what nobody lacks any more.</summary>
    private void Forget(DatagramRecording flow)
    {
        var window = flow.Window;
        var end = window.Next;
        for (var number = window.Start; window.Count > 0 && number != end; number++)
        {
            if (window.TryGet(number, out var datagram) && !IsLacking(flow, number, datagram.Active))
            {
                window.Remove(number);
            }
        }
        if (window.Count == 0)
        {
            foreach (ref var share in flow.Shares.AsSpan())
            {
                share.Complete();
            }
        }
    }

    private bool IsLacking(DatagramRecording flow, uint number, int active)
    {
        for (var node = 0; node < _nodes; node++)
        {
            if (node != active && IsHolder(node) && !flow.Shares[node].IsSettled(flow.Window, number))
            {
                return true;
            }
        }
        return false;
    }

    private bool IsNeeded(int active)
    {
        for (var node = 0; node < _nodes; node++)
        {
            if (node != active && IsHolder(node))
            {
                return active < _nodes; // what nobody received, nobody lacks
            }
        }
        return false;
    }

    private bool IsHolder(int node) => _assignment.IsReplica(node) || node == _assignment.Active;
}
