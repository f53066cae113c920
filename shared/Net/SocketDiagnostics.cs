using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.Net;

/// <summary>
/// The TCP sockets of one network namespace (NETLINK_SOCK_DIAG, sock_diag(7)): lists them, asks one how much it has received, and
/// destroys one. Thread-safe.
/// </summary>
public sealed class SocketDiagnostics : IDisposable
{
    /// <summary>AF_INET.</summary>
    public const byte IPv4 = 2;

    /// <summary>AF_INET6.</summary>
    public const byte IPv6 = 10;

    /// <summary>Bit of TCP_LISTEN among the states.</summary>
    public const uint Listening = 1 << 10;

    /// <summary>Bits of TCP_ESTABLISHED and TCP_CLOSE_WAIT: connections whose client may send, or may still be read.</summary>
    public const uint Readable = (1 << 1) | (1 << 8);

    /// <summary>Every state but TCP_LISTEN.</summary>
    public const uint Connections = 0xfff & ~Listening;

    private const int Protocol = 4; // NETLINK_SOCK_DIAG
    private const ushort ByFamily = 20; // SOCK_DIAG_BY_FAMILY
    private const ushort DestroySocket = 21; // SOCK_DESTROY
    private const ushort InfoAttribute = 2; // INET_DIAG_INFO
    private const int BytesReceivedOffset = 128; // tcpi_bytes_received in struct tcp_info
    private const int MostAttempts = 4;
    private const int RequestBytes = NetlinkMessageWriter.HeaderLength + 56; // struct inet_diag_req_v2

    private volatile bool _isAnswered;

    private readonly NetlinkSocket _socket = NetlinkSocket.Open(Protocol, "NETLINK_SOCK_DIAG");

    /// <summary>Adds the sockets of both families in the given states; those that changed meanwhile may be missed or listed twice.</summary>
    /// <param name="states">Bits of the states.</param>
    /// <param name="sockets">Is cleared first.</param>
    public NetlinkResult List(uint states, List<SocketEntry> sockets)
    {
        sockets.Clear();
        var result = List(IPv4, states, sockets);
        return result.IsOk ? List(IPv6, states, sockets) : result;
    }

    /// <summary>How many bytes of the peer the socket has taken in, whether or not they were read; null when it is gone.</summary>
    public ulong? BytesReceived(in SocketEntry socket)
    {
        Span<byte> buffer = stackalloc byte[RequestBytes];
        ulong? received = null;
        _socket.Request(
            Request(buffer, ByFamily, NetlinkFlags.Acknowledge, socket.Family, 1 << (InfoAttribute - 1), uint.MaxValue, socket.Id),
            ref received,
            static (ref received, type, payload) =>
            {
                if (TryRead(type, payload, out _)
                    && NetlinkAttributeReader.TryFind(payload[Unsafe.SizeOf<SocketEntry>()..], InfoAttribute, BytesReceivedOffset + sizeof(ulong), out var info))
                {
                    received = MemoryMarshal.Read<ulong>(info[BytesReceivedOffset..]);
                }
            });
        return received;
    }

    /// <summary>
    /// Ends a connection as tcp_abort() does: its process gets ECONNABORTED, its peer a reset if the node is heard. Needs
    /// CAP_NET_ADMIN and a kernel with CONFIG_INET_DIAG_DESTROY.
    /// </summary>
    public NetlinkResult Destroy(in SocketEntry socket)
    {
        Span<byte> buffer = stackalloc byte[RequestBytes];
        return _socket.Request(Request(buffer, DestroySocket, NetlinkFlags.Acknowledge, socket.Family, 0, uint.MaxValue, socket.Id));
    }

    /// <summary>
    /// Ends the connection of these ends. Unlike a listing, which may miss a socket, this is exact: success means that there is none
    /// when it returns. A listener is left alone.
    /// </summary>
    /// <param name="key">Both ends; the socket is the service's.</param>
    /// <param name="ifindex">The interface that the client's segments come in at.</param>
    public NetlinkResult Destroy(in FlowKey key, int ifindex)
    {
        // A kernel that cannot tell (no inet_diag, no tcp_diag) says ENOENT, too: about a socket, and about all of them.
        if (!_isAnswered)
        {
            if (List(Listening, []) is { IsOk: false } unanswered)
            {
                return unanswered;
            }
            _isAnswered = true;
        }
        NetlinkResult destroyed = default;
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var found = Find(key, ifindex, out var socket);
            if (found.Errno == Errno.ENOENT || (found.IsOk && socket.IsListener))
            {
                return default;
            }
            // It may have ended by itself meanwhile, and another may have come in its place.
            destroyed = found.IsOk ? Destroy(socket) : found;
            if (destroyed.Errno is not (0 or Errno.ENOENT or Errno.ESTALE))
            {
                return destroyed;
            }
        }
        return destroyed.IsOk ? new NetlinkResult(Errno.EAGAIN) : destroyed;
    }

    /// <summary>Does the connection's process have input to read?</summary>
    /// <param name="key">Both ends; the socket is the service's.</param>
    /// <param name="ifindex">The interface that the client's segments come in at.</param>
    public bool HasUnread(in FlowKey key, int ifindex) => Find(key, ifindex, out var socket).IsOk && socket is { IsListener: false, ReceiveQueue: > 0 };

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>What the kernel's own lookup of a segment of the client finds: __inet_lookup(), the listener included.</summary>
    private NetlinkResult Find(in FlowKey key, int ifindex, out SocketEntry socket)
    {
        Span<byte> buffer = stackalloc byte[RequestBytes];
        socket = default;
        return _socket.Request(
            Request(buffer, ByFamily, NetlinkFlags.Acknowledge, key.Service.IsIPv4 ? IPv4 : IPv6, 0, uint.MaxValue, new SocketId(key, ifindex)),
            ref socket,
            static (ref socket, type, payload) =>
            {
                if (TryRead(type, payload, out var found))
                {
                    socket = found;
                }
            });
    }

    private NetlinkResult List(byte family, uint states, List<SocketEntry> sockets)
    {
        Span<byte> buffer = stackalloc byte[RequestBytes];
        return _socket.Request(Request(buffer, ByFamily, NetlinkFlags.Dump, family, 0, states, default), ref sockets, static (ref sockets, type, payload) =>
        {
            if (TryRead(type, payload, out var found))
            {
                sockets.Add(found);
            }
        });
    }

    /// <summary>A message about a socket: struct inet_diag_msg, attributes behind it.</summary>
    private static bool TryRead(ushort type, ReadOnlySpan<byte> payload, out SocketEntry socket)
    {
        socket = default;
        return type == ByFamily && MemoryMarshal.TryRead(payload, out socket);
    }

    private static Span<byte> Request(Span<byte> buffer, ushort type, NetlinkFlags flags, byte family, byte extensions, uint states, in SocketId id)
    {
        var writer = new NetlinkMessageWriter(buffer, type, NetlinkFlags.Request | flags);
        var request = writer.Reserve(56);
        request[0] = family;
        request[1] = 6; // IPPROTO_TCP
        request[2] = extensions;
        MemoryMarshal.Write(request[4..], states);
        MemoryMarshal.Write(request[8..], id);
        return writer.Finish();
    }
}
