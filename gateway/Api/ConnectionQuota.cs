using System.Net;
using System.Net.Sockets;

namespace Appliance.Gateway.Api;

/// <summary>
/// How many connections the web server holds, and of whom: nobody can take them all, and when most are taken, an address that has
/// none gets some all the same. Addresses of one IPv6 subnet count as one.
/// </summary>
internal sealed class ConnectionQuota
{
    /// <summary>Most of one address.</summary>
    public const int MostOfOne = 128;

    /// <summary>Beyond as many in all an address gets no more than <see cref="Reserved"/>.</summary>
    public const int MostShared = 512;

    /// <summary>What each address gets in any case, as long as there are fewer than <see cref="Most"/>.</summary>
    public const int Reserved = 4;

    /// <summary>Most of all.</summary>
    public const int Most = 1024;

    private const int SubnetBytes = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _held = [];
    private int _total;

    /// <summary>Takes a connection in; false when it has to be refused.</summary>
    public bool TryEnter(IPAddress from)
    {
        var key = KeyOf(from);
        lock (_gate)
        {
            var held = _held.GetValueOrDefault(key);
            if (held >= MostOfOne || _total >= Most || (_total >= MostShared && held >= Reserved))
            {
                return false;
            }
            _held[key] = held + 1;
            _total++;
            return true;
        }
    }

    /// <summary>One that was taken in has ended.</summary>
    public void Leave(IPAddress from)
    {
        var key = KeyOf(from);
        lock (_gate)
        {
            _total--;
            if (--_held[key] == 0)
            {
                _held.Remove(key);
            }
        }
    }

    private static IPAddress KeyOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        }
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(SubnetBytes).Clear();
        return new IPAddress(bytes);
    }
}
