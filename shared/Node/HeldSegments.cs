using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Native;
using Appliance.Net;
using Microsoft.Extensions.Logging;

namespace Appliance.Node;

/// <summary>
/// Holds client segments that came before the replica was ready for them, and injects them through the TAP when it is.
/// One mechanism for both reasons: output that the replica has yet to produce (causal delivery), and connections whose
/// handshake is not complete here. What was waited for in vain is delivered all the same: a server that has given a shorter answer is not
/// the same any more, but its clients' other requests are to be executed. One thread owns it.
/// </summary>
public sealed partial class HeldSegments(NodeDataPath dataPath, Injector injector, ConnectionAttempts attempts, Divergence divergence, OrderedServices ordered, ILogger logger) : IDisposable
{
    private const long MaxBytes = 256L << 20;
    private const int ReportsBetweenLooks = 16;
    private static readonly ulong TurnNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(2));
    private static readonly ulong EarlyLimitNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(5));
    private static readonly ulong CausalLimitNs = MonotonicClock.Nanoseconds(TimeSpan.FromMinutes(1));
    private static readonly ulong ThoroughNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(20));

    private readonly RingLog _reports = dataPath.OpenReports();
    private readonly HoldingQueue _queue = new(MaxBytes);
    private readonly HashSet<FlowKey> _opened = [];
    private readonly List<FlowKey> _scratch = [];
    private readonly HashSet<FlowKey> _inVain = [];
    private readonly SocketDiagnostics _sockets = new();
    private readonly List<SocketEntry> _entries = [];
    private readonly Action<HeldSegment> _inject = injector.Inject;
    private readonly Action<HeldSegment> _injectRegardless = injector.InjectRegardless;
    private readonly Action<HeldSegment> _admit = segment =>
    {
        if (!ordered.TryAddCopy(segment, MonotonicClock.Now))
        {
            injector.Inject(segment);
        }
    };
    private ulong _thoroughNs;
    private ulong? _leadsFrom;
    private int _held;

    /// <summary>Segments held at the moment; for any thread.</summary>
    public int Count => Volatile.Read(ref _held);

    /// <summary>As <see cref="HoldingQueue.NextSequence"/>. What waits for its turn among others would overtake them if it were repaired: it may be in a report that is still to be read.</summary>
    public uint? NextSequence(in FlowKey key, uint received)
    {
        if (_reports.Position < _reports.Produced && ordered.Covers(key))
        {
            return received;
        }
        var causal = _queue.Count > 0 ? _queue.NextSequence(key, received) : null;
        return ordered.NextSequence(key, received) is { } other && (causal is not { } first || (int)(other - first) < 0) ? other : causal;
    }

    /// <summary>For poll(2): readable while reports wait.</summary>
    public int Descriptor => _reports.Descriptor;

    /// <summary>Takes in what the programs report, for a while: what is injected makes new reports, and all else waits meanwhile.</summary>
    public void ReadReports()
    {
        NoteRole();
        var read = 0;
        var untilNs = MonotonicClock.Now + TurnNs;
        while (_reports.TryPeek(out var record))
        {
            OnReport(record);
            _reports.Advance();
            _reports.Release(_reports.Position);
            if (++read % ReportsBetweenLooks == 0 && MonotonicClock.Now > untilNs)
            {
                break;
            }
        }
        NoteRole();
    }

    /// <summary>Drops what is held.</summary>
    public void Dispose()
    {
        _reports.Dispose();
        ordered.Dispose();
        _sockets.Dispose();
    }

    /// <summary>What the node before had answered was reported before the gateway turned to this one.</summary>
    private void NoteRole()
    {
        _leadsFrom = dataPath.IsHeard ? _leadsFrom ?? _reports.Produced : null;
        ordered.Lead(_reports.Position >= _leadsFrom);
    }

    private void OnReport(ReadOnlySpan<byte> record)
    {
        ref readonly var report = ref MemoryMarshal.AsRef<Report>(record);
        var key = report.Key;
        if (report.Kind == ReportKind.Progress)
        {
            _queue.ReleaseSent(key, report.Release, MonotonicClock.Now, _inject);
            ordered.OnSent(key, report.Release, MonotonicClock.Now);
            NoteHeld();
            return;
        }
        if (report.Kind == ReportKind.Said)
        {
            ordered.OnSaid(key, report.Release, report.ToldEnd, MonotonicClock.Now);
            NoteHeld();
            return;
        }
        if (report.Kind == ReportKind.Difference)
        {
            divergence.OnDifference(key, report.Release);
            return;
        }
        var segment = new HeldSegment(report, record.Slice(Report.FrameOffset, (int)report.Length), MonotonicClock.Now);
        if (segment.Kind == ReportKind.Syn)
        {
            attempts.Add(key, segment);
            return;
        }
        if (segment.Kind is ReportKind.HeldOrdered or ReportKind.HeldLate)
        {
            ordered.Add(segment, MonotonicClock.Now);
        }
        else if (IsReady(key, segment))
        {
            injector.Inject(segment);
            segment.Return();
        }
        else if (!_queue.TryAdd(key, segment))
        {
            LogFull(logger, key);
            segment.Return();
        }
        NoteHeld();
    }

    /// <summary>Looks again at everything that waits: a report may have been lost, a connection may have appeared.</summary>
    public void Tick(ulong nowNs)
    {
        ordered.Tick(nowNs);
        var isThorough = nowNs >= _thoroughNs;
        _thoroughNs = isThorough ? nowNs + ThoroughNs : _thoroughNs;
        _opened.Clear();
        divergence.Review();
        _scratch.Clear();
        _scratch.AddRange(_queue.Flows);
        foreach (var key in _scratch)
        {
            if (dataPath.Replicas.TryGet(key, out var replica))
            {
                if (isThorough)
                {
                    // What waits for output or for input of an earlier connection of these ends is nothing to this one.
                    _queue.Drop(key, s => s.Kind != ReportKind.HeldEarly && s.SinceNs < replica.OpenedNs);
                }
                if ((replica.Flags & ReplicaFlags.Confirmed) != ReplicaFlags.None)
                {
                    _queue.ReleaseOthers(key, static s => s.Kind == ReportKind.HeldEarly, _admit);
                    _queue.ReleaseOthers(key, s => s.Kind == ReportKind.HeldReset && (int)(replica.Received - s.Release) >= 0, _inject);
                    _queue.ReleaseSent(key, replica.Answered, nowNs, _inject);
                    if (isThorough)
                    {
                        Judge(key, replica, nowNs);
                    }
                }
                else
                {
                    Open(key);
                }
            }
            else
            {
                Open(key);
                _queue.Drop(key, static s => s.Kind != ReportKind.HeldEarly);
            }
            if (isThorough)
            {
                var progressNs = _queue.ProgressNs(key);
                var isOwed = _queue.TryPeek(key, out var first) && CausalPatience.IsOwed(first, replica);
                _queue.Drop(key, s => IsOverdue(key, s, progressNs, isOwed, nowNs));
            }
        }
        DeliverRegardless(nowNs);
        NoteHeld();
    }

    private void NoteHeld() => Volatile.Write(ref _held, _queue.Count + ordered.Count);

    private bool IsReady(in FlowKey key, HeldSegment segment)
    {
        var exists = dataPath.Replicas.TryGet(key, out var replica);
        if (segment.Kind != ReportKind.HeldEarly)
        {
            return exists && (int)((segment.Kind == ReportKind.HeldCausal ? replica.Answered : replica.Received) - segment.Release) >= 0;
        }
        // The handshake's last ACK was lost or overtaken: it is sent in its place, then this segment. Once: what comes back
        // waits for the next look.
        return !exists && _opened.Add(key) && TryOpen(key);
    }

    private void Open(in FlowKey key)
    {
        if (TryOpen(key))
        {
            _queue.ReleaseOthers(key, static s => s.Kind == ReportKind.HeldEarly, _admit);
        }
    }

    private bool TryOpen(in FlowKey key)
    {
        if (!dataPath.Openings.TryGet(key, out var handshake) || !handshake.IsComplete)
        {
            return false;
        }
        injector.FinishHandshake(key, handshake);
        return true;
    }

    private void Judge(in FlowKey key, in Replica replica, ulong nowNs)
    {
        if (_queue.TryPeek(key, out var first) && CausalPatience.IsOver(first, replica, dataPath.Digests.TryGet(key, out var digest) ? digest : default, _queue.ProgressNs(key), nowNs))
        {
            _inVain.Add(key);
        }
    }

    /// <summary>A server that has not read all of its input, stopped for instance, may yet say what is waited for.</summary>
    private void DeliverRegardless(ulong nowNs)
    {
        if (_inVain.Count > 0 && _sockets.List(SocketDiagnostics.Readable, _entries) is { IsOk: true, IsInterrupted: false })
        {
            foreach (var entry in _entries)
            {
                if (entry.ReceiveQueue > 0)
                {
                    _inVain.Remove(entry.Id.ToFlowKey(entry.Family));
                }
            }
            foreach (var key in _inVain)
            {
                _queue.ReleaseFirst(key, nowNs, _injectRegardless);
            }
        }
        _inVain.Clear();
    }

    /// <summary>
    /// A flow that has all of its input and whose output does not come is told as diverged long before its segments are dropped: a server that was only
    /// stopped goes on where it was. As long as some output comes, what waits for later output is not overdue.
    /// </summary>
    private bool IsOverdue(in FlowKey key, HeldSegment segment, ulong progressNs, bool isOwed, ulong nowNs)
    {
        var sinceNs = segment.Kind == ReportKind.HeldCausal ? Math.Max(segment.SinceNs, progressNs) : segment.SinceNs;
        var age = nowNs > sinceNs ? nowNs - sinceNs : 0;
        if (segment.Kind != ReportKind.HeldCausal)
        {
            return age > EarlyLimitNs;
        }
        if (isOwed && age > CausalPatience.LongestNs && dataPath.Replicas.TryGet(key, out var replica))
        {
            divergence.OnSilence(key, replica.ClientIsn, segment.Release);
        }
        return age > CausalLimitNs;
    }

    [LoggerMessage(2002, LogLevel.Warning, "No room to hold a segment of {Flow}: its replica falls behind")]
    private static partial void LogFull(ILogger logger, FlowKey flow);
}
