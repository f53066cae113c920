using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Native;
using Appliance.Node.Api;
using Appliance.Node.Servers;
using Microsoft.Extensions.Logging;

namespace Appliance.Node;

/// <summary>
/// The node's end of the control protocol, on one thread: a heartbeat every interval, and obedience to the highest epoch.
/// A confirmed heartbeat extends the lease, counted from when it was sent; the programs enforce it packet by packet.
/// </summary>
public sealed partial class NodeControl : IDisposable
{
    private static readonly ulong SettleNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(2));
    private static readonly ulong ForgetGatewayNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(3));

    /// <summary>Most datagrams that are read before the next heartbeat is looked at: a flood must not delay it.</summary>
    private const int DatagramsPerTurn = 256;

    private readonly NodeOptions _options;
    private readonly NodeDataPath _dataPath;
    private readonly NodeNetwork _network;
    private readonly Takeover _takeover;
    private readonly FlowSweeper _flows;
    private readonly ServerWatch _servers;
    private readonly ServerProbes _probes;
    private readonly ILogger _logger;
    private readonly GatewayLink _link;
    private readonly MessageCodec _codec;
    private readonly MacAddress _mac;
    private readonly ulong _instance = (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
    private readonly byte[] _buffer = new byte[MessageCodec.Length];
    private readonly long[] _ignored = new long[Enum.GetValues<MessageError>().Length];
    private readonly Obedience _orders = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private ReplayGuard _guard = new();
    private volatile bool _isUrgent;
    private ulong _sequence;

    /// <summary>The last epoch that is obeyed whole. Before it has forgotten what it was, a node must not take over.</summary>
    private ulong _confirmed;
    private ulong _heardNs;

    /// <summary>When the gateway sent the newest order that was received, on its clock.</summary>
    private ulong _echoNs;
    private ulong _settleAtNs;
    private TakeoverReport _report;

    /// <summary>Starts to speak to the gateway.</summary>
    public NodeControl(NodeOptions options, NodeDataPath dataPath, NodeNetwork network, Takeover takeover, FlowSweeper flows, ILogger logger)
    {
        _options = options;
        _dataPath = dataPath;
        _network = network;
        _takeover = takeover;
        _flows = flows;
        _logger = logger;
        _link = new GatewayLink(options.Gateways);
        _codec = new MessageCodec(options.Secret);
        _mac = new MacAddress(network.Lan.Mac.GetAddressBytes());
        _servers = new ServerWatch(options, dataPath.OpenListenersGone(), OnServersChanged, logger);
        _probes = new ServerProbes(options.Probes, Hurry, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "control" };
        _thread.Start();
    }

    /// <summary>How the node is, for people.</summary>
    public NodeHealth Health
    {
        get
        {
            var (now, heard) = (MonotonicClock.Now, Volatile.Read(ref _heardNs));
            var servers = _servers.Condition;
            return new NodeHealth(
                _options.Name, _orders.Role, Volatile.Read(ref _confirmed), heard == 0 ? null : Math.Round((now - Math.Min(now, heard)) / 1e6, 3),
                servers.Ended != 0, _probes.IsFailing, Math.Round(servers.Stalled.TotalMilliseconds), _flows.Summary);
        }
    }

    /// <summary>Stops; the node falls silent, and the gateway will notice.</summary>
    public void Dispose()
    {
        _probes.Dispose();
        _servers.Dispose();
        _stopping = true;
        _thread.Join();
        _link.Dispose();
    }

    /// <summary>A heartbeat at once: there is news.</summary>
    private void Hurry()
    {
        _isUrgent = true;
        _link.WakeUp();
    }

    private void OnServersChanged(IReadOnlyCollection<int> ended)
    {
        Hurry();
        if (ended.Count > 0)
        {
            _flows.EndOf(ended);
        }
    }

    private void Run()
    {
        if (!Realtime.TryRaise(10))
        {
            LogNotRealtime(_logger);
        }
        var interval = MonotonicClock.Nanoseconds(_options.HeartbeatInterval);
        var dueNs = MonotonicClock.Now;
        while (!_stopping)
        {
            try
            {
                var now = MonotonicClock.Now;
                if (now >= dueNs || _isUrgent)
                {
                    _isUrgent = false;
                    SendHeartbeat(now);
                    dueNs = now < dueNs ? dueNs : now - dueNs > interval ? now + interval : dueNs + interval;
                }
                _link.Wait(MonotonicClock.Duration(dueNs - Math.Min(now, dueNs)));
                for (var i = 0; i < DatagramsPerTurn && _link.TryReceive(_buffer) is >= 0 and var length; i++)
                {
                    OnDatagram(_buffer.AsSpan(0, length), MonotonicClock.Now);
                }
                Settle(MonotonicClock.Now);
            }
            catch (Exception e)
            {
                LogFailed(_logger, e);
            }
        }
    }

    private void SendHeartbeat(ulong nowNs)
    {
        if (_report.Epoch != 0 && _takeover.Flows is { } flows)
        {
            _report = _report with { FirstSegmentNs = Volatile.Read(ref _dataPath.State.FirstSpokenNs), Flows = flows };
        }
        if (!_flows.IsFlushing)
        {
            _confirmed = _orders.Epoch;
        }
        var message = new Message
        {
            Kind = MessageKind.Heartbeat,
            Node = _options.Name,
            Role = _orders.Role,
            Epoch = _confirmed,
            Instance = _instance,
            Sequence = ++_sequence,
            SentNs = nowNs,
            EchoNs = _echoNs,
            Mac = _mac,
            Servers = _servers.Condition with { IsFailing = _probes.IsFailing },
            Flows = _flows.Summary,
            Takeover = _report,
        };
        Span<byte> datagram = stackalloc byte[MessageCodec.Length];
        _link.Send(_codec.Write(message, datagram));
    }

    private void OnDatagram(ReadOnlySpan<byte> datagram, ulong nowNs)
    {
        var error = _codec.TryRead(datagram, out var message);
        if (error == MessageError.None && (message.Kind != MessageKind.Assignment || message.Node != _options.Name))
        {
            error = MessageError.UnknownNode;
        }
        if (error == MessageError.None)
        {
            error = Judge(message, nowNs);
        }
        if (error != MessageError.None)
        {
            _ignored[(int)error]++;
            LogIgnored(_logger, error, _ignored[(int)error]);
            return;
        }
        _echoNs = message.SentNs;
        Obey(message, nowNs);
    }

    private MessageError Judge(in Message message, ulong nowNs)
    {
        // A gateway whose clock went back has a lower instance: after a long silence it is accepted all the same. What a
        // replay could order has a lower epoch, and it cannot echo a heartbeat of now.
        if (nowNs - _heardNs > ForgetGatewayNs)
        {
            _guard = new ReplayGuard();
        }
        return _guard.Judge(message.Instance, message.Sequence) == Freshness.New ? MessageError.None : MessageError.Replayed;
    }

    private void Obey(in Message order, ulong nowNs)
    {
        var verdict = _orders.Obey(order, nowNs);
        if (!verdict.IsObeyed)
        {
            return;
        }
        _heardNs = nowNs;
        if (verdict.LeaseUntilNs != 0)
        {
            _dataPath.ExtendLease(verdict.LeaseUntilNs);
        }
        if (verdict.Change == RoleChange.LetGo)
        {
            _dataPath.SetRole(NodeRole.Replica, order.Epoch); // silence before anything else
        }
        if (verdict.ForgetsReplicas)
        {
            _flows.Flush(Hurry);
            LogFlushed(_logger, order.ReplicaSince);
        }
        if (verdict.Change == RoleChange.None)
        {
            return;
        }
        switch (verdict.Change)
        {
            case RoleChange.Prepare:
                _takeover.Prepare(order.Epoch);
                break;
            case RoleChange.TakeOver:
                _takeover.Prepare(order.Epoch);
                TakeOver(order.Epoch, nowNs);
                break;
            case RoleChange.Settle:
                _dataPath.SetEpoch(order.Epoch);
                TakeOver(order.Epoch, nowNs);
                break;
            case RoleChange.LetGo:
                _network.HoldAddresses(false);
                _network.UseQuickRetransmission(true);
                _settleAtNs = 0;
                LogReplica(_logger, order.Epoch);
                break;
            default:
                _dataPath.SetEpoch(order.Epoch);
                break;
        }
        SendHeartbeat(MonotonicClock.Now);
    }

    private void TakeOver(ulong epoch, ulong nowNs)
    {
        _report = new TakeoverReport(epoch, nowNs, 0, 0);
        _takeover.Settle();
        _settleAtNs = nowNs + SettleNs;
        LogActive(_logger, epoch);
    }

    private void Settle(ulong nowNs)
    {
        if (_settleAtNs != 0 && nowNs >= _settleAtNs)
        {
            _settleAtNs = 0;
            _network.UseQuickRetransmission(false);
        }
    }

    [LoggerMessage(2201, LogLevel.Warning, "Heartbeats run at ordinary priority: without CAP_SYS_NICE a busy machine may delay them")]
    private static partial void LogNotRealtime(ILogger logger);

    [LoggerMessage(2202, LogLevel.Error, "The control loop failed and goes on")]
    private static partial void LogFailed(ILogger logger, Exception e);

    [LoggerMessage(2203, LogLevel.Debug, "Ignored a control datagram: {Error} ({Count} so far)")]
    private static partial void LogIgnored(ILogger logger, MessageError error, long count);

    [LoggerMessage(2204, LogLevel.Information, "Active in epoch {Epoch}")]
    private static partial void LogActive(ILogger logger, ulong epoch);

    [LoggerMessage(2206, LogLevel.Information, "Receiving every copy since epoch {Epoch}; replicas from before are forgotten")]
    private static partial void LogFlushed(ILogger logger, ulong epoch);

    [LoggerMessage(2205, LogLevel.Information, "Replica in epoch {Epoch}")]
    private static partial void LogReplica(ILogger logger, ulong epoch);
}
