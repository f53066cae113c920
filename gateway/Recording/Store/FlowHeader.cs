using System.Buffers.Binary;
using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording.Store;

/// <summary>The value of a connection's header key, version 1: 88 bytes, big endian, closed by a CRC-32C.</summary>
internal readonly record struct FlowHeader(FlowId Flow, long Start, int FirstPage, Handshake Handshake)
{
    /// <summary>Bytes of every header.</summary>
    public const int Length = 88;

    private const uint Magic = 0x4150_4C46; // "APLF"
    private const byte Version = 1;
    private const int CrcAt = 84;

    /// <summary>Writes it.</summary>
    public byte[] ToBytes()
    {
        var b = new byte[Length];
        BinaryPrimitives.WriteUInt32BigEndian(b, Magic);
        b[4] = Version;
        BinaryPrimitives.WriteInt64BigEndian(b.AsSpan(8), Start);
        BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(16), FirstPage);
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(20), Flow.ClientIsn);
        Flow.Key.Client.CopyTo(b.AsSpan(24));
        Flow.Key.Service.CopyTo(b.AsSpan(40));
        BinaryPrimitives.WriteUInt16BigEndian(b.AsSpan(56), Flow.Key.ClientPort);
        BinaryPrimitives.WriteUInt16BigEndian(b.AsSpan(58), Flow.Key.ServicePort);
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(60), Handshake.ServerIsn);
        BinaryPrimitives.WriteUInt64BigEndian(b.AsSpan(64), Handshake.SynackNs);
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(72), Handshake.SynackTsval);
        BinaryPrimitives.WriteUInt16BigEndian(b.AsSpan(76), (ushort)Handshake.Flags);
        BinaryPrimitives.WriteUInt16BigEndian(b.AsSpan(78), Handshake.ClientMss);
        b[80] = Handshake.ClientWscale;
        b[81] = Handshake.ServerWscale;
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(CrcAt), Crc32C.Of(b.AsSpan(0, CrcAt)));
        return b;
    }

    /// <summary>Reads the header of <paramref name="flow"/>; null when it can be used, else what is wrong.</summary>
    public static string? TryRead(ReadOnlySpan<byte> b, FlowId flow, out FlowHeader header)
    {
        header = default;
        if (Envelope.Check(b, Magic, Version, Length) is { } problem)
        {
            return problem;
        }
        var handshake = new Handshake
        {
            ClientIsn = BinaryPrimitives.ReadUInt32BigEndian(b[20..]),
            ServerIsn = BinaryPrimitives.ReadUInt32BigEndian(b[60..]),
            SynackNs = BinaryPrimitives.ReadUInt64BigEndian(b[64..]),
            SynackTsval = BinaryPrimitives.ReadUInt32BigEndian(b[72..]),
            Flags = (HandshakeFlags)BinaryPrimitives.ReadUInt16BigEndian(b[76..]),
            ClientMss = BinaryPrimitives.ReadUInt16BigEndian(b[78..]),
            ClientWscale = b[80],
            ServerWscale = b[81],
        };
        header = new FlowHeader(flow, BinaryPrimitives.ReadInt64BigEndian(b[8..]), BinaryPrimitives.ReadInt32BigEndian(b[16..]), handshake);
        return header.Start < 0 || header.FirstPage < 0 || !b.SequenceEqual(header.ToBytes())
            ? "is another connection's, or damaged: delete the key"
            : null;
    }
}
