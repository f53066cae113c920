using System.Net;
using System.Net.Sockets;
using Appliance.Configuration;
using Appliance.Host;
using Appliance.Native;

namespace Appliance.Gateway.Control;

/// <summary>The gateway's heartbeat sockets, and over which link and from where each node was last heard.</summary>
public sealed class NodeLinks : IDisposable
{
    private readonly Socket[] _sockets;
    private readonly SocketWaiter _waiter;
    private readonly SocketAddress _sender = new(AddressFamily.InterNetworkV6);
    private readonly SocketAddress?[,] _peers;

    /// <summary>Binds every configured address.</summary>
    /// <exception cref="StartupException">An address is not ours, or the port is taken.</exception>
    public NodeLinks(GatewayOptions options)
    {
        _peers = new SocketAddress?[options.Nodes.Count, options.HeartbeatBind.Count];
        _sockets = new Socket[options.HeartbeatBind.Count];
        for (var i = 0; i < _sockets.Length; i++)
        {
            var endPoint = options.HeartbeatBind[i];
            _sockets[i] = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            try
            {
                _sockets[i].Bind(endPoint);
            }
            catch (SocketException e)
            {
                Dispose();
                throw new StartupException($"heartbeat.bind: {endPoint}: {e.Message}: choose an address of this host and a free port");
            }
        }
        _waiter = new SocketWaiter(_sockets);
    }

    /// <summary>Number of links.</summary>
    public int Count => _sockets.Length;

    /// <summary>Waits until something arrived on any link, or <see cref="WakeUp"/> was called.</summary>
    public void Wait(TimeSpan timeout) => _waiter.Wait(timeout);

    /// <summary>Ends the wait. Thread-safe.</summary>
    public void WakeUp() => _waiter.WakeUp();

    /// <summary>
    /// Reads one datagram from a link; -1 when none is waiting. 0 stands for an empty one and for one that is longer than any
    /// control datagram. (<see cref="Socket.Available"/> cannot tell an empty datagram from none.)
    /// </summary>
    public int TryReceive(int link, Span<byte> buffer)
    {
        if (!_sockets[link].Poll(0, SelectMode.SelectRead))
        {
            return -1;
        }
        try
        {
            return _sockets[link].ReceiveFrom(buffer, SocketFlags.None, _sender);
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.MessageSize ? 0 : -1;
        }
    }

    /// <summary>Was the node ever heard over this link?</summary>
    public bool Knows(int node, int link) => _peers[node, link] is not null;

    /// <summary>Remembers the sender of the datagram just read as the address of a node.</summary>
    public void Remember(int node, int link)
    {
        var known = _peers[node, link];
        if (known is not null && known.Equals(_sender))
        {
            return;
        }
        var copy = new SocketAddress(_sender.Family, _sender.Size);
        _sender.Buffer.Span[.._sender.Size].CopyTo(copy.Buffer.Span);
        _peers[node, link] = copy;
    }

    /// <summary>Sends to a node over one link; nothing happens while it was never heard there.</summary>
    public void Send(int node, int link, ReadOnlySpan<byte> datagram)
    {
        if (_peers[node, link] is not { } peer)
        {
            return;
        }
        try
        {
            _sockets[link].SendTo(datagram, SocketFlags.None, peer);
        }
        catch (SocketException)
        {
            // Unreachable for now: the order is repeated with every heartbeat.
        }
    }

    /// <summary>Closes the sockets.</summary>
    public void Dispose()
    {
        foreach (var socket in _sockets)
        {
            socket?.Dispose();
        }
        _waiter?.Dispose(); // null where an address could not be bound
    }
}
