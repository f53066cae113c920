using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Datagrams;
using Appliance.Native;
using Appliance.RepairChannel;

namespace Appliance.Node.Repair;

/// <summary>
/// Keeps the datagrams of a replica complete: tells the gateway which have arrived, and injects those that it sends because they
/// have not. Goes on after a takeover, when the last ones from before may still be missing. The repair engine's thread owns it.
/// </summary>
public sealed class DatagramSupply : IDisposable
{
    /// <summary>Told after a new connection; the gateway forgets a flow that is silent for so long.</summary>
    private static readonly ulong RecentNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(30));
    private static readonly ulong BusyNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(2));
    private static readonly ulong IdleNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(5));
    private static readonly ulong MostNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(100));
    private static readonly ulong FreshNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));

    /// <summary>A look may cost a quarter of a processor.</summary>
    private const ulong CostFactor = 4;

    /// <summary>What is not told for want of room the gateway sends, and the programs know it.</summary>
    private const int MostBacklog = 4 << 20;

    private readonly NodeDataPath _dataPath;
    private readonly Injector _injector;
    private readonly RepairLink _link;
    private readonly DatagramDivergence _answers;
    private readonly DatagramArrivals _arrivals;
    private readonly ArrivalHandler _tell;
    private bool _wasActive;

    /// <summary>Starts with nothing told.</summary>
    public DatagramSupply(NodeDataPath dataPath, Injector injector, RepairLink link, DatagramDivergence answers)
    {
        _dataPath = dataPath;
        _injector = injector;
        _link = link;
        _answers = answers;
        _arrivals = dataPath.OpenArrivals();
        _tell = Tell;
    }

    /// <summary>When the next look is due, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong DueNs { get; private set; }

    /// <summary>Looks, when it is time, at what has arrived.</summary>
    public void Tick(ulong nowNs)
    {
        if (nowNs < DueNs)
        {
            return;
        }
        var used = ThreadClock.Now;
        var isActive = IsActive;
        if (_wasActive && !isActive)
        {
            _arrivals.Forget(nowNs > FreshNs ? nowNs - FreshNs : 0);
        }
        _wasActive = isActive;
        _arrivals.Collect(nowNs, _tell);
        _link.Flush();
        DueNs = ThreadClock.DueAfter(used, CostFactor, _arrivals.Lively > 0 ? BusyNs : IdleNs, MostNs);
    }

    /// <summary>A connection to the gateway begins, which knows nothing.</summary>
    public void TellAll(ulong nowNs)
    {
        _arrivals.CollectAll(nowNs > RecentNs ? nowNs - RecentNs : 0, _tell);
        _answers.TellAll();
    }

    /// <summary>The gateway sends a datagram that has not arrived. A node without a past as a replica could not tell it from a duplicate.</summary>
    public void OnDatagram(in DatagramHeader header, ReadOnlySpan<byte> payload)
    {
        if (!IsActive || Volatile.Read(ref _dataPath.State.Inherited) != 0)
        {
            _injector.Datagram(header.Flow, header.Number, payload);
        }
    }

    /// <summary>Stops looking.</summary>
    public void Dispose() => _arrivals.Dispose();

    private bool IsActive => _dataPath.Role == NodeRole.Active;

    private void Tell(in FlowKey key, uint highest, ReadOnlySpan<ulong> arrived)
    {
        if (!_link.IsReady || _link.Backlog > MostBacklog)
        {
            return;
        }
        var bitmap = default(DatagramBitmap);
        arrived.CopyTo(bitmap);
        new DatagramProgressEntry(key, highest, bitmap).Write(_link.Add(FrameKind.DatagramProgress, DatagramProgressEntry.Length));
    }
}
