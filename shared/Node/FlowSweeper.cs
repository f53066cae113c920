using System.Runtime.CompilerServices;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Native;
using Microsoft.Extensions.Logging;

namespace Appliance.Node;

/// <summary>
/// Looks at every replica once a second: removes those that are over, ends those whose original has ended and those that
/// nobody may hear, finishes openings whose socket never appeared, and counts how the rest are doing.
/// </summary>
public sealed partial class FlowSweeper : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LastLook = TimeSpan.FromMilliseconds(640);

    private readonly NodeDataPath _dataPath;
    private readonly Injector _injector;
    private readonly RepairEngine _repair;
    private readonly OwnConnections _own;
    private readonly Divergence _divergence;
    private readonly ILogger _logger;
    private readonly List<FlowKey> _keys = [];
    private readonly List<Replica> _replicas = [];
    private readonly List<(FlowKey Key, Replica Replica)> _mute = [];
    private readonly Timer _timer;
    private readonly Lock _gate = new();
    private volatile StrongBox<FlowSummary> _summary = new();
    private int _flushes;
    private bool _stopped;

    /// <summary>Starts looking.</summary>
    public FlowSweeper(NodeDataPath dataPath, Injector injector, RepairEngine repair, OwnConnections own, Divergence divergence, ILogger logger)
    {
        _dataPath = dataPath;
        _injector = injector;
        _repair = repair;
        _own = own;
        _divergence = divergence;
        _logger = logger;
        _timer = new Timer(_ => TrySweep(), null, Interval, Interval);
    }

    /// <summary>As of the last look. Read by the heartbeats, so it never waits for a look under way.</summary>
    public FlowSummary Summary => _summary.Value;

    /// <summary>
    /// Ends every replica of now in its client's name, and every connection that the node's own servers accepted, in the
    /// background and silently: the node is a replica, so nothing of it is heard.
    /// </summary>
    /// <param name="done">Is called at the end.</param>
    public void Flush(Action done)
    {
        var beforeNs = MonotonicClock.Now;
        Interlocked.Increment(ref _flushes);
        InBackground(
            () =>
            {
                EndWhere((_, replica) => replica.OpenedNs < beforeNs);
                _own.End();
            },
            () =>
            {
                Interlocked.Decrement(ref _flushes);
                done();
            });
    }

    /// <summary>What the node was before is not yet gone.</summary>
    public bool IsFlushing => Volatile.Read(ref _flushes) != 0;

    /// <summary>
    /// Servers of a silent node have ended: the closes that their kernel made are no word of theirs. What is left of their
    /// replicas goes in the background, so that new ones can be made as soon as the servers are back. A dying process closes
    /// one connection after the other, and its replicas may be ahead of their originals: it is looked again and again.
    /// </summary>
    public void EndOf(IReadOnlyCollection<int> ports)
    {
        var endedNs = MonotonicClock.Now;
        EndClosed(ports, endedNs);
        _ = Task.Run(async () =>
        {
            for (var pause = FirstLook; pause <= LastLook; pause *= 2)
            {
                await Task.Delay(pause);
                EndClosed(ports, endedNs);
            }
        });
    }

    private void EndClosed(IReadOnlyCollection<int> ports, ulong endedNs) => InBackground(() =>
    {
        if (IsSilent)
        {
            EndWhere((key, replica) => replica.OpenedNs < endedNs && ports.Contains(key.ServicePort) && ReplicaLife.IsClosedAlone(replica));
        }
    });

    /// <summary>Stops looking; waits for a look under way.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
        }
        _timer.Dispose();
    }

    private bool IsSilent => _dataPath.Role == NodeRole.Replica;

    private void InBackground(Action action, Action? done = null) => ThreadPool.QueueUserWorkItem(_ =>
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }
            try
            {
                _dataPath.Replicas.CopyTo(_keys, _replicas);
                action();
            }
            catch (Exception e)
            {
                LogFailed(_logger, e);
            }
        }
        done?.Invoke();
    });

    private void TrySweep()
    {
        if (!_gate.TryEnter())
        {
            return;
        }
        try
        {
            if (!_stopped)
            {
                Sweep(MonotonicClock.Now);
            }
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void Sweep(ulong nowNs)
    {
        _dataPath.Replicas.CopyTo(_keys, _replicas);
        var isSilent = IsSilent;
        var isHeard = Volatile.Read(ref _dataPath.State.Heard) != 0;
        _mute.Clear();
        uint diverged = 0;
        uint live = 0;
        uint inStep = 0;
        for (var i = 0; i < _keys.Count; i++)
        {
            var replica = _replicas[i];
            var isMute = _divergence.IsMute(_keys[i], replica);
            // While others speak, too, one that lags costs its client nothing.
            if (isHeard && isMute && (replica.Flags & ReplicaFlags.Hot) == ReplicaFlags.None)
            {
                _mute.Add((_keys[i], replica));
                continue;
            }
            diverged += isMute ? 1u : 0;
            switch (ReplicaLife.Judge(replica, nowNs, isSilent))
            {
                case ReplicaVerdict.Keep:
                    live++;
                    inStep += replica.IsInStep ? 1u : 0;
                    break;
                case ReplicaVerdict.Remove:
                    RemoveUnlessChanged(_keys[i], replica);
                    break;
                case ReplicaVerdict.Reset:
                    _injector.Reset(_keys[i], replica);
                    break;
                case ReplicaVerdict.EndedEarly:
                    End(_keys[i], replica);
                    break;
                case ReplicaVerdict.Probe:
                    live++;
                    _injector.Probe(_keys[i], replica);
                    break;
                case ReplicaVerdict.FinishHandshake:
                    if (_dataPath.Openings.TryGet(_keys[i], out var handshake) && handshake.IsComplete)
                    {
                        _injector.FinishHandshake(_keys[i], handshake);
                    }
                    else
                    {
                        RemoveUnlessChanged(_keys[i], replica);
                    }
                    break;
                default:
                    throw new InvalidOperationException("unknown verdict");
            }
        }
        _divergence.End(_mute);
        _summary = new StrongBox<FlowSummary>(new FlowSummary(live, inStep, diverged, (uint)_repair.Held));
    }

    private void EndWhere(Func<FlowKey, Replica, bool> predicate)
    {
        for (var i = 0; i < _keys.Count; i++)
        {
            if (predicate(_keys[i], _replicas[i]))
            {
                End(_keys[i], _replicas[i]);
            }
        }
    }

    private void End(in FlowKey key, in Replica judged)
    {
        if (_dataPath.Replicas.TryGet(key, out var now) && now.ClientIsn == judged.ClientIsn && now.OpenedNs == judged.OpenedNs)
        {
            _injector.Reset(key, now);
            _dataPath.Forget(key);
        }
    }

    /// <summary>
    /// The copy that was judged is milliseconds old: meanwhile the socket may have appeared (the programs note that before
    /// they forget its handshake), or a new connection may have taken the same ports.
    /// </summary>
    private void RemoveUnlessChanged(in FlowKey key, in Replica judged)
    {
        if (_dataPath.Replicas.TryGet(key, out var now) && now.ClientIsn == judged.ClientIsn && now.Flags == judged.Flags && now.LastNs == judged.LastNs)
        {
            _dataPath.Forget(key);
        }
    }

    [LoggerMessage(2101, LogLevel.Error, "A look at the flows failed; the next one follows")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
