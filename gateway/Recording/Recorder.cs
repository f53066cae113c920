using System.Collections.Concurrent;
using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Recording.Store;
using Appliance.Gateway.Recording.Voting;
using Appliance.Native;
using Appliance.Net;
using Appliance.Recording;
using Appliance.RepairChannel;

namespace Appliance.Gateway.Recording;

/// <summary>
/// The recorder: one thread that reads the record ring, keeps the windows, serves the nodes' repair channels and limits
/// clients whose replicas lag. Nothing of it is in the way of a packet, and none of its parts needs a lock.
/// </summary>
public sealed partial class Recorder : IDisposable
{
    /// <summary>Datagrams have one part of so many of the memory.</summary>
    private const int DatagramPart = 8;

    /// <summary>So does output that nodes have to agree on.</summary>
    private const int VotingPart = 8;

    private static readonly ulong BusyNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(1));
    private static readonly ulong IdleNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(5));
    private static readonly ulong CheckNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(5));
    private static readonly ulong CensusNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(200));

    /// <summary>Longer than any stack delays its acknowledgements (TCP_DELACK_MAX, 200 ms), shorter than an operator's look.</summary>
    private static readonly ulong PatienceNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(250));
    private static readonly ulong ReviewNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(50));

    private readonly IReadOnlyList<GatewayOptions.NodeEntry> _nodes;
    private readonly GatewayDataPath _dataPath;
    private readonly IRecordingStore _store;
    private readonly ILogger<Recorder> _logger;
    private readonly ChunkPool _pool;
    private readonly Recordings _recordings;
    private readonly RepairServer _server;
    private readonly FlowCensus _census;
    private readonly DatagramCensus _answers;
    private readonly RepairDesk _desk;
    private readonly DatagramDesk _datagrams;
    private readonly ServerProbe _probe;
    private readonly ClientWindows _clients;
    private readonly LagLimits? _limits;
    private readonly OutputVotingThread _voting;
    private readonly ProgramVoices _voices;
    private readonly HotOutput _hot;
    private readonly LostConnections _lost;
    private readonly WriteBehind _writer;
    private readonly RecordReader _reader;
    private readonly Bpf.RingLog _ring;
    private readonly RepairTimes _repairTimes = new();
    private readonly Stack<RecordedFlow> _unchecked = new();
    private readonly DescriptorPoller _poller = new();
    private readonly ConcurrentQueue<Action> _orders = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private volatile RecorderStatus _status;
    private volatile uint _liveNodes;
    private ulong _reviewedNs;
    private ulong _censusNs;
    private ulong _checkedNs;
    private ulong _divergedNs;
    private ulong _nowNs;
    private long _lastRecords;

    /// <summary>Opens the ring and the repair channels, and starts.</summary>
    public Recorder(GatewayOptions options, GatewayDataPath dataPath, LinkInfo lan, IRecordingStore store, ILogger<Recorder> logger)
    {
        var settings = options.Recorder;
        _nodes = options.Nodes;
        _dataPath = dataPath;
        _store = store;
        _logger = logger;
        _pool = new ChunkPool(settings.MemoryBytes - (settings.MemoryBytes / DatagramPart) - (settings.MemoryBytes / VotingPart));
        _probe = new ServerProbe(lan.Index, new MacAddress(lan.Mac.GetAddressBytes()));
        _clients = new ClientWindows(dataPath, _probe);
        var isBounded = settings.Lag == LagPolicy.BestEffort && settings.Policy != RecordPolicy.Full;
        _recordings = new Recordings(_pool, settings.Policy, settings.WindowBytes, isBounded, options.Nodes.Count);
        _census = new FlowCensus(_recordings, options.Services, PatienceNs, OnAgreementChanged);
        _limits = settings.Lag == LagPolicy.Protect
            ? new LagLimits(_recordings, _clients, settings.WindowBytes)
            : null;
        _server = new RepairServer(options, OnFrame, OnConnected, logger);
        _desk = new RepairDesk(_recordings, _server, dataPath.Flows.TryGet, () => _reader!.DrainAll(_nowNs), NoteMaking);
        _voting = new OutputVotingThread(
            dataPath.OpenOutputs(), lan.Index, new MacAddress(lan.Mac.GetAddressBytes()),
            outlet => new OutputVoting(settings.MemoryBytes / VotingPart, settings.WindowBytes, options.Nodes.Count, MonotonicClock.Nanoseconds(options.Agreement.Wait), outlet, OnVotingEvent),
            e => LogFailed(logger, e));
        _voices = new ProgramVoices(dataPath, _probe, _voting);
        _hot = new HotOutput(
            _recordings, _desk, _server, _voices, [.. options.Services.Select(s => new HotOutput.Service(s.Output ?? options.Output, s.Divergence == DivergencePolicy.Carry))],
            options.Agreement.Fallback, _census.ServiceOf);
        _hot.Begin();
        _lost = new LostConnections(_recordings, LetEnd);
        _datagrams = new DatagramDesk(settings.MemoryBytes / DatagramPart, options.Nodes.Count, _server);
        _answers = new DatagramCensus(_datagrams, options.Services, OnAnswersChanged);
        _ring = dataPath.OpenRecords();
        _writer = new WriteBehind(_recordings, store);
        _reader = new RecordReader(_ring, _recordings, _desk, _datagrams, _writer, _limits, MonotonicClock.Nanoseconds(settings.WriteAfter), e => LogFailed(logger, e));
        if (dataPath.IsInherited)
        {
            Inherit();
        }
        _status = Snapshot();
        _thread = new Thread(Run) { IsBackground = true, Name = "recorder" };
        _thread.Start();
    }

    /// <summary>Mask of the nodes that are alive: only those protect.</summary>
    public uint LiveNodes
    {
        get => _liveNodes;
        set => _liveNodes = value;
    }

    /// <summary>As of the last moments.</summary>
    public RecorderStatus Status => _status;

    /// <summary>
    /// The service is about to move in good order: see <see cref="Recordings.PrepareToMove"/>. Not before
    /// <paramref name="ready"/> is called, on this thread, may it move.
    /// </summary>
    public void PrepareToMove(Action ready) => _orders.Enqueue(() =>
    {
        _recordings.PrepareToMove();
        _desk.Reconsider();
        ready();
    });

    /// <summary>The service moves, or a replica comes or goes.</summary>
    public void Assign(Assignment assignment) => _orders.Enqueue(() =>
    {
        _reader.Drain(_nowNs);
        var moves = assignment.Active != _recordings.Assignment.Active && _recordings.Assignment.Active >= 0;
        _recordings.Assign(assignment);
        _datagrams.Assign(assignment);
        if (moves)
        {
            _lost.End(_nowNs);
        }
        _desk.Reconsider();
        _hot.Review();
    });

    /// <summary>Decides whose output reaches the clients of a service; completes when that is in force.</summary>
    /// <param name="service">Its index, as it is configured.</param>
    public Task SetOutputAsync(int service, OutputPolicy policy) => AskAsync(_ =>
    {
        _hot.SetPolicy(service, policy);
        _hot.Review();
        _status = Snapshot();
        return policy;
    });

    /// <summary>Servers of a node have ended or begun again; see <see cref="Recordings.NoteEnded"/>.</summary>
    public void NoteEnded(int node, ulong ended) => _orders.Enqueue(() =>
    {
        if (_recordings.NoteEnded(node, ended, _nowNs))
        {
            _desk.Reconsider();
        }
    });

    /// <summary>A connection has ended and was removed from the programs' table, which said this of it.</summary>
    public void Close(FlowKey key, Flow last) => _orders.Enqueue(() => Close(key, last.Handshake.ClientIsn, last));

    /// <summary>Has every piece that is recorded from now on told, on the recorder's thread, until the result is disposed of.</summary>
    public IDisposable Follow(RecordFollower follower)
    {
        _orders.Enqueue(() => _reader.Followers += follower);
        return new Following(() => _orders.Enqueue(() => _reader.Followers -= follower));
    }

    /// <summary>Runs something between two looks, on the recorder's thread.</summary>
    /// <param name="question">What to run.</param>
    /// <param name="all">Everything that was recorded before has to be in the windows.</param>
    public Task<T> AskAsync<T>(Func<Recordings, T> question, bool all = false)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _orders.Enqueue(() =>
        {
            try
            {
                if (all)
                {
                    _reader.DrainAll(_nowNs);
                }
                answer.SetResult(question(_recordings));
            }
            catch (Exception e)
            {
                answer.SetException(e);
            }
        });
        return answer.Task;
    }

    /// <summary>Stops; what the store does not have stays in the ring.</summary>
    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _voting.Dispose();
        _server.Dispose();
        _probe.Dispose();
        _ring.Dispose();
    }

    /// <summary>
    /// Goes on where an earlier process stopped, with what the store holds of it. Connections that the programs do not know
    /// are over. Until this is called, a connection that was found open counts as being repaired.
    /// </summary>
    public void Restore(SavedState saved) => _orders.Enqueue(() =>
    {
        // Until now the windows hold what came from the ring: also what the store had not confirmed before.
        var takenIn = _recordings.Flows.Select(flow => (Flow: flow, From: flow.Window.NextHeld(flow.Window.Start) ?? flow.Window.End)).ToList();
        try
        {
            foreach (var flow in saved.Flows)
            {
                if (_recordings.Find(flow.Key, flow.Handshake.ClientIsn) is { } known)
                {
                    _recordings.Settle(known, flow);
                }
                else
                {
                    _store.Close(flow.Key, flow.Handshake.ClientIsn);
                }
            }
        }
        finally
        {
            foreach (var flow in _recordings.Flows)
            {
                _recordings.Settle(flow, saved: null);
            }
            _writer.IsRestoring = false;
        }
        takenIn.ForEach(taken => _writer.CatchUp(taken.Flow, taken.From, _ring.Released));
        _desk.Reconsider();
        LogRestored(_logger, saved.Flows.Count);
    });

    /// <summary>The connections that the programs know from an earlier process.</summary>
    private void Inherit()
    {
        var keys = new List<FlowKey>();
        var flows = new List<Flow>();
        _writer.IsRestoring = true;
        _recordings.Assign(_dataPath.Assignment);
        _datagrams.Assign(_dataPath.Assignment);
        _clients.WidenAll();
        _dataPath.Flows.CopyTo(keys, flows);
        for (var i = 0; i < keys.Count; i++)
        {
            if (!flows[i].IsOver)
            {
                _recordings.Adopt(keys[i], flows[i]);
            }
        }
        _hot.Inherit(_voices.Inherit());
        LogInherited(_logger, _recordings.Flows.Count);
    }

    private void Run()
    {
        var share = new RealtimeShare(priority: 1, busyNice: -20);
        while (!_stopping)
        {
            try
            {
                share.Review(MonotonicClock.Now);
                _poller.Clear();
                _server.Watch(_poller);
                _poller.Wait(MonotonicClock.Duration(_ring.Produced != _ring.Released ? BusyNs : IdleNs));
                Turn(MonotonicClock.Now);
            }
            catch (Exception e)
            {
                LogFailed(_logger, e);
            }
        }
    }

    private void Turn(ulong nowNs)
    {
        _nowNs = nowNs;
        _hot.NowNs = nowNs;
        if (_limits is not null)
        {
            _limits.NowNs = nowNs;
        }
        _reader.Drain(nowNs);
        _server.Pump(nowNs);
        while (_orders.TryDequeue(out var order))
        {
            order();
        }
        if (_hot.Count > 0)
        {
            _limits?.ReviewLimited(); // by the standstill of a node, which is over sooner than the next look at all
        }
        _desk.Tick(nowNs);
        _datagrams.Tick(nowNs);
        if (nowNs >= _reviewedNs + ReviewNs)
        {
            _reviewedNs = nowNs;
            var live = _liveNodes & _server.SettledNodes;
            if (_limits is not null)
            {
                _limits.LiveNodes = live;
            }
            _desk.Review(nowNs);
            _hot.Review();
            _limits?.ReviewLimited();
            if (nowNs >= _censusNs + CensusNs)
            {
                _censusNs = nowNs;
                _census.Take(nowNs, live);
                _answers.Take();
                CloseUnknown(nowNs);
            }
            _status = Snapshot();
        }
    }

    private void Close(in FlowKey key, uint clientIsn, Flow? last)
    {
        if (_recordings.Find(key, clientIsn) is { ClosedNs: 0 } flow)
        {
            _limits?.Lift(flow);
            _writer.Forget(flow);
            _hot.Forget(flow);
            _desk.Closed(flow, last, _nowNs);
        }
    }

    private void LetEnd(in FlowKey key, uint clientIsn)
    {
        if (_dataPath.Flows.TryGet(key, out var flow) && flow.Handshake.ClientIsn == clientIsn)
        {
            _voices.LetClose(key);
            _probe.Send(key, flow, flow.ServerAck);
        }
    }

    private void NoteMaking(in FlowKey key, in Making making)
    {
        if (making.Nodes == 0)
        {
            _dataPath.Making.Remove(key);
        }
        else
        {
            _dataPath.Making.Set(key, making);
        }
    }

    private void OnConnected(int node)
    {
        _recordings.Unlearn(node);
        _datagrams.Connected(node);
        _desk.Reconsider();
    }

    private void OnFrame(int node, FrameKind kind, ReadOnlySpan<byte> body)
    {
        switch (kind)
        {
            case FrameKind.Progress:
                foreach (var entry in new FrameEntries<ProgressEntry>(body))
                {
                    NoteDivergence(node, entry);
                    if (_desk.OnProgress(node, entry, _nowNs))
                    {
                        _dataPath.Consents.Remove(entry.Flow); // that the earlier replica had closed says nothing of this one
                    }
                    Settle(entry.Flow, entry.ClientIsn);
                }
                break;
            case FrameKind.DatagramProgress:
                foreach (var entry in new FrameEntries<DatagramProgressEntry>(body))
                {
                    _datagrams.OnProgress(node, entry, _nowNs);
                }
                break;
            case FrameKind.DatagramStanding:
                foreach (var entry in new FrameEntries<DatagramStandingEntry>(body))
                {
                    if (_datagrams.OnStanding(node, entry))
                    {
                        NoteDivergence(node, entry.Flow);
                    }
                }
                break;
            case FrameKind.ScanDone:
                _server.OnScanDone(node, ScanDoneEntry.Read(body).Epoch, _nowNs);
                break;
            case FrameKind.Need:
                var produced = _ring.Produced; // what comes later is not what the node lacks
                foreach (var need in new FrameEntries<NeedEntry>(body))
                {
                    while (!_desk.HasReady(need) && _ring.Position < produced && _reader.DrainSome(_nowNs))
                    {
                        // until the window has it
                    }
                    _desk.OnNeed(node, need, _nowNs);
                }
                break;
            case FrameKind.Repaired:
                foreach (var repaired in new FrameEntries<RepairedEntry>(body))
                {
                    _repairTimes.Add(repaired.Microseconds);
                }
                break;
            case FrameKind.Lost:
                foreach (var lost in new FrameEntries<LostEntry>(body))
                {
                    _desk.OnLost(node, lost);
                    Settle(lost.Flow, lost.ClientIsn);
                    _dataPath.Consents.Remove(lost.Flow);
                }
                break;
            default:
                break;
        }
    }

    private void NoteDivergence(int node, in ProgressEntry entry)
    {
        const ProgressFlags Diverged = ProgressFlags.Diverged | ProgressFlags.Differs;
        if ((entry.Flags & Diverged) != ProgressFlags.None && _recordings.Find(entry.Flow, entry.ClientIsn) is { } flow && !flow.Shares[node].IsDivergenceTold)
        {
            flow.Shares[node].IsDivergenceTold = true;
            LogDiverged(_logger, entry.Flow, _nodes[node].Name);
        }
    }

    /// <summary>On the voting's thread.</summary>
    private void OnVotingEvent(in FlowKey key, uint clientIsn, OutputDifference? difference)
    {
        if (difference is not null)
        {
            LogContested(
                _logger, key, difference.Sequence, _nodes[difference.Node].Name, Convert.ToHexString(difference.Bytes), _nodes[difference.Other].Name, Convert.ToHexString(difference.OtherBytes));
        }
        var concerned = key;
        _orders.Enqueue(() =>
        {
            if (_recordings.Find(concerned, clientIsn) is not { ClosedNs: 0 } flow)
            {
                return;
            }
            if (difference is not null)
            {
                _hot.Contest(flow);
            }
            else
            {
                _hot.GiveUpWaiting(flow);
            }
        });
    }

    /// <summary>One a second is told: where each question has a flow of its own, each may be another.</summary>
    private void NoteDivergence(int node, in FlowKey flow)
    {
        if (_nowNs >= _divergedNs + MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1)))
        {
            _divergedNs = _nowNs;
            LogDatagramsDiverged(_logger, flow, _nodes[node].Name);
        }
    }

    private void OnAgreementChanged(ServiceOptions service, ServiceReading reading) =>
        NoteAgreement(service.Name, reading.IsInAgreement, reading.Diverged, reading.Open, "connections");

    private void OnAnswersChanged(ServiceOptions service, DatagramReading reading) =>
        NoteAgreement(service.Name, reading.IsInAgreement, reading.Diverged, reading.Compared, "flows of datagrams");

    private void NoteAgreement(string service, bool isInAgreement, int diverged, int of, string what)
    {
        if (isInAgreement)
        {
            LogAgrees(_logger, service, what);
        }
        else
        {
            LogDisagrees(_logger, service, diverged, of, what);
        }
    }

    private void Settle(in FlowKey key, uint clientIsn)
    {
        if (_recordings.Find(key, clientIsn) is { } flow)
        {
            _writer.ReleaseStored(flow);
            _hot.Review(flow);
            if (flow.Limit is not null)
            {
                _limits?.Review(flow);
            }
        }
    }

    /// <summary>What is known of every open flow.</summary>
    public Task<Dictionary<FlowKey, FlowReading>> ReadFlowsAsync() => AskAsync(recordings =>
    {
        var states = new Dictionary<FlowKey, FlowReading>();
        foreach (var flow in recordings.Flows)
        {
            if (flow.ClosedNs == 0)
            {
                var state = _census.StateOf(flow, _nowNs, _liveNodes & _server.SettledNodes);
                states[flow.Key] = new FlowReading(state, flow.Window.End, recordings.ReplicasOf(flow, _nowNs));
            }
        }
        return states;
    });

    /// <summary>
    /// Connections that the programs have forgotten without a word: replaced by one that never came about, or closed before
    /// their beginning was read. Some at a time.
    /// </summary>
    private void CloseUnknown(ulong nowNs)
    {
        const int AtOnce = 2000;
        if (_unchecked.Count == 0 && nowNs >= _checkedNs + CheckNs)
        {
            _checkedNs = nowNs;
            foreach (var flow in _recordings.Flows)
            {
                _unchecked.Push(flow);
            }
        }
        for (var i = 0; i < AtOnce && _unchecked.TryPop(out var flow); i++)
        {
            if (flow.ClosedNs == 0 && !flow.IsRemoved && nowNs > flow.OpenedNs + CheckNs
                && !(_dataPath.Flows.TryGet(flow.Key, out var current) && current.Handshake.ClientIsn == flow.ClientIsn))
            {
                Close(flow.Key, flow.ClientIsn, last: null);
            }
        }
    }

    private RecorderStatus Snapshot()
    {
        var (p50, p99) = _repairTimes.Percentiles();
        var rate = _reader.Records - _lastRecords;
        _lastRecords = _reader.Records;
        return new RecorderStatus(
            _recordings.Policy, _recordings.Flows.Count, _reader.Records, _reader.Bytes, _reader.PassedOver,
            rate * (long)(MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1)) / ReviewNs), _reader.Waiting, _reader.Size, _pool.UsedBytes, _pool.MaxBytes,
            _recordings.ConflictingBytes, _reader.Damaged, _recordings.Evictions, _limits?.Count ?? 0, _hot.Count, _desk.Requests, _desk.RepairedBytes, _desk.Refused, _desk.Offers, _repairTimes.Count, p50, p99, _repairTimes.Seconds, _census.Lag, _store.Status, _census.States, _census.Services, _hot.Outputs, _voting.Status, _answers.Services,
            _datagrams.Status with { Compared = _answers.Services.Sum(s => s.Compared), Diverged = _answers.Services.Sum(s => s.Diverged) });
    }

    private sealed class Following(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    [LoggerMessage(1211, LogLevel.Information, "Goes on with {Flows} open connections of an earlier run")]
    private static partial void LogInherited(ILogger logger, int flows);

    [LoggerMessage(1212, LogLevel.Information, "The store is read: {Flows} connections of an earlier run")]
    private static partial void LogRestored(ILogger logger, int flows);

    [LoggerMessage(1213, LogLevel.Warning, "{Flow} has diverged at {Node} and does not survive a failover: the node's log tells what differs")]
    private static partial void LogDiverged(ILogger logger, FlowKey flow, string node);

    [LoggerMessage(1214, LogLevel.Error, "The servers of {Service} are not alike: {Diverged} of {Open} {Flows} have diverged, and none counts as protected any more")]
    private static partial void LogDisagrees(ILogger logger, string service, int diverged, int open, string flows);

    [LoggerMessage(1215, LogLevel.Information, "The servers of {Service} agree again: {Flows}")]
    private static partial void LogAgrees(ILogger logger, string service, string flows);

    [LoggerMessage(1216, LogLevel.Warning, "{Flow} has diverged at {Node}: after a failover its client may hear what contradicts what it was told. The node's log tells what differs. Others are counted, one a second is told")]
    private static partial void LogDatagramsDiverged(ILogger logger, FlowKey flow, string node);

    [LoggerMessage(1217, LogLevel.Error, "The nodes contradict one another about {Flow}, and its client gets neither: at sequence number {Sequence}, {Node} says {Bytes} and {Other} says {OtherBytes}")]
    private static partial void LogContested(ILogger logger, FlowKey flow, uint sequence, string node, string bytes, string other, string otherBytes);

    [LoggerMessage(1210, LogLevel.Error, "The recorder failed and goes on")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
