using System.Buffers.Binary;
using Appliance.Bpf.Layout;
using Appliance.Net;

namespace Appliance.Packets;

/// <summary>
/// Frames that speak for a client (or a router before it) to the node's own stack. They are injected through a TAP,
/// whose transport checksums count as verified, so none is computed here; IPv4 header checksums are.
/// </summary>
public static class ClientFrame
{
    /// <summary>Room for any frame that this class writes, but for datagrams.</summary>
    public const int MaxLength = EthernetLength + IPv6Length + 8 + IPv6Length + TcpLength;

    /// <summary>Offset of the checksum in a TCP header.</summary>
    public const int TcpChecksumOffset = 16;

    /// <summary>Offset of the checksum in a UDP header.</summary>
    public const int UdpChecksumOffset = 6;

    /// <summary>Offset of the checksum in an ICMP header, either version.</summary>
    public const int IcmpChecksumOffset = 2;

    private const int EthernetLength = 14;
    private const int IPv4Length = 20;
    private const int IPv6Length = 40;
    private const int TcpLength = 20;
    private const int UdpLength = 8;
    private const byte ProtocolIcmp = 1;
    private const byte ProtocolTcp = 6;
    private const byte ProtocolUdp = 17;
    private const byte ProtocolIcmpV6 = 58;

    /// <summary>Offset of the transport header in the frames of this class.</summary>
    public static int TransportOffset(in FlowKey key) => EthernetLength + (key.Client.IsIPv4 ? IPv4Length : IPv6Length);

    /// <summary>Source of frames that tell the programs how far a client is: enum engine_order in bpf/replica_ingress.bpf.c.</summary>
    public static MacAddress PositionMac { get; } = new(0x02, 0, 0, 0, 0, 2);

    /// <summary>Source of what is delivered although output that it acknowledges was waited for in vain; see bpf/replica_ingress.bpf.c.</summary>
    public static MacAddress RegardlessMac { get; } = new(0x02, 0, 0, 0, 0, 3);

    /// <summary>The same, of frames that tell them that a client hears several nodes; their sequence number is the client's initial one.</summary>
    public static MacAddress HotMac { get; } = new(0x02, 0, 0, 0, 0, 4);

    /// <summary>The same, of frames that take it back.</summary>
    public static MacAddress NotHotMac { get; } = new(0x02, 0, 0, 0, 0, 5);

    /// <summary>A TCP segment without options from the client; returns its length. Its checksum is left out.</summary>
    public static int WriteSegment(
        Span<byte> frame, in FlowKey key, MacAddress to, uint seq, uint ack, TcpFlags flags, ushort window, ReadOnlySpan<byte> payload = default)
    {
        var length = WriteHeaders(frame, key, to, ProtocolTcp, TcpLength + payload.Length, fromClient: true);
        WriteTcp(frame.Slice(TransportOffset(key), TcpLength), key.ClientPort, key.ServicePort, seq, ack, flags, window);
        payload.CopyTo(frame[(length - payload.Length)..]);
        return length;
    }

    /// <summary>Fills in the checksum of a TCP segment of this class, for a way that leads out of the host.</summary>
    public static void FillTcpChecksum(Span<byte> frame, in FlowKey key) => TcpChecksum.Fill(frame[TransportOffset(key)..], key);

    /// <summary>
    /// "Host unreachable" about the segment with number <paramref name="seq"/> of the node's own output. On a connection
    /// whose oldest unacknowledged byte this is, tcp_ld_RTO_revert() takes back the exponential backoff of the
    /// retransmission timer, and retransmits at once when the shorter timeout has already passed (RFC 6069).
    /// </summary>
    public static int WriteUnreachable(Span<byte> frame, in FlowKey key, MacAddress to, uint seq)
    {
        const int IcmpLength = 8;
        var v4 = key.Client.IsIPv4;
        var quoted = (v4 ? IPv4Length : IPv6Length) + TcpLength;
        var length = WriteHeaders(frame, key, to, v4 ? ProtocolIcmp : ProtocolIcmpV6, IcmpLength + quoted, fromClient: true);
        var icmp = frame[(length - IcmpLength - quoted)..length];
        icmp.Clear();
        // RFC 792: type 3, code 1 (host unreachable); RFC 4443: type 1, code 0 (no route).
        (icmp[0], icmp[1]) = v4 ? ((byte)3, (byte)1) : ((byte)1, (byte)0);
        WriteIP(icmp[IcmpLength..], key, ProtocolTcp, TcpLength, fromClient: false);
        WriteTcp(icmp[(IcmpLength + quoted - TcpLength)..], key.ServicePort, key.ClientPort, seq, 0, TcpFlags.Ack, 0);
        return length;
    }

    /// <summary>Length of the frame of a datagram with <paramref name="payload"/> bytes.</summary>
    public static int DatagramLength(in FlowKey key, int payload) => TransportOffset(key) + UdpLength + payload;

    /// <summary>
    /// A datagram from the client, with its number where the node's ingress hook looks for it (bpf/datagram.h). Returns its length.
    /// </summary>
    /// <param name="frame">Room for <see cref="DatagramLength"/> bytes.</param>
    /// <param name="key">The two ends.</param>
    /// <param name="to">MAC address that receives it.</param>
    /// <param name="number">The gateway's number, of which 16 bits travel.</param>
    /// <param name="payload">At most 65,507 bytes over IPv4, 65,527 over IPv6.</param>
    public static int WriteDatagram(Span<byte> frame, in FlowKey key, MacAddress to, uint number, ReadOnlySpan<byte> payload)
    {
        var length = WriteHeaders(frame, key, to, ProtocolUdp, UdpLength + payload.Length, fromClient: true);
        WriteNumber(frame[EthernetLength..], key.Client.IsIPv4, (ushort)number);
        var udp = frame[(length - UdpLength - payload.Length)..length];
        BinaryPrimitives.WriteUInt16BigEndian(udp, key.ClientPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], key.ServicePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        // Any number but 0, which means "none" and is an error over IPv6 (RFC 8200 section 8.1).
        BinaryPrimitives.WriteUInt16BigEndian(udp[UdpChecksumOffset..], ushort.MaxValue);
        payload.CopyTo(udp[UdpLength..]);
        return length;
    }

    private static void WriteNumber(Span<byte> ip, bool v4, ushort number)
    {
        if (v4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], number);
            ip[6] |= 0x80;
            ip[10..12].Clear();
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Compute(ip[..IPv4Length]));
            return;
        }
        ip[1] = 0x05;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], number);
    }

    private static int WriteHeaders(Span<byte> frame, in FlowKey key, MacAddress to, byte protocol, int payload, bool fromClient)
    {
        var v4 = key.Client.IsIPv4;
        to.CopyTo(frame);
        new MacAddress(0x02, 0, 0, 0, 0, 1).CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], v4 ? (ushort)0x0800 : (ushort)0x86dd);
        WriteIP(frame[EthernetLength..], key, protocol, payload, fromClient);
        return TransportOffset(key) + payload;
    }

    private static void WriteIP(Span<byte> ip, in FlowKey key, byte protocol, int payload, bool fromClient)
    {
        const byte HopLimit = 64;
        Span<byte> client = stackalloc byte[16];
        Span<byte> service = stackalloc byte[16];
        key.Client.CopyTo(client);
        key.Service.CopyTo(service);
        var source = fromClient ? client : service;
        var destination = fromClient ? service : client;
        if (key.Client.IsIPv4)
        {
            ip[..IPv4Length].Clear();
            ip[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(IPv4Length + payload));
            ip[6] = 0x40;
            ip[8] = HopLimit;
            ip[9] = protocol;
            source[12..].CopyTo(ip[12..]);
            destination[12..].CopyTo(ip[16..]);
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Compute(ip[..IPv4Length]));
            return;
        }
        ip[..8].Clear();
        ip[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)payload);
        ip[6] = protocol;
        ip[7] = HopLimit;
        source.CopyTo(ip[8..]);
        destination.CopyTo(ip[24..]);
    }

    private static void WriteTcp(Span<byte> tcp, ushort source, ushort destination, uint seq, uint ack, TcpFlags flags, ushort window)
    {
        tcp[..TcpLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(tcp, source);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], destination);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], seq);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], ack);
        tcp[12] = TcpLength / 4 << 4;
        tcp[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], window);
    }
}
