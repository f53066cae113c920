using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Native;
using Appliance.Net;
using Appliance.Packets;
using Microsoft.Extensions.Logging;

namespace Appliance.Node;

/// <summary>
/// Holds client segments that came before the replica was ready for them, and injects them through the TAP when it is.
/// One mechanism for both reasons: output that the replica has yet to produce (causal delivery), and connections whose
/// handshake is not complete here. All on one thread.
/// </summary>
public sealed partial class RepairEngine : IDisposable
{
    private const long MaxBytes = 256L << 20;
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(50);
    private static readonly ulong EarlyLimitNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(5));
    private static readonly ulong DivergedLimitNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(10));

    private readonly NodeDataPath _dataPath;
    private readonly Injector _injector;
    private readonly ILogger _logger;
    private readonly HoldingQueue _queue = new(MaxBytes);
    private readonly HashSet<FlowKey> _diverged = [];
    private readonly HashSet<FlowKey> _opened = [];
    private readonly List<FlowKey> _scratch = [];
    private readonly RingReader _reports;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private ulong _nextTickNs;
    private int _held;
    private int _divergedCount;

    /// <summary>Starts the engine's thread.</summary>
    public RepairEngine(NodeDataPath dataPath, Injector injector, ILogger logger)
    {
        _dataPath = dataPath;
        _injector = injector;
        _logger = logger;
        _reports = dataPath.OpenReports(OnReport);
        _thread = new Thread(Run) { IsBackground = true, Name = "repair" };
        _thread.Start();
    }

    /// <summary>Segments held at the moment.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Flows that wait for output which does not come.</summary>
    public int Diverged => Volatile.Read(ref _divergedCount);

    /// <summary>Stops the thread; held segments are dropped.</summary>
    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _reports.Dispose();
    }

    private void Run()
    {
        Realtime.TryRaise(1);
        while (!_stopping)
        {
            try
            {
                _reports.Poll(_queue.Count > 0 ? Busy : Idle);
                var now = MonotonicClock.Now;
                if (now >= _nextTickNs)
                {
                    Tick(now);
                    // Reports release what waits; this only finds what they missed, and may cost a tenth of a processor.
                    var cost = MonotonicClock.Now - now;
                    _nextTickNs = now + Math.Clamp(10 * cost, MonotonicClock.Nanoseconds(Busy), MonotonicClock.Nanoseconds(Idle));
                }
            }
            catch (Exception e)
            {
                LogFailed(_logger, e);
            }
        }
    }

    private void OnReport(ReadOnlySpan<byte> record)
    {
        ref readonly var report = ref MemoryMarshal.AsRef<Report>(record);
        var key = report.Key;
        if (report.Kind == ReportKind.Progress)
        {
            ReleaseSent(key, report.Release);
            Volatile.Write(ref _held, _queue.Count);
            return;
        }
        var segment = new HeldSegment(report, record.Slice(Report.FrameOffset, (int)report.Length), MonotonicClock.Now);
        if (IsReady(key, segment))
        {
            _injector.Inject(segment);
            segment.Return();
        }
        else if (!_queue.TryAdd(key, segment))
        {
            LogFull(_logger, key);
            segment.Return();
        }
        Volatile.Write(ref _held, _queue.Count);
    }

    /// <summary>Looks again at everything that waits: a report may have been lost, a connection may have appeared.</summary>
    private void Tick(ulong nowNs)
    {
        _opened.Clear();
        _diverged.RemoveWhere(key => !_dataPath.Replicas.TryGet(key, out _));
        _scratch.Clear();
        _scratch.AddRange(_queue.Flows);
        foreach (var key in _scratch)
        {
            if (_dataPath.Replicas.TryGet(key, out var replica))
            {
                if ((replica.Flags & ReplicaFlags.Confirmed) != ReplicaFlags.None)
                {
                    _queue.Release(key, s => s.Kind == ReportKind.HeldEarly, _injector.Inject);
                    _queue.Release(key, s => s.Kind == ReportKind.HeldReset && (int)(replica.Received - s.Release) >= 0, _injector.Inject);
                    ReleaseSent(key, replica.Sent);
                }
                else
                {
                    Open(key);
                }
            }
            else
            {
                Open(key);
                _queue.Release(key, static s => s.Kind != ReportKind.HeldEarly, static _ => { });
            }
            _queue.Release(key, s => IsOverdue(key, s, nowNs), static _ => { });
        }
        Volatile.Write(ref _held, _queue.Count);
        Volatile.Write(ref _divergedCount, _diverged.Count);
    }

    private void ReleaseSent(in FlowKey key, uint sent) => _queue.Release(
        key,
        s => s.Kind == ReportKind.HeldCausal && (int)(sent - s.Release) >= 0,
        _injector.Inject);

    private bool IsReady(in FlowKey key, HeldSegment segment)
    {
        var exists = _dataPath.Replicas.TryGet(key, out var replica);
        if (segment.Kind != ReportKind.HeldEarly)
        {
            return exists && (int)((segment.Kind == ReportKind.HeldCausal ? replica.Sent : replica.Received) - segment.Release) >= 0;
        }
        // The handshake's last ACK was lost or overtaken: it is sent in its place, then this segment. Once: what comes back
        // waits for the next look.
        return !exists && _opened.Add(key) && TryOpen(key);
    }

    private void Open(in FlowKey key)
    {
        if (TryOpen(key))
        {
            _queue.Release(key, s => s.Kind == ReportKind.HeldEarly, _injector.Inject);
        }
    }

    private bool TryOpen(in FlowKey key)
    {
        if (!_dataPath.Openings.TryGet(key, out var handshake) || !handshake.IsComplete)
        {
            return false;
        }
        _injector.FinishHandshake(key, handshake);
        return true;
    }

    private bool IsOverdue(in FlowKey key, HeldSegment segment, ulong nowNs)
    {
        var age = nowNs > segment.SinceNs ? nowNs - segment.SinceNs : 0;
        if (segment.Kind != ReportKind.HeldCausal)
        {
            return age > EarlyLimitNs;
        }
        if (age <= DivergedLimitNs)
        {
            return false;
        }
        if (_diverged.Add(key))
        {
            LogDiverged(_logger, key, segment.Release);
        }
        return true;
    }

    [LoggerMessage(2001, LogLevel.Error, "The repair engine failed and goes on")]
    private static partial void LogFailed(ILogger logger, Exception e);

    [LoggerMessage(2002, LogLevel.Warning, "No room to hold a segment of {Flow}: its replica falls behind")]
    private static partial void LogFull(ILogger logger, FlowKey flow);

    [LoggerMessage(2003, LogLevel.Warning, "{Flow} has diverged: the replica does not produce output up to {Sequence} that the client has acknowledged")]
    private static partial void LogDiverged(ILogger logger, FlowKey flow, uint sequence);
}
