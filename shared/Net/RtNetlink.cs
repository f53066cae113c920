using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;

namespace Appliance.Net;

/// <summary>
/// Links, addresses, neighbours, routes and rules of one network namespace, over one <see cref="NetlinkSocket"/>. Every method
/// is synchronous (the kernel answers within the system call), thread-safe and idempotent. What a takeover calls allocates
/// nothing when it changes something. Unexpected refusals throw <see cref="NetlinkException"/> with the kernel's words.
/// </summary>
public sealed class RtNetlink : IDisposable
{
    private const int DumpAttempts = 8; // a table that changes during eight dumps in a row is taken as it came
    private const int LongestName = 15; // IFNAMSIZ − 1

    private readonly NetlinkSocket _socket;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="NetlinkException">No socket could be opened.</exception>
    public RtNetlink() => _socket = NetlinkSocket.Open();

    /// <summary>All interfaces of the namespace, in the kernel's order.</summary>
    public IReadOnlyList<LinkInfo> Links()
    {
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        return Dump<LinkInfo>(RtMessages.DumpLinks(buffer), "list the interfaces", static (ref links, type, payload) =>
        {
            if (type == RtConstants.RTM_NEWLINK && LinkInfo.TryRead(payload, out var link))
            {
                links.Add(link!);
            }
        });
    }

    /// <summary>The interface called <paramref name="name"/>, or null when the namespace has none.</summary>
    public LinkInfo? FindLink(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) is 0 or > LongestName)
        {
            return null;
        }

        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        LinkInfo? found = null;
        var result = _socket.Request(RtMessages.GetLink(buffer, name), ref found, static (ref found, type, payload) =>
        {
            if (type == RtConstants.RTM_NEWLINK && LinkInfo.TryRead(payload, out var link))
            {
                found = link;
            }
        });
        return result.Errno is 0 or Errno.ENODEV ? found : throw new NetlinkException($"look up interface {name}", result);
    }

    /// <summary>Sets an interface administratively up or down.</summary>
    public void SetLinkUp(int interfaceIndex, bool up)
    {
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var result = _socket.Request(RtMessages.SetLinkUp(buffer, interfaceIndex, up));
        if (!result.IsOk)
        {
            throw new NetlinkException($"set interface {interfaceIndex} {(up ? "up" : "down")}", result);
        }
    }

    /// <summary>Sets the MTU of an interface, in bytes after the Ethernet header.</summary>
    public void SetLinkMtu(int interfaceIndex, int mtu)
    {
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var result = _socket.Request(RtMessages.SetLinkMtu(buffer, interfaceIndex, mtu));
        if (!result.IsOk)
        {
            throw new NetlinkException($"set the MTU of interface {interfaceIndex} to {mtu}", result);
        }
    }

    /// <summary>The IPv4 and IPv6 addresses of an interface.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses(int interfaceIndex)
    {
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var request = RtMessages.DumpAddresses(buffer, interfaceIndex);
        var addresses = Dump<InterfaceAddress>(
            request, $"list the addresses of interface {interfaceIndex}", static (ref addresses, type, payload) =>
            {
                if (type == RtConstants.RTM_NEWADDR && InterfaceAddress.TryRead(payload, out var address))
                {
                    addresses.Add(address);
                }
            });
        addresses.RemoveAll(address => address.InterfaceIndex != interfaceIndex);
        return addresses;
    }

    /// <summary>
    /// Gives an interface an address, without duplicate address detection and with <b>no route to the prefix</b>
    /// (noprefixroute), as a service's address must not attract other traffic. An address already there is left as it is.
    /// </summary>
    /// <remarks>
    /// An IPv4 address works when this returns. For IPv6 the kernel makes the local route from a work queue even without
    /// detection (addrconf_dad_work() in net/ipv6/addrconf.c): for up to some milliseconds incoming packets find no route
    /// although <see cref="Addresses"/> lists the address. <see cref="IsLocal"/> tells when it works.
    /// </remarks>
    public void AddAddress(int interfaceIndex, IPAddress address, int prefixLength)
    {
        CheckPrefix(address, prefixLength);
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var result = _socket.Request(RtMessages.AddAddress(buffer, interfaceIndex, address, prefixLength));
        if (result.Errno is not (0 or Errno.EEXIST))
        {
            throw new NetlinkException($"add address {address}/{prefixLength} to interface {interfaceIndex}", result);
        }
    }

    /// <summary>Whether packets to <paramref name="address"/> are delivered here (their route is of type local).</summary>
    public bool IsLocal(IPAddress address)
    {
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var local = false;
        var result = _socket.Request(RtMessages.GetRoute(buffer, address), ref local, static (ref local, type, payload) =>
            local |= type == RtConstants.RTM_NEWROUTE
                && payload.Length >= RtConstants.RouteLength
                && payload[7] == RtConstants.RTN_LOCAL);

        // Refusals are routes too: none, unreachable, prohibit, blackhole.
        return result.Errno is 0 or Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EACCES or Errno.EINVAL
            ? local
            : throw new NetlinkException($"look up the route to {address}", result);
    }

    /// <summary>Takes an address from an interface; one that is not there, or an interface that is gone, is no error.</summary>
    public void RemoveAddress(int interfaceIndex, IPAddress address, int prefixLength)
    {
        CheckPrefix(address, prefixLength);
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var result = _socket.Request(RtMessages.RemoveAddress(buffer, interfaceIndex, address, prefixLength));
        if (result.Errno is not (0 or Errno.EADDRNOTAVAIL or Errno.ENODEV or Errno.ENXIO))
        {
            throw new NetlinkException($"remove address {address}/{prefixLength} from interface {interfaceIndex}", result);
        }
    }

    /// <summary>Points <paramref name="address"/> at <paramref name="mac"/> for good (NUD_PERMANENT), whatever was known before.</summary>
    public void ReplacePermanentNeighbour(int interfaceIndex, IPAddress address, PhysicalAddress mac) =>
        ReplacePermanentNeighbour(interfaceIndex, address, mac.GetAddressBytes());

    /// <inheritdoc cref="ReplacePermanentNeighbour(int, IPAddress, PhysicalAddress)"/>
    /// <exception cref="ArgumentException">The MAC has not 6 bytes.</exception>
    public void ReplacePermanentNeighbour(int interfaceIndex, IPAddress address, ReadOnlySpan<byte> mac)
    {
        if (mac.Length != 6)
        {
            throw new ArgumentException($"An Ethernet address has 6 bytes, not {mac.Length}.", nameof(mac));
        }

        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var result = _socket.Request(RtMessages.ReplacePermanentNeighbour(buffer, interfaceIndex, address, mac));
        if (!result.IsOk)
        {
            throw new NetlinkException(
                $"point neighbour {address} on interface {interfaceIndex} at {Convert.ToHexString(mac)}", result);
        }
    }

    /// <summary>Forgets a neighbour; one that is not known, or an interface that is gone, is no error.</summary>
    public void RemoveNeighbour(int interfaceIndex, IPAddress address)
    {
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var result = _socket.Request(RtMessages.RemoveNeighbour(buffer, interfaceIndex, address));
        if (result.Errno is not (0 or Errno.ENOENT or Errno.ENODEV))
        {
            throw new NetlinkException($"remove neighbour {address} from interface {interfaceIndex}", result);
        }
    }

    /// <summary>The link-layer address the kernel would send to, or null when it knows none (no entry, incomplete or failed).</summary>
    public PhysicalAddress? FindNeighbour(int interfaceIndex, IPAddress address)
    {
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        PhysicalAddress? found = null;
        var request = RtMessages.GetNeighbour(buffer, interfaceIndex, address);
        var result = _socket.Request(request, ref found, static (ref found, type, payload) =>
        {
            if (type == RtConstants.RTM_NEWNEIGH
                && payload.Length >= RtConstants.NeighbourLength
                && NetlinkAttributeReader.TryFind(payload[RtConstants.NeighbourLength..], RtConstants.NDA_LLADDR, 6, out var mac))
            {
                found = new PhysicalAddress(mac.ToArray());
            }
        });
        return result.Errno is 0 or Errno.ENOENT
            ? found
            : throw new NetlinkException($"look up neighbour {address} on interface {interfaceIndex}", result);
    }

    /// <summary>Creates or replaces the default route of a table; <see cref="RtMessages.ReplaceDefaultRoute"/> explains the parameters.</summary>
    public void ReplaceDefaultRoute(int table, AddressFamily family, int interfaceIndex, IPAddress gateway, TimeSpan? rtoMin)
    {
        if (gateway.AddressFamily != family)
        {
            throw new ArgumentException($"Gateway {gateway} is not of family {family}.", nameof(gateway));
        }

        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var result = _socket.Request(RtMessages.ReplaceDefaultRoute(buffer, table, family, interfaceIndex, gateway, rtoMin));
        if (!result.IsOk)
        {
            throw new NetlinkException(
                $"set the default route of table {table} to {gateway} on interface {interfaceIndex}", result);
        }
    }

    /// <summary>Removes the default route of a table; none there is no error.</summary>
    public void RemoveDefaultRoute(int table, AddressFamily family)
    {
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var result = _socket.Request(RtMessages.RemoveDefaultRoute(buffer, table, family));
        if (result.Errno is not (0 or Errno.ESRCH or Errno.ENOENT)) // IPv6 says ENOENT when the whole table is missing
        {
            throw new NetlinkException($"remove the default route of table {table}", result);
        }
    }

    /// <summary>Adds <c>priority P from F/n lookup T</c>; the same rule already there is left alone.</summary>
    public void AddRule(int priority, IPAddress from, int prefixLength, int table)
    {
        CheckPrefix(from, prefixLength);
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var result = _socket.Request(RtMessages.AddRule(buffer, priority, from, prefixLength, table));
        if (result.Errno is not (0 or Errno.EEXIST))
        {
            throw new NetlinkException($"add rule {priority} from {from}/{prefixLength} lookup {table}", result);
        }
    }

    /// <summary>Removes the rule that <see cref="AddRule"/> adds; none there is no error.</summary>
    public void RemoveRule(int priority, IPAddress from, int prefixLength, int table)
    {
        CheckPrefix(from, prefixLength);
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var result = _socket.Request(RtMessages.RemoveRule(buffer, priority, from, prefixLength, table));
        if (result.Errno is not (0 or Errno.ENOENT))
        {
            throw new NetlinkException($"remove rule {priority} from {from}/{prefixLength} lookup {table}", result);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static void CheckPrefix(IPAddress address, int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            prefixLength, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    private List<T> Dump<T>(Span<byte> request, string operation, NetlinkHandler<List<T>> handler)
    {
        var items = new List<T>();
        for (var attempt = 1; ; attempt++)
        {
            var result = _socket.Request(request, ref items, handler);
            if (!result.IsOk)
            {
                throw new NetlinkException(operation, result);
            }

            if (!result.IsInterrupted || attempt == DumpAttempts)
            {
                return items;
            }

            items.Clear();
        }
    }
}
