using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Appliance.Native;

namespace Appliance.RepairChannel;

/// <summary>How the channel's sockets are set.</summary>
internal static class ChannelSocket
{
    private const int Tcp = 6;
    private const int UserTimeout = 18;

    /// <summary>Starts to connect; the outcome shows when something is sent.</summary>
    /// <exception cref="SocketException">The kernel refuses at once, such as without a route.</exception>
    public static Socket Connect(IPEndPoint gateway, ChannelOptions options)
    {
        var socket = new Socket(gateway.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Prepare(socket, options);
            socket.Connect(gateway);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Under way.
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return socket;
    }

    /// <summary>
    /// Non-blocking, without delay, and dead after <see cref="ChannelOptions.PeerTimeout"/>: TCP_USER_TIMEOUT (RFC 5482) ends
    /// a connection whose data is not acknowledged, and with keepalive probes an idle one (tcp(7)).
    /// </summary>
    public static void Prepare(Socket socket, ChannelOptions options)
    {
        socket.Blocking = false;
        socket.NoDelay = true;
        var milliseconds = (int)(MonotonicClock.Nanoseconds(options.PeerTimeout) / 1_000_000);
        socket.SetRawSocketOption(Tcp, UserTimeout, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in milliseconds)));
        var seconds = Math.Max(1, milliseconds / 2000);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, seconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, seconds);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }

    /// <summary>The peer's address, for messages.</summary>
    public static string Describe(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint?.ToString() ?? "an unknown peer";
        }
        catch (SocketException)
        {
            return "a peer that has gone";
        }
    }
}
