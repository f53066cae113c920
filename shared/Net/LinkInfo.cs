using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using System.Text;

namespace Appliance.Net;

/// <summary>A network interface as the kernel described it at one moment.</summary>
/// <param name="Index">Kernel index, above 0.</param>
/// <param name="Name">At most 15 bytes.</param>
/// <param name="Mac">Link-layer address: 6 bytes on Ethernet and lo, empty on interfaces that have none.</param>
/// <param name="Mtu">Bytes after the Ethernet header.</param>
/// <param name="IsUp">Administratively up (IFF_UP).</param>
/// <param name="HasCarrier">The link below works (IFF_LOWER_UP).</param>
public sealed record LinkInfo(int Index, string Name, PhysicalAddress Mac, int Mtu, bool IsUp, bool HasCarrier)
{
    /// <summary>Reads the payload of an RTM_NEWLINK message (struct ifinfomsg and attributes).</summary>
    /// <returns>False when it is truncated or has no name.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out LinkInfo? link)
    {
        link = null;
        if (payload.Length < RtConstants.IfInfoLength)
        {
            return false;
        }

        var flags = MemoryMarshal.Read<uint>(payload[8..]);
        var attributes = payload[RtConstants.IfInfoLength..];
        if (!NetlinkAttributeReader.TryFind(attributes, RtConstants.IFLA_IFNAME, 1, out var name)
            || !NetlinkAttributeReader.TryFind(attributes, RtConstants.IFLA_MTU, 4, out var mtu))
        {
            return false;
        }

        NetlinkAttributeReader.TryFind(attributes, RtConstants.IFLA_ADDRESS, 0, out var mac);
        link = new LinkInfo(
            MemoryMarshal.Read<int>(payload[4..]),
            Encoding.UTF8.GetString(name.TrimEnd((byte)0)),
            mac.IsEmpty ? PhysicalAddress.None : new PhysicalAddress(mac.ToArray()),
            MemoryMarshal.Read<int>(mtu),
            (flags & RtConstants.IFF_UP) != 0,
            (flags & RtConstants.IFF_LOWER_UP) != 0);
        return true;
    }
}
