using System.Net;
using Appliance.Bpf.Layout;

namespace Appliance.Tests.Support;

/// <summary>ARP frames, RFC 826.</summary>
internal static class Arp
{
    /// <summary>"<paramref name="address"/> is at <paramref name="mac"/>", to everybody.</summary>
    public static byte[] Announce(IPAddress address, MacAddress mac)
    {
        byte[] claimed = address.GetAddressBytes();
        return
        [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, .. mac.ToArray(), 0x08, 0x06,
            0, 1, 0x08, 0, 6, 4, 0, 2, .. mac.ToArray(), .. claimed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, .. claimed,
        ];
    }
}
