using System.Buffers.Binary;
using Appliance.Packets;

namespace Appliance.Gateway.Recording.Voting;

/// <summary>Where what begins in a frame with a TCP segment of a node: Ethernet, IPv4 or IPv6, TCP.</summary>
/// <param name="Ip">Offset of the IP header.</param>
/// <param name="Tcp">Offset of the TCP header.</param>
/// <param name="Payload">Offset of the payload.</param>
/// <param name="IsIPv6">Which IP.</param>
public readonly record struct NodeSegment(int Ip, int Tcp, int Payload, bool IsIPv6)
{
    private const int EthernetLength = 14;
    private const int TcpLength = 20;

    /// <summary>Reads a frame that the gateway's programs have read before; false when they cannot have.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out NodeSegment segment)
    {
        const ushort IPv6Type = 0x86dd;
        const int IPv6Length = 40;
        segment = default;
        if (frame.Length < EthernetLength + 20)
        {
            return false;
        }
        var ipv6 = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) == IPv6Type;
        var tcp = EthernetLength + (ipv6 ? IPv6Length : (frame[EthernetLength] & 15) * 4);
        if (ipv6 && !SkipExtensions(frame, ref tcp))
        {
            return false;
        }
        if (frame.Length < tcp + TcpLength)
        {
            return false;
        }
        segment = new NodeSegment(EthernetLength, tcp, tcp + ((frame[tcp + 12] >> 4) * 4), ipv6);
        return segment.Payload >= tcp + TcpLength && segment.Payload <= frame.Length;
    }

    /// <summary>
    /// Writes the headers of another segment of the same stream: other bytes, the same options, acknowledgement and window. The TCP checksum is
    /// left to be filled in by whoever sends it: its field holds the pseudo header's sum (CHECKSUM_PARTIAL).
    /// </summary>
    /// <param name="frame">The headers of this segment; become those of the other one.</param>
    /// <param name="sequence">Of its first byte, host byte order.</param>
    /// <param name="length">Bytes of its payload.</param>
    /// <param name="fin">It ends the stream.</param>
    public void Rewrite(Span<byte> frame, uint sequence, int length, bool fin)
    {
        const byte HopLimit = 64;
        const byte ProtocolTcp = 6;
        var ip = frame[Ip..Tcp];
        var tcp = frame[Tcp..Payload];
        var segment = tcp.Length + length;
        int addresses;
        if (IsIPv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)Math.Min(ushort.MaxValue, ip.Length - 40 + segment));
            ip[7] = HopLimit;
            addresses = 8;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(ip.Length + segment));
            ip[8] = HopLimit;
            ip[10..12].Clear();
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Net.InternetChecksum.Compute(ip));
            addresses = 12;
        }
        MoveUrgentPointer(tcp, sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        var flags = (TcpFlags)tcp[13] & ~TcpFlags.Fin;
        tcp[13] = (byte)(fin ? flags | TcpFlags.Fin : flags);
        var size = IsIPv6 ? 16 : 4;
        var pseudo = Net.InternetChecksum.AddPseudoHeader(0, ip.Slice(addresses, size), ip.Slice(addresses + size, size), ProtocolTcp, segment);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[ClientFrame.TcpChecksumOffset..], Net.InternetChecksum.FoldUncomplemented(pseudo));
    }

    /// <summary>It counts from the sequence number; what lies elsewhere is not urgent here.</summary>
    private static void MoveUrgentPointer(Span<byte> tcp, uint sequence)
    {
        if (((TcpFlags)tcp[13] & TcpFlags.Urg) == TcpFlags.None)
        {
            return;
        }
        var end = unchecked(BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]) + BinaryPrimitives.ReadUInt16BigEndian(tcp[18..]) - sequence);
        if (end > ushort.MaxValue)
        {
            tcp[13] &= unchecked((byte)~TcpFlags.Urg);
            end = 0;
        }
        BinaryPrimitives.WriteUInt16BigEndian(tcp[18..], (ushort)end);
    }

    /// <summary>As read_segment() in bpf/segment.h does.</summary>
    private static bool SkipExtensions(ReadOnlySpan<byte> frame, ref int offset)
    {
        const byte HopByHop = 0;
        const byte Routing = 43;
        const byte DestinationOptions = 60;
        var protocol = frame[EthernetLength + 6];
        while (protocol is HopByHop or Routing or DestinationOptions)
        {
            if (frame.Length < offset + 2)
            {
                return false;
            }
            (protocol, offset) = (frame[offset], offset + 8 + (frame[offset + 1] * 8));
        }
        return true;
    }
}
