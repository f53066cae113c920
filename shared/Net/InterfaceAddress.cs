using System.Net;
using System.Runtime.InteropServices;

namespace Appliance.Net;

/// <summary>An address configured on an interface.</summary>
/// <param name="InterfaceIndex">Kernel index of the interface.</param>
/// <param name="Address">The local address; link-local IPv6 addresses carry no scope id.</param>
/// <param name="PrefixLength">Bits, 0–32 or 0–128.</param>
/// <param name="Flags">The kernel's flags.</param>
public readonly record struct InterfaceAddress(int InterfaceIndex, IPAddress Address, int PrefixLength, AddressFlags Flags)
{
    /// <summary>Is an address in the network that this one is in?</summary>
    public bool NetworkContains(IPAddress other)
    {
        var (own, its) = (Address.GetAddressBytes(), other.GetAddressBytes());
        if (own.Length != its.Length)
        {
            return false;
        }
        var (bytes, bits) = (PrefixLength / 8, PrefixLength % 8);
        return own.AsSpan(0, bytes).SequenceEqual(its.AsSpan(0, bytes)) && (bits == 0 || ((own[bytes] ^ its[bytes]) >> (8 - bits)) == 0);
    }

    /// <summary>Reads the payload of an RTM_NEWADDR message (struct ifaddrmsg and attributes).</summary>
    /// <returns>False when it is truncated or holds no IPv4 or IPv6 address.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out InterfaceAddress address)
    {
        address = default;
        if (payload.Length < RtConstants.IfAddrLength)
        {
            return false;
        }

        var length = payload[0] switch { LibC.AF_INET => 4, LibC.AF_INET6 => 16, _ => 0 };
        var attributes = payload[RtConstants.IfAddrLength..];

        // On a point-to-point link IFA_ADDRESS is the peer; elsewhere IPv6 has no IFA_LOCAL.
        if (length == 0
            || (!NetlinkAttributeReader.TryFind(attributes, RtConstants.IFA_LOCAL, length, out var bytes)
                && !NetlinkAttributeReader.TryFind(attributes, RtConstants.IFA_ADDRESS, length, out bytes)))
        {
            return false;
        }

        var flags = NetlinkAttributeReader.TryFind(attributes, RtConstants.IFA_FLAGS, 4, out var wide)
            ? MemoryMarshal.Read<uint>(wide)
            : payload[2];
        address = new InterfaceAddress(
            MemoryMarshal.Read<int>(payload[4..]), new IPAddress(bytes[..length]), payload[1], (AddressFlags)flags);
        return true;
    }
}
