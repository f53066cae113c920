using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Appliance.Net;

/// <summary>
/// The frames that tell a LAN that an address now lives at another MAC. Pure: each writes a whole Ethernet frame into the
/// caller's buffer, of which <see cref="LongestFrame"/> bytes suffice, and returns its length in bytes.
/// </summary>
/// <remarks>Frames are not padded to Ethernet's 60 bytes; drivers do so.</remarks>
public static class Announcement
{
    /// <summary>Bytes of a gratuitous ARP frame.</summary>
    public const int ArpFrameLength = 42;

    /// <summary>Bytes of an unsolicited neighbour advertisement frame.</summary>
    public const int AdvertisementFrameLength = 86;

    /// <summary>Bytes of the longer of the two.</summary>
    public const int LongestFrame = AdvertisementFrameLength;

    private const byte IcmpV6 = 58;
    private const int AdvertisementLength = 32; // ICMPv6 header 8, target 16, option 8

    private static ReadOnlySpan<byte> AllNodes => [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01];

    /// <summary>Writes the frame for the family of <paramref name="address"/>.</summary>
    public static int Write(Span<byte> frame, IPAddress address, ReadOnlySpan<byte> mac) =>
        address.AddressFamily == AddressFamily.InterNetwork
            ? WriteGratuitousArp(frame, address, mac)
            : WriteNeighbourAdvertisement(frame, address, mac);

    /// <summary>
    /// Writes an ARP announcement (RFC 5227 section 1.1): a broadcast request whose sender and target protocol addresses are both
    /// <paramref name="address"/>; the target hardware address is zero.
    /// </summary>
    public static int WriteGratuitousArp(Span<byte> frame, IPAddress address, ReadOnlySpan<byte> mac)
    {
        Check(frame, address, AddressFamily.InterNetwork, mac, ArpFrameLength);
        frame = frame[..ArpFrameLength];
        frame.Clear();
        frame[..6].Fill(0xff);
        mac.CopyTo(frame[6..]);
        ReadOnlySpan<byte> typeAndHeader =
        [
            0x08, 0x06, // ARP
            0x00, 0x01, 0x08, 0x00, 6, 4, // Ethernet, IPv4, lengths of their addresses
            0x00, 0x01, // request
        ];
        typeAndHeader.CopyTo(frame[12..]);
        mac.CopyTo(frame[22..]);
        address.TryWriteBytes(frame[28..], out _);
        address.TryWriteBytes(frame[38..], out _);
        return ArpFrameLength;
    }

    /// <summary>
    /// Writes an unsolicited neighbour advertisement (RFC 4861 sections 4.4 and 7.2.6) from <paramref name="address"/> to all
    /// nodes (ff02::1): override flag, target link-layer address option, hop limit 255.
    /// </summary>
    public static int WriteNeighbourAdvertisement(Span<byte> frame, IPAddress address, ReadOnlySpan<byte> mac)
    {
        Check(frame, address, AddressFamily.InterNetworkV6, mac, AdvertisementFrameLength);
        frame = frame[..AdvertisementFrameLength];
        frame.Clear();
        ReadOnlySpan<byte> allNodesMac = [0x33, 0x33, 0, 0, 0, 0x01]; // RFC 2464 section 7
        allNodesMac.CopyTo(frame);
        mac.CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], 0x86dd);

        var header = frame[14..54];
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], AdvertisementLength);
        header[6] = IcmpV6;
        header[7] = 255;
        address.TryWriteBytes(header[8..], out _);
        AllNodes.CopyTo(header[24..]);

        var advertisement = frame[54..];
        advertisement[0] = 136; // neighbour advertisement
        advertisement[4] = 0x20; // override; neither router nor solicited
        address.TryWriteBytes(advertisement[8..], out _);
        advertisement[24] = 2; // target link-layer address
        advertisement[25] = 1; // in units of 8 bytes
        mac.CopyTo(advertisement[26..]);

        var sum = InternetChecksum.AddPseudoHeader(0, header[8..24], header[24..40], IcmpV6, AdvertisementLength);
        BinaryPrimitives.WriteUInt16BigEndian(advertisement[2..], InternetChecksum.Fold(InternetChecksum.Add(sum, advertisement)));
        return AdvertisementFrameLength;
    }

    private static void Check(Span<byte> frame, IPAddress address, AddressFamily family, ReadOnlySpan<byte> mac, int length)
    {
        if (address.AddressFamily != family)
        {
            throw new ArgumentException($"{address} is not of family {family}.", nameof(address));
        }

        if (mac.Length != 6)
        {
            throw new ArgumentException($"An Ethernet address has 6 bytes, not {mac.Length}.", nameof(mac));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(frame.Length, length, nameof(frame));
    }
}
