using System.Net;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Native;
using Appliance.Net;
using Appliance.Packets;
using Microsoft.Extensions.Logging;

namespace Appliance.Node;

/// <summary>
/// Takes the service over, in this order:
///   1. silence off, in one store to shared memory: whatever the stack sends from now on reaches clients
///   2. connection attempts that nobody has answered are brought to the stack once more
///   3. flows that owe the client something: an immediate retransmission of what the replica has sent in silence, and an
///      acknowledgement of what the client sent (that ACK also spares it its own retransmission timeout)
///   4. the addresses and their announcement
///   5. the other flows, without haste: an acknowledgement with the window (the paper's positive advertisement)
/// The clamp on ACKs and the phantom ACKs stay in force for these flows until they end.
/// Step 1 runs on the caller's thread, the rest on a thread of its own: heartbeats must not wait for ten thousand flows.
/// </summary>
public sealed partial class Takeover : IDisposable
{
    /// <summary>How often the backoff is taken back per flow: each call undoes one doubling.</summary>
    private const int BackoffSteps = 4;

    /// <summary>Frames for all flows leave faster than a link takes them.</summary>
    private const int SendBuffer = 8 << 20;

    /// <summary>Step 5 takes so many milliseconds, however many flows there are: the processor is the traffic's.</summary>
    private const int Unhurried = 250;

    private const int NotCounted = -1;

    private readonly NodeDataPath _dataPath;
    private readonly NodeNetwork _network;
    private readonly Injector _injector;
    private readonly PacketSocket _lan;
    private readonly byte[] _frame = new byte[TailFrame.MaxLength];
    private readonly ConnectionAttempts _attempts;
    private readonly Divergence _divergence;
    private readonly ILogger _logger;
    private readonly List<(FlowKey Key, Replica Replica)> _others = new(16_384);
    private readonly List<(FlowKey Key, Replica Replica)> _dead = new(16_384);
    private readonly List<(FlowKey Key, Replica Replica)> _mute = [];
    private readonly SemaphoreSlim _ordered = new(0);
    private readonly Thread _thread;
    private volatile bool _stopping;
    private int _flows;

    /// <summary>Rehearses, and starts the thread.</summary>
    public Takeover(NodeDataPath dataPath, NodeNetwork network, Injector injector, ConnectionAttempts attempts, Divergence divergence, ILogger logger)
    {
        _attempts = attempts;
        _divergence = divergence;
        _dataPath = dataPath;
        _network = network;
        _injector = injector;
        _lan = PacketSocket.Open(network.Lan.Index, sendBuffer: SendBuffer);
        _logger = logger;
        Rehearse();
        _thread = new Thread(Run) { IsBackground = true, Name = "takeover" };
        _thread.Start();
    }

    /// <summary>Flows taken over by the last order; null until they have been counted.</summary>
    public uint? Flows => Volatile.Read(ref _flows) is var flows and >= 0 ? (uint)flows : null;

    /// <summary>Step 1: the node speaks when this returns. Whether it is heard is the gateway's to say.</summary>
    public void Prepare(ulong epoch)
    {
        Volatile.Write(ref _dataPath.State.Inherited, 1);
        _dataPath.SetRole(NodeRole.Active, epoch);
    }

    /// <summary>The other steps, once the node is heard.</summary>
    public void Settle()
    {
        Volatile.Write(ref _flows, NotCounted);
        Volatile.Write(ref _dataPath.State.FirstSpokenNs, 0);
        Volatile.Write(ref _dataPath.State.Heard, 1);
        _ordered.Release();
    }

    /// <summary>Stops the thread.</summary>
    public void Dispose()
    {
        _stopping = true;
        _ordered.Release();
        _thread.Join();
        _ordered.Dispose();
        _lan.Dispose();
    }

    private bool IsActive => _dataPath.Role == NodeRole.Active;

    private void Run()
    {
        Realtime.TryRaise(2);
        while (true)
        {
            _ordered.Wait();
            if (_stopping)
            {
                return;
            }
            try
            {
                WakeFlows();
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _flows, 0, NotCounted);
                LogFailed(_logger, e);
            }
        }
    }

    private void WakeFlows()
    {
        var owing = 0;
        var attempts = IsActive ? _attempts.Replay(MonotonicClock.Now) : 0;
        _others.Clear();
        _dead.Clear();
        _mute.Clear();
        var now = MonotonicClock.Now;
        _dataPath.Replicas.ForEachBatch((keys, replicas) =>
        {
            for (var i = 0; i < keys.Length; i++)
            {
                if (replicas[i].IsOver)
                {
                    continue;
                }
                if (_divergence.IsMute(keys[i], replicas[i]))
                {
                    _mute.Add((keys[i], replicas[i]));
                    continue;
                }
                if (ReplicaLife.IsClosedAlone(replicas[i], ReplicaLife.Doubt, now))
                {
                    _dead.Add((keys[i], replicas[i]));
                    continue;
                }
                if (Wake(keys[i], replicas[i]))
                {
                    owing++;
                }
                else
                {
                    _others.Add((keys[i], replicas[i]));
                }
            }
        });
        // What died here while its original went on is not carried on: the gateway has it made anew, or ends it.
        foreach (var (key, replica) in _dead)
        {
            _injector.Reset(key, replica);
            _dataPath.Forget(key);
        }
        Volatile.Write(ref _flows, owing + _others.Count);
        if (IsActive)
        {
            _network.HoldAddresses(true);
            _divergence.End(_mute);
        }
        var burst = Math.Max(1, _others.Count / Unhurried);
        for (var i = 0; i < _others.Count && IsActive && !_stopping; i++)
        {
            _injector.Probe(_others[i].Key, _others[i].Replica);
            if (i % burst == burst - 1)
            {
                Thread.Sleep(1);
            }
        }
        if (owing + _others.Count + attempts > 0)
        {
            LogTakenOver(_logger, owing + _others.Count, owing, attempts);
        }
    }

    /// <summary>
    /// Runs the same code over a connection that does not exist (RFC 5737 addresses), so that its first real run is not
    /// its compilation.
    /// </summary>
    private void Rehearse()
    {
        const int Runs = 64;
        var nobody = new FlowKey(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1), new IPEndPoint(IPAddress.Parse("192.0.2.2"), 1));
        var owing = new Replica { Sent = 1 };
        var tail = new Tail { L4 = 34, HeaderLength = 54, Length = 1 };
        for (var i = 0; i < Runs; i++)
        {
            _divergence.IsMute(nobody, owing);
            Wake(nobody, owing);
            TailFrame.Write(_frame, nobody, tail, owing, 0);
            _lan.Send([]); // the kernel refuses it
        }
        _network.HoldAddresses(false);
        WakeFlows();
    }

    /// <summary>Settles what a flow owes its client; false when it owes nothing.</summary>
    private bool Wake(in FlowKey key, in Replica replica)
    {
        var owesData = (int)(replica.Sent - replica.ClientAck) > 0;
        // A client that hears several nodes has had this one's acknowledgements.
        var acknowledged = (replica.Flags & ReplicaFlags.Hot) != ReplicaFlags.None ? replica.Received : replica.ActiveAck;
        var owesAck = (int)(replica.ClientNext - acknowledged) > 0;
        var isRepeated = true;
        var isTold = owesData && SendTail(key, out isRepeated);
        for (var step = 0; owesData && isRepeated && step < BackoffSteps; step++)
        {
            _injector.RevertBackoff(key, replica);
        }
        if ((owesData || owesAck) && !(isTold && replica.Received == replica.ClientNext))
        {
            _injector.Probe(key, replica);
        }
        return owesData || owesAck;
    }

    /// <summary>
    /// Sends the end of what the replica has sent, as the stack itself would do after its timeout. That was set for a client
    /// which delays its acknowledgements, and can be hurried only once it has passed.
    /// </summary>
    /// <param name="key">The flow.</param>
    /// <param name="isRepeated">The stack has sent again, or it is not known.</param>
    private bool SendTail(in FlowKey key, out bool isRepeated)
    {
        isRepeated = true;
        // The programs note that the replica has sent more before they write a tail: one that still fits is whole.
        if (!_dataPath.Tails.TryGet(key, out var tail) || !_dataPath.Replicas.TryGet(key, out var replica)
            || TailFrame.Write(_frame, key, tail, replica, MonotonicClock.Now) is not (> 0 and var length)
            || _lan.Send(_frame.AsSpan(0, length)) != FrameOutcome.Accepted)
        {
            return false;
        }
        isRepeated = tail.Repeated != 0;
        return true;
    }

    [LoggerMessage(2301, LogLevel.Error, "Waking the flows after a takeover failed; their own timers will")]
    private static partial void LogFailed(ILogger logger, Exception e);

    [LoggerMessage(2302, LogLevel.Information, "{Flows} flows taken over, {Owing} of them at once: their clients were owed data or an acknowledgement; {Attempts} unanswered connection attempts")]
    private static partial void LogTakenOver(ILogger logger, int flows, int owing, int attempts);
}
