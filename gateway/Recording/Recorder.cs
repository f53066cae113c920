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
public sealed class Recorder : IDisposable
{
    /// <summary>Datagrams have one part of so many of the memory.</summary>
    private const int DatagramPart = 8;

    /// <summary>So does output that nodes have to agree on.</summary>
    private const int VotingPart = 8;

    private static readonly ulong BusyNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(1));
    private static readonly ulong IdleNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(5));
    private static readonly ulong CensusNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(200));

    /// <summary>A segment that no replica has confirmed by now goes into its window: stacks delay acknowledgements by 40 ms (TCP_DELACK_MIN).</summary>
    private static readonly ulong TakeAfterNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(60));

    /// <summary>Longer than any stack delays its acknowledgements (TCP_DELACK_MAX, 200 ms), shorter than an operator's look.</summary>
    private static readonly ulong PatienceNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(250));
    private static readonly ulong ReviewNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(50));

    /// <summary>LEAST_PATIENCE_NS in bpf/gateway_merge.h, and a moment more: who is asked after it may be heard alone.</summary>
    private static readonly ulong StandingNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(4.1));

    private readonly GatewayDataPath _dataPath;
    private readonly IRecordingStore _store;
    private readonly RecorderLog _log;
    private readonly ChunkPool _pool;
    private readonly Recordings _recordings;
    private readonly RepairServer _server;
    private readonly FlowCensus _census;
    private readonly DatagramCensus _answers;
    private readonly RepairDesk _desk;
    private readonly DatagramDesk _datagrams;
    private readonly ServerProbe _probe;
    private readonly ClientWindows _clients;
    private readonly StandingClients _standing;
    private readonly LagLimits? _limits;
    private readonly OutputVotingThread _voting;
    private readonly ProgramVoices _voices;
    private readonly HotOutput _hot;
    private readonly LostConnections _lost;
    private readonly ForgottenFlows _forgotten;
    private readonly WriteBehind _writer;
    private readonly RecordReader _reader;
    private readonly Bpf.RingLog _ring;
    private readonly RepairTimes _repairTimes = new();
    private readonly DescriptorPoller _poller = new();
    private readonly ConcurrentQueue<Action> _orders = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private volatile RecorderStatus _status;
    private volatile uint _liveNodes;
    private ulong _reviewedNs;
    private ulong _censusNs;
    private ulong _nowNs;
    private long _lastRecords;

    /// <summary>Opens the ring and the repair channels, and starts.</summary>
    public Recorder(GatewayOptions options, GatewayDataPath dataPath, LinkInfo lan, IRecordingStore store, ILogger<Recorder> logger)
    {
        var settings = options.Recorder;
        _dataPath = dataPath;
        _store = store;
        _log = new RecorderLog(logger, options.Nodes);
        _pool = new ChunkPool(settings.MemoryBytes - (settings.MemoryBytes / DatagramPart) - (settings.MemoryBytes / VotingPart));
        _probe = new ServerProbe(lan.Index, new MacAddress(lan.Mac.GetAddressBytes()));
        _clients = new ClientWindows(dataPath, _probe);
        var isBounded = settings.Lag == LagPolicy.BestEffort && settings.Policy != RecordPolicy.Full;
        _recordings = new Recordings(_pool, settings.Policy, settings.WindowBytes, isBounded, options.Nodes.Count);
        _census = new FlowCensus(_recordings, options.Services, PatienceNs, _log.Agreement);
        _standing = new StandingClients(_recordings, _clients, StandingNs);
        _limits = settings.Lag == LagPolicy.Protect
            ? new LagLimits(_recordings, _clients, _standing, settings.WindowBytes)
            : null;
        _server = new RepairServer(options, OnFrame, OnConnected, logger);
        _desk = new RepairDesk(_recordings, _server, dataPath.Flows.TryGet, () => _reader!.DrainAll(_nowNs), NoteMaking);
        _voting = new OutputVotingThread(
            dataPath.OpenOutputs(), lan.Index, new MacAddress(lan.Mac.GetAddressBytes()),
            outlet => new OutputVoting(settings.MemoryBytes / VotingPart, settings.WindowBytes, options.Nodes.Count, MonotonicClock.Nanoseconds(options.Agreement.Wait), outlet, OnVotingEvent),
            _log.Failed);
        _voices = new ProgramVoices(dataPath, _probe, _voting);
        _hot = new HotOutput(
            _recordings, _desk, _server, _voices, [.. options.Services.Select(s => new HotOutput.Service(s.Output ?? options.Output, s.Divergence == DivergencePolicy.Carry))],
            options.Agreement.Fallback, _census.ServiceOf);
        _hot.Begin();
        _lost = new LostConnections(_recordings, LetEnd);
        _forgotten = new ForgottenFlows(_recordings, dataPath.Flows.TryGet, flow => Close(flow.Key, flow.ClientIsn, last: null));
        _datagrams = new DatagramDesk(settings.MemoryBytes / DatagramPart, options.Nodes.Count, _server);
        _answers = new DatagramCensus(_datagrams, options.Services, _log.Agreement);
        _ring = dataPath.OpenRecords();
        var writeAfterNs = MonotonicClock.Nanoseconds(settings.WriteAfter);
        _writer = new WriteBehind(_recordings, store, writeAfterNs);
        _reader = new RecordReader(_ring, _recordings, _desk, _datagrams, _writer, _standing, _limits, Math.Min(TakeAfterNs, writeAfterNs), _log.Failed);
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
    /// The store knows where everything is that an earlier process wrote: what was taken in since is written behind it. Comes
    /// before <see cref="Restore"/>, so that a process which ends while it reads has left the next one less to do.
    /// </summary>
    public void GoOnWriting() => _orders.Enqueue(_writer.GoOn);

    /// <summary>
    /// Goes on where an earlier process stopped, with what the store holds of it. Connections that the programs do not know
    /// are over. Until this is called, a connection that was found open counts as being repaired.
    /// </summary>
    public void Restore(SavedState saved) => _orders.Enqueue(() =>
    {
        try
        {
            foreach (var found in saved.Found.Where(found => _recordings.Find(found.Key, found.ClientIsn) is null))
            {
                _store.Close(found.Key, found.ClientIsn);
            }
            foreach (var flow in saved.Flows)
            {
                if (_recordings.Find(flow.Key, flow.Handshake.ClientIsn) is { } known)
                {
                    _recordings.Settle(known, flow);
                }
            }
        }
        finally
        {
            foreach (var flow in _recordings.Flows)
            {
                _recordings.Settle(flow, saved: null);
            }
            _writer.Settled();
        }
        _desk.Reconsider();
        _log.Restored(saved.Flows.Count);
    });

    /// <summary>The connections that the programs know from an earlier process.</summary>
    private void Inherit()
    {
        var keys = new List<FlowKey>();
        var flows = new List<Flow>();
        _writer.Wait();
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
        _log.Inherited(_recordings.Flows.Count);
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
                _log.Failed(e);
            }
        }
    }

    private void Turn(ulong nowNs)
    {
        _nowNs = nowNs;
        _hot.NowNs = nowNs;
        _standing.NowNs = nowNs;
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
        _standing.IsFilling = _reader.HoldsBack;
        _standing.Review();
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
            _lost.Review(nowNs);
            _limits?.ReviewLimited();
            if (nowNs >= _censusNs + CensusNs)
            {
                _censusNs = nowNs;
                _census.Take(nowNs, live);
                _answers.Take();
                _forgotten.Review(nowNs);
                _log.GivenUp(_writer.GivenUp, nowNs);
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
                    if (entry.Flags.HasFlag(ProgressFlags.Ended) && node == _recordings.Assignment.Active
                        && _recordings.Find(entry.Flow, entry.ClientIsn) is { ClosedNs: 0 } ended)
                    {
                        _lost.End(ended, _nowNs);
                    }
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
                        _log.DatagramsDiverged(entry.Flow, node, _nowNs);
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
            _log.Diverged(entry.Flow, node);
        }
    }

    /// <summary>On the voting's thread.</summary>
    private void OnVotingEvent(in FlowKey key, uint clientIsn, OutputDifference? difference)
    {
        if (difference is not null)
        {
            _log.Contested(key, difference);
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

    private RecorderStatus Snapshot()
    {
        var (p50, p99) = _repairTimes.Percentiles();
        var rate = _reader.Records - _lastRecords;
        _lastRecords = _reader.Records;
        return new RecorderStatus(
            _recordings.Policy, _server.SettledNodes, _recordings.Flows.Count, _reader.Records, _reader.Bytes, _reader.PassedOver,
            rate * (long)(MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1)) / ReviewNs), _reader.Waiting, _reader.Size, _pool.UsedBytes, _pool.MaxBytes,
            _recordings.ConflictingBytes, _reader.Damaged, _recordings.Evictions, _limits?.Count ?? 0, _hot.Count, _desk.Requests, _desk.RepairedBytes, _desk.Refused, _desk.Offers, _repairTimes.Count, p50, p99, _repairTimes.Seconds, _census.Lag, _store.Status, _census.States, _census.Services, _hot.Outputs, _voting.Status with { Differences = _hot.Contests }, _answers.Services,
            _datagrams.Status with { Compared = _answers.Services.Sum(s => s.Compared), Diverged = _answers.Services.Sum(s => s.Diverged) });
    }

    private sealed class Following(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
