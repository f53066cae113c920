using System.Buffers.Binary;
using Appliance.Bpf.Layout;
using Appliance.Net;
using Appliance.Packets;

namespace Appliance.Savefiles;

/// <summary>One whole IP packet with a TCP segment, checksums included, for savefiles.</summary>
internal readonly ref struct TcpPacket
{
    /// <summary>Most bytes of one packet's payload: IPv4's total length less the longest headers.</summary>
    public const int MaxPayload = ushort.MaxValue - IPv4Length - MaxTcpLength;

    private const int IPv4Length = 20;
    private const int IPv6Length = 40;
    private const int TcpLength = 20;
    private const int MaxTcpLength = 60;
    private const byte ProtocolTcp = 6;
    private const byte HopLimit = 64;

    public required FlowKey Flow { get; init; }

    /// <summary>From the client to the service, or back?</summary>
    public bool FromClient { get; init; }

    public uint Seq { get; init; }

    public uint Ack { get; init; }

    public TcpFlags Flags { get; init; }

    public ushort Window { get; init; }

    /// <summary>Padded to a multiple of four bytes.</summary>
    public ReadOnlySpan<byte> Options { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Writes the packet and returns its length.</summary>
    public int Write(Span<byte> packet)
    {
        Span<byte> client = stackalloc byte[16];
        Span<byte> service = stackalloc byte[16];
        Flow.Client.CopyTo(client);
        Flow.Service.CopyTo(service);
        var source = FromClient ? client : service;
        var destination = FromClient ? service : client;
        var v4 = Flow.Client.IsIPv4;
        if (v4)
        {
            source = source[12..];
            destination = destination[12..];
        }

        var header = v4 ? IPv4Length : IPv6Length;
        var tcp = packet.Slice(header, TcpLength + Options.Length + Payload.Length);
        WriteTcp(tcp, source, destination);
        if (v4)
        {
            WriteV4(packet[..header], tcp.Length, source, destination);
        }
        else
        {
            WriteV6(packet[..header], tcp.Length, source, destination);
        }

        return header + tcp.Length;
    }

    private static void WriteV4(Span<byte> ip, int payload, ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination)
    {
        ip.Clear();
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(IPv4Length + payload));
        ip[6] = 0x40;
        ip[8] = HopLimit;
        ip[9] = ProtocolTcp;
        source.CopyTo(ip[12..]);
        destination.CopyTo(ip[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Compute(ip));
    }

    private static void WriteV6(Span<byte> ip, int payload, ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination)
    {
        ip.Clear();
        ip[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)payload);
        ip[6] = ProtocolTcp;
        ip[7] = HopLimit;
        source.CopyTo(ip[8..]);
        destination.CopyTo(ip[24..]);
    }

    private void WriteTcp(Span<byte> tcp, ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination)
    {
        var header = TcpLength + Options.Length;
        tcp[..TcpLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(tcp, FromClient ? Flow.ClientPort : Flow.ServicePort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], FromClient ? Flow.ServicePort : Flow.ClientPort);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], Seq);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], Ack);
        tcp[12] = (byte)(header / 4 << 4);
        tcp[13] = (byte)Flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], Window);
        Options.CopyTo(tcp[TcpLength..]);
        Payload.CopyTo(tcp[header..]);
        var pseudo = InternetChecksum.AddPseudoHeader(0, source, destination, ProtocolTcp, tcp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], InternetChecksum.Fold(InternetChecksum.Add(pseudo, tcp)));
    }
}
