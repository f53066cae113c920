using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Appliance.Bpf.Layout;
using Appliance.Packets;
using Appliance.Savefiles;

namespace Appliance.Lab.Savefiles;

/// <summary>
/// Finds the TCP segment in a captured packet: Ethernet with or without VLAN tags, Linux cooked captures, bare IP. Packets of
/// other protocols, fragments and malformed ones hold none.
/// </summary>
public static class SegmentParser
{
    private const int ProtocolTcp = 6;
    private const int TcpLength = 20;

    /// <summary>Whether packets that begin so can be read.</summary>
    public static bool Knows(LinkType linkType) => Enum.IsDefined(linkType);

    /// <summary>Reads a packet.</summary>
    public static bool TryParse(LinkType linkType, in SavefilePacket packet, [NotNullWhen(true)] out CapturedSegment? segment)
    {
        segment = null;
        var cut = Math.Max(0, packet.OriginalLength - packet.Data.Length);
        if (!TryStripLink(linkType, packet.Data, out var ip) || !TryStripIP(ip, cut, out var tcp, out var ends, out var length))
        {
            return false;
        }

        if (tcp.Length < TcpLength || (tcp[12] >> 4) * 4 is var header && (header < TcpLength || header > tcp.Length))
        {
            return false;
        }

        var source = BinaryPrimitives.ReadUInt16BigEndian(tcp);
        var destination = BinaryPrimitives.ReadUInt16BigEndian(tcp[2..]);
        var flags = (TcpFlags)tcp[13];
        segment = new CapturedSegment(
            new FlowKey(new IPEndPoint(ends.Source, source), new IPEndPoint(ends.Destination, destination)),
            packet.UnixNs,
            BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]),
            (flags & TcpFlags.Ack) != TcpFlags.None ? BinaryPrimitives.ReadUInt32BigEndian(tcp[8..]) : 0,
            flags,
            tcp[header..].ToArray(),
            length - header);
        return true;
    }

    private static bool TryStripLink(LinkType linkType, ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> ip)
    {
        var (header, typeAt) = linkType switch
        {
            LinkType.Ethernet => (14, 12),
            LinkType.LinuxCooked => (16, 14),
            LinkType.LinuxCooked2 => (20, 0),
            LinkType.RawIP or LinkType.IPv4 or LinkType.IPv6 => (0, -1),
            _ => (int.MaxValue, 0),
        };
        ip = default;
        if (packet.Length < header)
        {
            return false;
        }

        ip = packet[header..];
        if (typeAt < 0)
        {
            return true;
        }

        var type = BinaryPrimitives.ReadUInt16BigEndian(packet[typeAt..]);
        while (type is 0x8100 or 0x88a8 && ip.Length >= 4)
        {
            type = BinaryPrimitives.ReadUInt16BigEndian(ip[2..]);
            ip = ip[4..];
        }

        return type is 0x0800 or 0x86dd;
    }

    /// <param name="ip">The packet from its IP header on.</param>
    /// <param name="cut">Bytes at its end that were not captured.</param>
    /// <param name="tcp">What was captured of the segment, without the link layer's padding.</param>
    /// <param name="ends">Its addresses.</param>
    /// <param name="length">The segment's length on the wire.</param>
    private static bool TryStripIP(
        ReadOnlySpan<byte> ip, int cut, out ReadOnlySpan<byte> tcp, out (IPAddress Source, IPAddress Destination) ends, out int length)
    {
        tcp = default;
        ends = default;
        length = 0;
        if (ip.Length < 20)
        {
            return false;
        }

        int header;
        switch (ip[0] >> 4)
        {
            case 4:
                header = (ip[0] & 15) * 4;
                var fragment = BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & 0x3fff;
                if (header < 20 || ip.Length < header || fragment != 0 || ip[9] != ProtocolTcp)
                {
                    return false;
                }

                length = Total(BinaryPrimitives.ReadUInt16BigEndian(ip[2..]), ip.Length + cut) - header;
                ends = (new IPAddress(ip.Slice(12, 4)), new IPAddress(ip.Slice(16, 4)));
                break;
            case 6:
                if (ip.Length < 40 || !TrySkipExtensions(ip, out header))
                {
                    return false;
                }

                var payload = BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);
                length = Total(payload == 0 ? 0 : payload + 40, ip.Length + cut) - header;
                ends = (new IPAddress(ip.Slice(8, 16)), new IPAddress(ip.Slice(24, 16)));
                break;
            default:
                return false;
        }

        if (length < TcpLength)
        {
            return false;
        }

        tcp = ip[header..];
        tcp = tcp[..Math.Min(tcp.Length, length)];
        return true;
    }

    /// <summary>Packets captured before segmentation offload may be longer than the field can tell: it is 0 then.</summary>
    private static int Total(int field, int captured) => field == 0 ? captured : field;

    private static bool TrySkipExtensions(ReadOnlySpan<byte> ip, out int header)
    {
        const int HopByHop = 0;
        const int Routing = 43;
        const int DestinationOptions = 60;
        var next = ip[6];
        header = 40;
        while (next is HopByHop or Routing or DestinationOptions && ip.Length >= header + 8)
        {
            next = ip[header];
            header += (ip[header + 1] + 1) * 8;
        }

        return next == ProtocolTcp && header <= ip.Length;
    }
}
