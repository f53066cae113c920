using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Appliance.Bpf.Layout;
using Appliance.Net;
using Appliance.Packets;

namespace Appliance.Tests.Support;

/// <summary>
/// One Ethernet frame as a test describes it. Immutable: every method returns an altered copy. Lengths and checksums are
/// right unless a test asks for a lie.
/// </summary>
internal sealed record Packet(IPEndPoint Source, IPEndPoint Destination)
{
    private const int EthernetLength = 14;
    private const int TcpLength = 20;
    private const byte FragmentHeader = 44;

    private MacAddress SourceMac { get; init; } = Scene.Router;
    private MacAddress DestinationMac { get; init; } = Scene.GatewayMac;
    private ushort? VlanId { get; init; }
    private byte ProtocolNumber { get; init; } = (byte)ProtocolType.Tcp;
    private byte HopLimit { get; init; } = 64;
    private bool HasCloseMark { get; init; }

    private bool HasAbsentMark { get; init; }
    private bool IsAtomic { get; init; }
    private bool IsNumbered { get; init; }
    private ushort Identification { get; init; }
    private uint Label { get; init; }
    private int? DatagramLengthLie { get; init; }
    private byte[] IPOptionBytes { get; init; } = [];
    private (byte Kind, byte[] Header)[] ExtensionHeaders { get; init; } = [];
    private (int Offset, bool More)? FragmentPlace { get; init; }
    private uint SequenceNumber { get; init; }
    private uint AcknowledgementNumber { get; init; }
    private TcpFlags FlagBits { get; init; }
    private ushort WindowSize { get; init; } = 512;
    private byte[] OptionBytes { get; init; } = [];
    private byte[] Data { get; init; } = [];
    private byte[] Trailer { get; init; } = [];
    private int? DataOffsetLie { get; init; }
    private int? IPLengthLie { get; init; }

    /// <summary>Offset of the TCP header in the frame.</summary>
    public int TransportOffset => EthernetLength + (VlanId is null ? 0 : 4) + IPHeaderLength + ExtensionHeaders.Sum(e => e.Header.Length)
        + (FragmentPlace is not null && IsV6 ? 8 : 0);

    /// <summary>Number after the last byte.</summary>
    public uint End => SequenceNumber + (uint)Data.Length
        + (FlagBits.HasFlag(TcpFlags.Syn) ? 1u : 0) + (FlagBits.HasFlag(TcpFlags.Fin) ? 1u : 0);

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Content => Data;

    private bool IsV6 => Source.AddressFamily == AddressFamily.InterNetworkV6;

    private int IPHeaderLength => IsV6 ? 40 : 20 + IPOptionBytes.Length;

    public Packet From(MacAddress mac) => this with { SourceMac = mac };

    public Packet To(MacAddress mac) => this with { DestinationMac = mac };

    public Packet Vlan(ushort id) => this with { VlanId = id };

    public Packet Protocol(ProtocolType protocol) => this with { ProtocolNumber = (byte)protocol };

    public Packet Udp() => Protocol(ProtocolType.Udp);

    /// <summary>As the gateway numbers the copies of datagrams.</summary>
    public Packet Numbered(uint number) => this with { IsNumbered = true, Identification = (ushort)number, Label = 0x50000 | (number & 0xffff) };

    /// <summary>What the sender put where a copy has its number: IPv4 identification and the low bits of the IPv6 flow label.</summary>
    public Packet Identified(ushort identification, uint label) => this with { Identification = identification, Label = label };

    /// <summary>IPv4 options, a multiple of four bytes.</summary>
    public Packet IPOptions(params byte[] bytes) => this with { IPOptionBytes = bytes };

    /// <summary>An IPv6 extension header of <paramref name="words"/> times eight bytes; it may promise another length.</summary>
    public Packet Extension(byte kind, int words = 1, byte? claimed = null)
    {
        var header = new byte[8 * words];
        header[1] = claimed ?? (byte)(words - 1);
        return this with { ExtensionHeaders = [.. ExtensionHeaders, (kind, header)] };
    }

    /// <summary>A part of a datagram: <paramref name="offset"/> in units of eight bytes.</summary>
    public Packet Fragment(int offset, bool more) => this with { FragmentPlace = (offset, more) };

    /// <summary>IPv4's TTL, IPv6's hop limit.</summary>
    public Packet Hops(byte limit) => this with { HopLimit = limit };

    /// <summary>As gateway and nodes mark closes between each other: TCP_CLOSE_MARK of segment.h.</summary>
    public Packet Marked() => this with { HasCloseMark = true };

    /// <summary>A node's word that it has no such connection: TCP_ABSENT_MARK of segment.h.</summary>
    public Packet Absent() => this with { HasAbsentMark = true };

    /// <summary>"Do not fragment", IPv4.</summary>
    public Packet Atomic() => this with { IsAtomic = true };

    public Packet Seq(uint number) => this with { SequenceNumber = number };

    public Packet Ack(uint number) => this with { AcknowledgementNumber = number, FlagBits = FlagBits | TcpFlags.Ack };

    public Packet Flags(TcpFlags flags) => this with { FlagBits = FlagBits | flags };

    /// <summary>These flags and no others; numbers stay.</summary>
    public Packet Only(TcpFlags flags) => this with { FlagBits = flags };

    public Packet Syn() => Flags(TcpFlags.Syn);

    public Packet Fin() => Flags(TcpFlags.Fin);

    public Packet Rst() => Flags(TcpFlags.Rst);

    public Packet Window(ushort window) => this with { WindowSize = window };

    /// <summary>TCP options in this order, see <see cref="TcpOption"/>; padded with zeros to whole words.</summary>
    public Packet Options(params byte[][] options)
    {
        byte[] bytes = [.. options.SelectMany(o => o)];
        return this with { OptionBytes = [.. bytes, .. new byte[-bytes.Length & 3]] };
    }

    /// <summary>Payload of <paramref name="length"/> bytes that differ.</summary>
    public Packet Payload(int length) => this with { Data = [.. Enumerable.Range(0, length).Select(i => (byte)((i * 7) + 1))] };

    public Packet Payload(byte[] bytes) => this with { Data = bytes };

    /// <summary>Bytes after the IP datagram, as Ethernet pads short frames.</summary>
    public Packet Padded(int bytes) => this with { Trailer = new byte[bytes] };

    /// <summary>Says another TCP header length, in words.</summary>
    public Packet DataOffset(int words) => this with { DataOffsetLie = words };

    /// <summary>Says another length in the IP header.</summary>
    public Packet IPLength(int length) => this with { IPLengthLie = length };

    /// <summary>Says another length in the UDP header.</summary>
    public Packet DatagramLength(int length) => this with { DatagramLengthLie = length };

    /// <summary>The frame.</summary>
    public byte[] ToBytes()
    {
        var transport = TransportOffset;
        var header = ProtocolNumber == (byte)ProtocolType.Tcp ? TcpLength + OptionBytes.Length : 8;
        var frame = new byte[transport + header + Data.Length + Trailer.Length];
        var ip = EthernetLength + (VlanId is null ? 0 : 4);
        WriteEthernet(frame);
        WriteTransport(frame.AsSpan(transport, header + Data.Length), header);
        if (IsV6)
        {
            WriteV6(frame.AsSpan(ip), transport - ip - 40 + header + Data.Length);
        }
        else
        {
            WriteV4(frame.AsSpan(ip), header + Data.Length);
        }
        return frame;
    }

    private void WriteEthernet(Span<byte> frame)
    {
        DestinationMac.CopyTo(frame);
        SourceMac.CopyTo(frame[6..]);
        var type = frame[12..];
        if (VlanId is { } vlan)
        {
            BinaryPrimitives.WriteUInt16BigEndian(type, 0x8100);
            BinaryPrimitives.WriteUInt16BigEndian(type[2..], vlan);
            type = type[4..];
        }
        BinaryPrimitives.WriteUInt16BigEndian(type, IsV6 ? (ushort)0x86dd : (ushort)0x0800);
    }

    private void WriteV4(Span<byte> ip, int payload)
    {
        var length = IPHeaderLength;
        var (offset, more) = FragmentPlace ?? (0, false);
        ip[0] = (byte)(0x40 | (length / 4));
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(IPLengthLie ?? (length + payload)));
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], Identification);
        BinaryPrimitives.WriteUInt16BigEndian(ip[6..], (ushort)(offset | (more ? 0x2000 : 0) | (IsAtomic ? 0x4000 : 0) | (IsNumbered ? 0x8000 : 0)));
        ip[8] = HopLimit;
        ip[9] = ProtocolNumber;
        Source.Address.TryWriteBytes(ip[12..], out _);
        Destination.Address.TryWriteBytes(ip[16..], out _);
        IPOptionBytes.CopyTo(ip[20..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Compute(ip[..length]));
    }

    private void WriteV6(Span<byte> ip, int payload)
    {
        BinaryPrimitives.WriteUInt32BigEndian(ip, 0x60000000 | Label);
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(IPLengthLie ?? payload));
        ip[7] = HopLimit;
        Source.Address.TryWriteBytes(ip[8..], out _);
        Destination.Address.TryWriteBytes(ip[24..], out _);
        var next = 6;
        var at = 40;
        foreach (var (kind, header) in Headers())
        {
            ip[next] = kind;
            header.CopyTo(ip[at..]);
            next = at;
            at += header.Length;
        }
        ip[next] = ProtocolNumber;
    }

    private IEnumerable<(byte Kind, byte[] Header)> Headers()
    {
        if (FragmentPlace is not var (offset, more))
        {
            return ExtensionHeaders;
        }
        var fragment = new byte[8];
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(2), (ushort)((offset << 3) | (more ? 1 : 0)));
        return ExtensionHeaders.Append((FragmentHeader, fragment));
    }

    private void WriteTransport(Span<byte> transport, int header)
    {
        BinaryPrimitives.WriteUInt16BigEndian(transport, (ushort)Source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(transport[2..], (ushort)Destination.Port);
        Data.CopyTo(transport[header..]);
        if (ProtocolNumber != (byte)ProtocolType.Tcp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[4..], (ushort)(DatagramLengthLie ?? transport.Length));
            return;
        }
        BinaryPrimitives.WriteUInt32BigEndian(transport[4..], SequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(transport[8..], AcknowledgementNumber);
        transport[12] = (byte)(((DataOffsetLie ?? (header / 4)) << 4) | (HasCloseMark ? 4 : 0) | (HasAbsentMark ? 2 : 0));
        transport[13] = (byte)FlagBits;
        BinaryPrimitives.WriteUInt16BigEndian(transport[14..], WindowSize);
        OptionBytes.CopyTo(transport[TcpLength..]);
        var pseudo = InternetChecksum.AddPseudoHeader(
            0, Source.Address.GetAddressBytes(), Destination.Address.GetAddressBytes(), ProtocolNumber, transport.Length);
        BinaryPrimitives.WriteUInt16BigEndian(transport[16..], InternetChecksum.Fold(InternetChecksum.Add(pseudo, transport)));
    }
}
