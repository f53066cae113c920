using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Datagrams;
using Appliance.Native;
using Appliance.Net;
using Appliance.Node.Repair;
using Appliance.RepairChannel;
using Microsoft.Extensions.Logging;

namespace Appliance.Node;

/// <summary>
/// Reads what the programs have summed up of both nodes' datagrams, has it compared, and tells the gateway how the flows fare. The repair
/// engine's thread owns it.
/// </summary>
public sealed partial class DatagramDivergence : IDisposable
{
    private static readonly ulong LookNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(10));
    private static readonly ulong SecondNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));

    /// <summary>A look may cost a quarter of a processor.</summary>
    private const ulong CostFactor = 4;

    private readonly NodeOptions _options;
    private readonly NodeDataPath _dataPath;
    private readonly RepairLink _link;
    private readonly ILogger _logger;
    private readonly RingLog _said;
    private readonly BpfMap<FlowKey, DatagramFlow> _flows;
    private readonly DatagramComparison _comparison;
    private readonly ComparedShare _share = new();
    private bool _wasReplica;
    private ulong _secondNs;
    private ulong _uncompared;
    private long? _dropped;
    private ulong _toldNs;
    private long _untold;
    private ulong _nowNs;

    /// <summary>Starts with nothing known.</summary>
    public DatagramDivergence(NodeOptions options, NodeDataPath dataPath, RepairLink link, ILogger logger)
    {
        _options = options;
        _dataPath = dataPath;
        _link = link;
        _logger = logger;
        _said = dataPath.OpenSaid();
        _flows = dataPath.DatagramFlows;
        _comparison = new DatagramComparison(Tell, TellDifference, IsWhole);
    }

    /// <summary>When the next look is due, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong DueNs { get; private set; }

    /// <summary>Looks, when it is time, at what was said.</summary>
    public void Tick(ulong nowNs)
    {
        if (nowNs < DueNs)
        {
            return;
        }
        _nowNs = nowNs;
        var used = ThreadClock.Now;
        var isReplica = _dataPath.Role == NodeRole.Replica;
        if (isReplica && !_wasReplica)
        {
            _comparison.Begin(nowNs);
        }
        _wasReplica = isReplica;
        NoteLosses(Read(isReplica));
        if (isReplica)
        {
            _comparison.Look(nowNs);
        }
        _link.Flush();
        DueNs = ThreadClock.DueAfter(used, CostFactor, LookNs, SecondNs);
    }

    /// <summary>A connection to the gateway begins, which knows nothing.</summary>
    public void TellAll()
    {
        if (_wasReplica)
        {
            _comparison.TellAll();
        }
    }

    /// <summary>Stops looking.</summary>
    public void Dispose() => _said.Dispose();

    private int Read(bool isReplica)
    {
        var count = 0;
        while (_said.TryPeek(out var record))
        {
            if (isReplica)
            {
                var said = MemoryMarshal.Read<DatagramSaid>(record);
                _comparison.Say(said, record.Slice(DatagramSaid.KeptOffset, (int)Math.Min(said.Length, DatagramSaid.KeptBytes)), _nowNs);
            }
            _said.Advance();
            count++;
        }
        _said.Release(_said.Position);
        return count;
    }

    /// <summary>What found no room, here or in the server's socket, was not said, or was not asked.</summary>
    private void NoteLosses(int said)
    {
        var isLost = false;
        if (_nowNs >= _secondNs + SecondNs)
        {
            _secondNs = _nowNs;
            var (uncompared, dropped) = (_dataPath.Counters.Snapshot()["datagram_uncompared"], ReceiveErrors.Read());
            isLost = uncompared != _uncompared;
            if (isLost || dropped is null || dropped != _dropped)
            {
                _comparison.NoteLoss(_nowNs);
            }
            (_uncompared, _dropped) = (uncompared, dropped);
        }
        if (_share.Review(said, isLost, _nowNs))
        {
            Volatile.Write(ref _dataPath.State.Compared, _share.Mask);
        }
    }

    private bool IsWhole(FlowKey key) => _flows.TryGet(key, out var flow) && flow.IsWhole;

    private void Tell(in FlowKey key, bool differs)
    {
        if (_link.IsReady)
        {
            new DatagramStandingEntry(key, differs && !IsCarried(key)).Write(_link.Add(FrameKind.DatagramStanding, DatagramStandingEntry.Length));
        }
    }

    /// <summary>One a second is told in full: where each question has a flow of its own, each may be another.</summary>
    private void TellDifference(in FlowKey key, DatagramDifference difference)
    {
        if (_nowNs < _toldNs + SecondNs && _toldNs != 0)
        {
            _untold++;
            return;
        }
        LogDiffers(_logger, key, difference.ActiveText, difference.OwnText, difference.At, _untold);
        (_toldNs, _untold) = (_nowNs, 0);
    }

    private bool IsCarried(FlowKey key) => _options.Services.Any(s => s.Divergence == DivergencePolicy.Carry && s.CoversDatagrams(key));

    [LoggerMessage(2007, LogLevel.Warning, "{Flow} has diverged: its client's datagrams were answered in two ways. The active node said {Active}, this node {Own}; they differ from byte {At} on. {More} other flows of datagrams have diverged since the last one was told")]
    private static partial void LogDiffers(ILogger logger, FlowKey flow, string active, string own, int at, long more);
}
