using System.Net;
using Appliance.Configuration;
using Appliance.Native;
using Appliance.RepairChannel;

namespace Appliance.Gateway.Recording;

/// <summary>The gateway's end of the repair channels, one per node. One thread owns it.</summary>
public sealed partial class RepairServer : IRepairOutlet, IDisposable
{
    /// <summary>Half of what a channel holds back (<see cref="ChannelOptions.BacklogLimit"/>).</summary>
    private static readonly int BusyBytes = ChannelOptions.Default.BacklogLimit / 2;

    private readonly IReadOnlyList<GatewayOptions.NodeEntry> _nodes;
    private readonly ILogger _logger;
    private readonly ChannelListener _listener;
    private readonly NodeSession?[] _sessions;
    private readonly FrameHandler _handler;
    private readonly Action<int> _onConnected;
    private int _current;

    /// <summary>Listens on the heartbeat addresses.</summary>
    /// <param name="onFrame">Takes the nodes' frames.</param>
    /// <param name="onConnected">A node has connected: nothing that it said before counts.</param>
    /// <exception cref="Host.StartupException">A port is taken.</exception>
    public RepairServer(GatewayOptions options, NodeFrameHandler onFrame, Action<int> onConnected, ILogger logger)
    {
        _nodes = options.Nodes;
        _logger = logger;
        _onConnected = onConnected;
        _handler = (kind, body) => onFrame(_current, kind, body);
        _sessions = new NodeSession?[_nodes.Count];
        _listener = new ChannelListener(options.HeartbeatBind, options.Secret, e => LogRefused(logger, e.Message));
    }

    /// <summary>Takes an authentic frame of a node.</summary>
    public delegate void NodeFrameHandler(int node, FrameKind kind, ReadOnlySpan<byte> body);

    /// <summary>Adds what is to be waited for.</summary>
    public void Watch(DescriptorPoller poller)
    {
        _listener.AddTo(poller);
        foreach (var session in _sessions)
        {
            if (session is not null)
            {
                poller.Add(session.Channel.Descriptor, session.Channel.WantsWrite);
            }
        }
    }

    /// <summary>Accepts, reads and writes what it can without waiting.</summary>
    public void Pump(ulong nowNs)
    {
        while (_listener.Accept(nowNs) is { } channel)
        {
            Take(channel);
        }
        for (_current = 0; _current < _sessions.Length; _current++)
        {
            if (_sessions[_current] is not { } session)
            {
                continue;
            }
            try
            {
                session.Channel.Pump(_handler, nowNs);
            }
            catch (ChannelException e)
            {
                LogEnded(_logger, _nodes[_current].Name, e.Message);
                session.Channel.Dispose();
                _sessions[_current] = null;
            }
        }
    }

    /// <summary>Notes that a node has looked at all of its replicas.</summary>
    public void OnScanDone(int node, ulong epoch, ulong nowNs)
    {
        if (_sessions[node] is { } session)
        {
            session.Epoch = epoch;
            (session.ScannedNs, session.LastScanDoneNs) = (session.LastScanDoneNs, nowNs);
            session.Scans++;
        }
    }

    /// <summary>Mask of the nodes that are connected and have reported all of their replicas.</summary>
    public uint SettledNodes
    {
        get
        {
            uint mask = 0;
            for (var node = 0; node < _sessions.Length; node++)
            {
                mask |= IsSettled(node) ? 1u << node : 0;
            }
            return mask;
        }
    }

    /// <inheritdoc/>
    public bool IsSettled(int node) => _sessions[node] is { Scans: > 1 };

    /// <inheritdoc/>
    public ulong ScannedNs(int node) => _sessions[node]?.ScannedNs ?? 0;

    /// <inheritdoc/>
    public ulong EpochOf(int node) => _sessions[node]?.Epoch ?? 0;

    /// <inheritdoc/>
    public bool IsBusy(int node) => _sessions[node] is { } session && session.Channel.Backlog > BusyBytes;

    /// <inheritdoc/>
    public bool Offer(int node, in FlowEntry offer) => Send(node, FrameKind.Flow, FlowEntry.Length, offer);

    /// <inheritdoc/>
    public bool Tell(int node, in PositionEntry position) => Send(node, FrameKind.Position, PositionEntry.Length, position);

    /// <inheritdoc/>
    public bool End(int node, in EndEntry end) => Send(node, FrameKind.End, EndEntry.Length, end);

    /// <inheritdoc/>
    public bool Speak(int node, in VoiceEntry voice) => Send(node, FrameKind.Voice, VoiceEntry.Length, voice);

    /// <inheritdoc/>
    public bool Refuse(int node, in GoneEntry gone) => Send(node, FrameKind.Gone, GoneEntry.Length, gone);

    /// <inheritdoc/>
    public bool Supply(int node, in BytesHeader header, ReadOnlySpan<byte> payload) =>
        Send(node, FrameKind.Bytes, BytesHeader.Length, header, payload);

    /// <inheritdoc/>
    public bool Supply(int node, in DatagramHeader header, ReadOnlySpan<byte> payload) =>
        Send(node, FrameKind.Datagram, DatagramHeader.Length, header, payload);

    /// <summary>Closes everything.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        foreach (var session in _sessions)
        {
            session?.Channel.Dispose();
        }
    }

    private bool Send<T>(int node, FrameKind kind, int length, in T entry, ReadOnlySpan<byte> payload = default)
        where T : struct, IFrameEntry<T>
    {
        if (_sessions[node] is not { Channel.IsReady: true } session)
        {
            return false;
        }
        var body = session.Channel.Begin(kind, length + payload.Length);
        if (body.IsEmpty)
        {
            return false;
        }
        entry.Write(body);
        payload.CopyTo(body[length..]);
        session.Channel.Commit(body.Length);
        return true;
    }

    private void Take(ChannelSession channel)
    {
        var node = -1;
        for (var i = 0; i < _nodes.Count; i++)
        {
            node = _nodes[i].Name == channel.PeerName ? i : node;
        }
        if (node < 0)
        {
            LogUnknown(_logger, channel.PeerName);
            channel.Dispose();
            return;
        }
        _sessions[node]?.Channel.Dispose();
        _sessions[node] = new NodeSession(channel);
        LogConnected(_logger, channel.PeerName);
        _onConnected(node);
    }

    private sealed class NodeSession(ChannelSession channel)
    {
        public ChannelSession Channel => channel;

        public ulong LastScanDoneNs { get; set; }

        public ulong ScannedNs { get; set; }

        public int Scans { get; set; }

        public ulong Epoch { get; set; }
    }

    [LoggerMessage(1201, LogLevel.Information, "{Node} reports its replicas")]
    private static partial void LogConnected(ILogger logger, string node);

    [LoggerMessage(1202, LogLevel.Warning, "{Node} does not report its replicas any more: {Reason}")]
    private static partial void LogEnded(ILogger logger, string node, string reason);

    [LoggerMessage(1203, LogLevel.Debug, "Turned a peer of the repair channel away: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);

    [LoggerMessage(1204, LogLevel.Warning, "'{Node}' knows the secret, but is no node of the configuration; its connection was closed")]
    private static partial void LogUnknown(ILogger logger, string node);
}
