using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.Net;

/// <summary>struct inet_diag_sockid (linux/inet_diag.h): the ends of a socket and the kernel's cookie for it. Ports and addresses as on the wire.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct SocketId
{
    private readonly ushort _localPort;
    private readonly ushort _remotePort;
    private readonly Address16 _local;
    private readonly Address16 _remote;
    private readonly uint _interface;

    /// <summary>Tells sockets apart that had the same ends one after the other.</summary>
    public readonly ulong Cookie;

    /// <summary>The socket at the service's end of a connection, whichever it is (INET_DIAG_NOCOOKIE).</summary>
    /// <param name="key">Both ends.</param>
    /// <param name="ifindex">The interface that the client's segments come in at: a socket may be bound to it.</param>
    public SocketId(in FlowKey key, int ifindex)
    {
        _localPort = (ushort)IPAddress.HostToNetworkOrder((short)key.ServicePort);
        _remotePort = (ushort)IPAddress.HostToNetworkOrder((short)key.ClientPort);
        _local = ForFamily(key.Service);
        _remote = ForFamily(key.Client);
        _interface = (uint)ifindex;
        Cookie = ulong.MaxValue;
    }

    /// <summary>The socket's own port, host byte order.</summary>
    public ushort LocalPort => (ushort)IPAddress.NetworkToHostOrder((short)_localPort);

    /// <summary>The connection seen from the server's end.</summary>
    /// <param name="family">AF_INET or AF_INET6: how the addresses are stored.</param>
    public FlowKey ToFlowKey(byte family) => new(
        new IPEndPoint(ToAddress(_remote, family), (ushort)IPAddress.NetworkToHostOrder((short)_remotePort)),
        new IPEndPoint(ToAddress(_local, family), LocalPort));

    /// <summary>The socket's own address; the wildcard address for a socket that takes any.</summary>
    public IPAddress LocalAddress(byte family) => ToAddress(_local, family);

    /// <summary>An IPv4 address is in the first four bytes.</summary>
    private static Address16 ForFamily(in Address16 address)
    {
        if (!address.IsIPv4)
        {
            return address;
        }
        Span<byte> bytes = stackalloc byte[2 * Unsafe.SizeOf<Address16>()];
        bytes.Clear();
        address.CopyTo(bytes);
        return new Address16(bytes[12..]);
    }

    private static IPAddress ToAddress(in Address16 address, byte family)
    {
        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<Address16>()];
        address.CopyTo(bytes);
        var parsed = new IPAddress(family == SocketDiagnostics.IPv4 ? bytes[..4] : bytes);
        return parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
    }
}
