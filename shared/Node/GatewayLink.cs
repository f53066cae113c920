using System.Net;
using System.Net.Sockets;
using Appliance.Native;

namespace Appliance.Node;

/// <summary>The UDP sockets of the heartbeat links: one per gateway address, read together.</summary>
public sealed class GatewayLink : IDisposable
{
    private readonly Socket[] _sockets;
    private readonly SocketWaiter _waiter;

    /// <summary>Opens one connected socket per link.</summary>
    public GatewayLink(IReadOnlyList<IPEndPoint> gateways)
    {
        _sockets = [.. gateways.Select(g =>
        {
            var socket = new Socket(g.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            socket.Bind(new IPEndPoint(g.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
            return socket;
        })];
        Addresses = [.. gateways.Select(g => g.Serialize())];
        _waiter = new SocketWaiter(_sockets);
    }

    private SocketAddress[] Addresses { get; }

    /// <summary>Sends over every link; a link that is down loses it, which is what redundant links are for.</summary>
    public void Send(ReadOnlySpan<byte> datagram)
    {
        for (var i = 0; i < _sockets.Length; i++)
        {
            try
            {
                _sockets[i].SendTo(datagram, SocketFlags.None, Addresses[i]);
            }
            catch (SocketException)
            {
                // No route, no carrier, port unreachable: silence is what the detector measures.
            }
        }
    }

    /// <summary>Waits until something arrived on any link, or <see cref="WakeUp"/> was called.</summary>
    public void Wait(TimeSpan timeout) => _waiter.Wait(timeout);

    /// <summary>Ends the wait. Thread-safe.</summary>
    public void WakeUp() => _waiter.WakeUp();

    /// <summary>
    /// Reads one datagram from any link; -1 when none is waiting. 0 stands for an empty one and for one that is longer than any
    /// control datagram. (<see cref="Socket.Available"/> cannot tell an empty datagram from none.)
    /// </summary>
    public int TryReceive(Span<byte> buffer)
    {
        foreach (var socket in _sockets)
        {
            try
            {
                if (socket.Poll(0, SelectMode.SelectRead))
                {
                    return socket.Receive(buffer);
                }
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.MessageSize)
            {
                return 0;
            }
            catch (SocketException)
            {
                // As above.
            }
        }
        return -1;
    }

    /// <summary>Closes the sockets.</summary>
    public void Dispose()
    {
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
        _waiter.Dispose();
    }
}
