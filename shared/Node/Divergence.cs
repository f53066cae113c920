using System.Collections.Concurrent;
using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.Native;
using Appliance.Net;
using Appliance.Packets;
using Microsoft.Extensions.Logging;

namespace Appliance.Node;

/// <summary>
/// Replicas that have diverged from their originals: they have said something else, which the programs find, or do not say
/// what the client has acknowledged. A wrong byte is worse than a broken connection, so unless the service's owner has said
/// otherwise, no client hears such a replica. The repair engine's thread tells what happens; any may ask.
/// </summary>
public sealed partial class Divergence(NodeOptions options, NodeDataPath dataPath, Injector injector, ILogger logger) : IDisposable
{
    /// <summary>So many connections are remembered before those that are over are looked for.</summary>
    private const int LeastTold = 1024;

    /// <summary>So long an ended connection is remembered: its client hears the reset by then.</summary>
    private static readonly ulong RememberedNs = MonotonicClock.Nanoseconds(TimeSpan.FromMinutes(1));

    private readonly ConcurrentDictionary<FlowKey, (uint ClientIsn, uint WaitsFor)> _silent = [];
    private readonly ConcurrentDictionary<FlowKey, EndedReplica> _ended = [];
    private readonly Dictionary<FlowKey, uint> _told = [];
    private readonly List<FlowKey> _gone = [];
    private readonly SocketDiagnostics _sockets = new();
    private readonly Lock _ending = new();
    private int _mostTold = LeastTold;

    /// <summary>Has it said something else than its original, and is not to be heard by its client?</summary>
    public bool Differs(in FlowKey key, in Replica replica) => (replica.Flags & ReplicaFlags.Differs) != ReplicaFlags.None && !IsCarried(key);

    /// <summary>Does it not say for long what its client has acknowledged?</summary>
    public bool IsSilent(in FlowKey key, in Replica replica) =>
        _silent.TryGetValue(key, out var flow) && flow.ClientIsn == replica.ClientIsn && (int)(replica.Sent - flow.WaitsFor) < 0;

    /// <summary>At a takeover it is not to be heard by its client.</summary>
    public bool IsMute(in FlowKey key, in Replica replica) => Differs(key, replica) || (IsSilent(key, replica) && !IsCarried(key));

    /// <summary>The programs have found a difference before a sequence number.</summary>
    public void OnDifference(in FlowKey key, uint end)
    {
        if (dataPath.Replicas.TryGet(key, out var replica) && dataPath.Digests.TryGet(key, out var digest) && digest.ClientIsn == replica.ClientIsn && IsNews(key, replica.ClientIsn))
        {
            LogDiffers(logger, key, end - digest.First, Text(digest.Active, digest.First), Text(digest.Own, digest.First));
        }
    }

    /// <summary>The replica has not said for long what the client has acknowledged.</summary>
    public void OnSilence(in FlowKey key, uint clientIsn, uint waitsFor)
    {
        if (_silent.TryAdd(key, (clientIsn, waitsFor)) && IsNews(key, clientIsn))
        {
            LogSilent(logger, key, waitsFor);
        }
    }

    /// <summary>Connections that this node has ended a moment ago, for the thread that tells the gateway.</summary>
    public IEnumerable<KeyValuePair<FlowKey, EndedReplica>> Ended => _ended.IsEmpty ? [] : _ended;

    /// <summary>Has this node ended the connection? Then nothing may begin anew in its name.</summary>
    public EndedReplica? FindEnded(in FlowKey key, uint clientIsn) =>
        _ended.TryGetValue(key, out var ended) && ended.Replica.ClientIsn == clientIsn ? ended : null;

    /// <summary>Forgets replicas that are gone, or that have said in the end what they had to.</summary>
    public void Review()
    {
        foreach (var (key, ended) in Ended)
        {
            if (MonotonicClock.Now > ended.AtNs + RememberedNs)
            {
                _ended.TryRemove(new KeyValuePair<FlowKey, EndedReplica>(key, ended));
            }
        }
        foreach (var (key, flow) in _silent)
        {
            if (!dataPath.Replicas.TryGet(key, out var replica) || replica.ClientIsn != flow.ClientIsn || (int)(replica.Sent - flow.WaitsFor) >= 0)
            {
                _silent.TryRemove(key, out _);
            }
        }
        if (_told.Count <= _mostTold)
        {
            return;
        }
        _gone.Clear();
        foreach (var (key, clientIsn) in _told)
        {
            if (!dataPath.Replicas.TryGet(key, out var replica) || replica.ClientIsn != clientIsn)
            {
                _gone.Add(key);
            }
        }
        _gone.ForEach(key => _told.Remove(key));
        _mostTold = Math.Max(LeastTold, 2 * _told.Count);
    }

    /// <summary>
    /// Ends connections that this node, which holds the service, cannot carry on. Their sockets go first, whatever they are
    /// about; then the node's own stack, which does not know the connections any more, answers their clients with resets.
    /// Two such answers each: the client stands where it has acknowledged or where the active node has stopped, and if it
    /// stands between, it asks (RFC 5961 section 3.2). The gateway is told, too, so that it neither has the replica made anew nor
    /// takes the reset for that of one which is being made. A socket that cannot be ended keeps its replica, which stays mute.
    /// </summary>
    public void End(IReadOnlyCollection<(FlowKey Key, Replica Replica)> flows)
    {
        if (flows.Count == 0)
        {
            return;
        }
        lock (_ending)
        {
            var ended = 0;
            var left = 0;
            NetlinkResult refused = default;
            foreach (var (key, replica) in flows)
            {
                if (!IsStill(key, replica))
                {
                    continue;
                }
                if (!TryDestroy(key, out var result))
                {
                    refused = result;
                    left++;
                    continue;
                }
                Forget(key, replica);
                ended++;
            }
            if (ended > 0)
            {
                LogEnded(logger, ended);
            }
            if (left > 0)
            {
                LogUnended(logger, left, refused.ToString());
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sockets.Dispose();

    /// <summary>
    /// Before Linux 6.12 tcp_abort() says that it has ended a socket which its process has closed, and does not: such a one is ended in
    /// its client's name.
    /// </summary>
    private bool TryDestroy(in FlowKey key, out NetlinkResult result)
    {
        result = _sockets.Destroy(key, dataPath.LanIfindex);
        if (result.Errno == Errno.EAGAIN && dataPath.Replicas.TryGet(key, out var now))
        {
            injector.Reset(key, now);
            result = _sockets.Destroy(key, dataPath.LanIfindex);
        }
        return result.IsOk;
    }

    /// <summary>Of a connection one thing is told, the first.</summary>
    private bool IsNews(in FlowKey key, uint clientIsn)
    {
        var isTold = _told.TryGetValue(key, out var told) && told == clientIsn;
        _told[key] = clientIsn;
        return !isTold;
    }

    private void Forget(in FlowKey key, in Replica replica)
    {
        _ended[key] = new EndedReplica(replica, MonotonicClock.Now);
        dataPath.Openings.Remove(key);
        dataPath.Forget(key);
        injector.Acknowledge(key, replica.ClientNext, replica.ClientAck);
        if (replica.ActiveNext != replica.ClientAck)
        {
            injector.Acknowledge(key, replica.ClientNext, replica.ActiveNext);
        }
    }

    private bool IsStill(in FlowKey key, in Replica judged) =>
        dataPath.Replicas.TryGet(key, out var now) && now.ClientIsn == judged.ClientIsn && now.OpenedNs == judged.OpenedNs;

    private bool IsCarried(FlowKey key) => options.Services.Any(s => s.Divergence == DivergencePolicy.Carry && s.Covers(key));

    /// <summary>The end of what a side has said, for people.</summary>
    private static string Text(in Digest.Side side, uint first) =>
        $"\"{ByteText.Of(side.Last[..Math.Min((int)side.LastLength, Digest.LastBytes)])}\" before byte {side.LastEnd - first}";

    [LoggerMessage(2004, LogLevel.Warning, "{Flow} has diverged: replica and original differ before byte {End} of what the server says. The active node said {Active} last, this node {Own}")]
    private static partial void LogDiffers(ILogger logger, FlowKey flow, uint end, string active, string own);

    [LoggerMessage(2003, LogLevel.Warning, "{Flow} has diverged: the replica does not produce output up to {Sequence} that the client has acknowledged")]
    private static partial void LogSilent(ILogger logger, FlowKey flow, uint sequence);

    [LoggerMessage(2005, LogLevel.Warning, "{Flows} connections had diverged from their originals: their clients are reset")]
    private static partial void LogEnded(ILogger logger, int flows);

    [LoggerMessage(2006, LogLevel.Warning, "{Flows} connections that have diverged cannot be ended: {Reason}. They stay mute")]
    private static partial void LogUnended(ILogger logger, int flows, string reason);
}
