using System.Net;
using Appliance.Native;
using Appliance.RepairChannel;
using Microsoft.Extensions.Logging;

namespace Appliance.Node.Repair;

/// <summary>
/// The node's end of the repair channel: connects to the gateway's addresses in turn, again and again, and collects
/// entries of one kind into frames. One thread owns it.
/// </summary>
public sealed partial class RepairLink(IReadOnlyList<IPEndPoint> gateways, string node, byte[] secret, ILogger logger) : IDisposable
{
    private const int FrameBytes = 32 << 10;
    private static readonly ulong PauseNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(100));

    private readonly byte[] _buffer = new byte[FrameBytes];
    private ChannelSession? _session;
    private FrameKind _kind;
    private int _length;
    private int _next;
    private ulong _retryNs;
    private bool _wasReady;
    private string _lastError = string.Empty;

    /// <summary>Connected, and the gateway has proved that it knows the secret.</summary>
    public bool IsReady => _session is { IsReady: true };

    /// <summary>Bytes that wait for the network.</summary>
    public int Backlog => _session?.Backlog ?? 0;

    /// <summary>Adds the connection to what is waited for.</summary>
    public void Watch(DescriptorPoller poller)
    {
        if (_session is not null)
        {
            poller.Add(_session.Descriptor, _session.WantsWrite);
        }
    }

    /// <summary>Reads and writes what it can without waiting.</summary>
    /// <returns>True when the connection has just become ready: everything is to be told anew.</returns>
    public bool Pump(FrameHandler handler, ulong nowNs)
    {
        if (_session is null)
        {
            if (nowNs < _retryNs)
            {
                return false;
            }
            _retryNs = nowNs + PauseNs;
            _session = TryConnect(nowNs);
        }
        try
        {
            _session?.Pump(handler, nowNs);
        }
        catch (ChannelException e)
        {
            Fail(e.Message);
        }
        var isNew = IsReady && !_wasReady;
        _wasReady = IsReady;
        if (isNew)
        {
            _lastError = string.Empty;
            LogConnected(logger);
        }
        return isNew;
    }

    /// <summary>Adds an entry of <paramref name="length"/> bytes, to be written into the returned span.</summary>
    public Span<byte> Add(FrameKind kind, int length)
    {
        if (_kind != kind || _length + length > FrameBytes)
        {
            Flush();
            _kind = kind;
        }
        _length += length;
        return _buffer.AsSpan(_length - length, length);
    }

    /// <summary>Sends what was added.</summary>
    public void Flush()
    {
        if (_length > 0 && _session is { IsReady: true } && !_session.TrySend(_kind, _buffer.AsSpan(0, _length)))
        {
            Fail("the gateway does not read");
        }
        _length = 0;
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _session?.Dispose();

    private ChannelSession? TryConnect(ulong nowNs)
    {
        try
        {
            return ChannelSession.Connect(gateways[_next++ % gateways.Count], node, secret, nowNs);
        }
        catch (ChannelException e)
        {
            Fail(e.Message);
            return null;
        }
    }

    private void Fail(string reason)
    {
        _session?.Dispose();
        _session = null;
        _length = 0;
        if (reason != _lastError)
        {
            _lastError = reason;
            LogDisconnected(logger, reason);
        }
    }

    [LoggerMessage(2010, LogLevel.Information, "Connected to the gateway's recorder")]
    private static partial void LogConnected(ILogger logger);

    [LoggerMessage(2011, LogLevel.Warning, "No connection to the gateway's recorder: {Reason}; trying again")]
    private static partial void LogDisconnected(ILogger logger, string reason);
}
