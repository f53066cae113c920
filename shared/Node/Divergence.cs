using System.Collections.Concurrent;
using System.Text;
using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Microsoft.Extensions.Logging;

namespace Appliance.Node;

/// <summary>
/// Replicas that have diverged from their originals: they have said something else, which the programs find, or do not say
/// what the client has acknowledged. A wrong byte is worse than a broken connection, so unless the service's owner has said
/// otherwise, such a replica never speaks to the client. The repair engine's thread tells what happens; any may ask.
/// </summary>
public sealed partial class Divergence(NodeOptions options, NodeDataPath dataPath, Injector injector, ILogger logger)
{
    /// <summary>So many connections are remembered before those that are over are looked for.</summary>
    private const int LeastTold = 1024;

    private readonly ConcurrentDictionary<FlowKey, (uint ClientIsn, uint WaitsFor)> _silent = [];
    private readonly Dictionary<FlowKey, uint> _told = [];
    private readonly List<FlowKey> _gone = [];
    private int _mostTold = LeastTold;

    /// <summary>Has this one diverged?</summary>
    public bool Has(in FlowKey key, in Replica replica) =>
        (replica.Flags & ReplicaFlags.Differs) != ReplicaFlags.None
            || (!_silent.IsEmpty && _silent.TryGetValue(key, out var flow) && flow.ClientIsn == replica.ClientIsn);

    /// <summary>Its client is not to hear it.</summary>
    public bool IsMute(in FlowKey key, in Replica replica) => Has(key, replica) && !IsCarried(key);

    /// <summary>The programs have found a difference before a sequence number. Of a connection the first one is told.</summary>
    public void OnDifference(in FlowKey key, uint end)
    {
        if (dataPath.Replicas.TryGet(key, out var replica) && dataPath.Digests.TryGet(key, out var digest) && digest.ClientIsn == replica.ClientIsn
            && !(_told.TryGetValue(key, out var told) && told == replica.ClientIsn))
        {
            _told[key] = replica.ClientIsn;
            LogDiffers(logger, key, end, Text(digest.Active), Text(digest.Own));
        }
    }

    /// <summary>The replica has not said for long what the client has acknowledged.</summary>
    public void OnSilence(in FlowKey key, uint clientIsn, uint waitsFor)
    {
        if (_silent.TryAdd(key, (clientIsn, waitsFor)))
        {
            LogSilent(logger, key, waitsFor);
        }
    }

    /// <summary>Forgets replicas that are gone, or that have said in the end what they had to.</summary>
    public void Review()
    {
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
    /// Ends a connection that this node cannot carry on: its server hears a reset, and so does the client, from the node's
    /// own stack, which answers for connections that it does not know. Two such answers: the client stands where it has
    /// acknowledged or where the active node has stopped, and if it stands between, it asks (RFC 5961 section 3.2).
    /// </summary>
    public void End(in FlowKey key, in Replica replica)
    {
        injector.Reset(key, replica);
        dataPath.Forget(key);
        injector.Acknowledge(key, replica.ClientNext, replica.ClientAck);
        if (replica.ActiveNext != replica.ClientAck)
        {
            injector.Acknowledge(key, replica.ClientNext, replica.ActiveNext);
        }
    }

    private bool IsCarried(FlowKey key)
    {
        var address = key.Service.ToIPAddress();
        return options.Services.Any(
            s => s.Divergence == DivergencePolicy.Carry && s.Addresses.Contains(address) && s.Protocol != ServiceProtocol.Udp
                && s.Ports.Any(p => key.ServicePort >= p.First && key.ServicePort <= p.Last));
    }

    /// <summary>The end of what a side has said, for people.</summary>
    private static string Text(in Digest.Side side)
    {
        var text = new StringBuilder();
        foreach (var value in side.Last[..Math.Min((int)side.LastLength, Digest.LastBytes)])
        {
            text.Append(value is >= 0x20 and < 0x7f and not ((byte)'\\' or (byte)'"') ? ((char)value).ToString() : $"\\x{value:x2}");
        }
        return $"\"{text}\" up to {side.LastEnd}";
    }

    [LoggerMessage(2004, LogLevel.Warning, "{Flow} has diverged: replica and original differ before sequence number {End}. The active node said {Active} last, this node {Own}")]
    private static partial void LogDiffers(ILogger logger, FlowKey flow, uint end, string active, string own);

    [LoggerMessage(2003, LogLevel.Warning, "{Flow} has diverged: the replica does not produce output up to {Sequence} that the client has acknowledged")]
    private static partial void LogSilent(ILogger logger, FlowKey flow, uint sequence);
}
