using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Gateway to node: open a replica of this connection.</summary>
/// <param name="Flow">The connection.</param>
/// <param name="SynackAgeNs">Nanoseconds since the SYN-ACK was seen.</param>
/// <param name="ClientIsn">The client's initial sequence number.</param>
/// <param name="ServerIsn">The server's initial sequence number.</param>
/// <param name="SynackTsval">The SYN-ACK's timestamp value.</param>
/// <param name="Flags">What the handshake agreed upon.</param>
/// <param name="ClientMss">The client's maximum segment size.</param>
/// <param name="ClientWscale">The client's window shift.</param>
/// <param name="ServerWscale">The server's window shift.</param>
/// <param name="ClientWindow">The client's window as it was in the segment, not scaled.</param>
/// <param name="ClientNext">The client's next sequence number.</param>
/// <param name="ClientAck">What the client has acknowledged.</param>
/// <param name="ServerNext">The active server's next sequence number.</param>
/// <param name="ServerAck">What the active server has acknowledged.</param>
public readonly record struct FlowEntry(
    FlowKey Flow,
    ulong SynackAgeNs,
    uint ClientIsn,
    uint ServerIsn,
    uint SynackTsval,
    HandshakeFlags Flags,
    ushort ClientMss,
    byte ClientWscale,
    byte ServerWscale,
    ushort ClientWindow,
    uint ClientNext,
    uint ClientAck,
    uint ServerNext,
    uint ServerAck) : IFrameEntry<FlowEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 80;

    static int IFrameEntry<FlowEntry>.Size => Length;

    /// <summary>An entry with what the handshake agreed upon; the numbers of now are to be added.</summary>
    /// <param name="flow">The connection.</param>
    /// <param name="handshake">Its handshake, as this host saw it.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC, nanoseconds.</param>
    public static FlowEntry From(in FlowKey flow, in Handshake handshake, ulong nowNs) => new()
    {
        Flow = flow,
        SynackAgeNs = unchecked(nowNs - handshake.SynackNs),
        ClientIsn = handshake.ClientIsn,
        ServerIsn = handshake.ServerIsn,
        SynackTsval = handshake.SynackTsval,
        Flags = handshake.Flags,
        ClientMss = handshake.ClientMss,
        ClientWscale = handshake.ClientWscale,
        ServerWscale = handshake.ServerWscale,
    };

    /// <summary>The handshake in terms of this host's clock. Its time wraps where it is before the host's start; differences are right.</summary>
    /// <param name="nowNs">CLOCK_MONOTONIC, nanoseconds.</param>
    public Handshake ToHandshake(ulong nowNs) => new()
    {
        SynackNs = unchecked(nowNs - SynackAgeNs),
        ClientIsn = ClientIsn,
        ServerIsn = ServerIsn,
        SynackTsval = SynackTsval,
        Flags = Flags,
        ClientMss = ClientMss,
        ClientWscale = ClientWscale,
        ServerWscale = ServerWscale,
    };

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        BinaryPrimitives.WriteUInt64BigEndian(b[36..], SynackAgeNs);
        BinaryPrimitives.WriteUInt32BigEndian(b[44..], ClientIsn);
        BinaryPrimitives.WriteUInt32BigEndian(b[48..], ServerIsn);
        BinaryPrimitives.WriteUInt32BigEndian(b[52..], SynackTsval);
        BinaryPrimitives.WriteUInt16BigEndian(b[56..], (ushort)Flags);
        BinaryPrimitives.WriteUInt16BigEndian(b[58..], ClientMss);
        b[60] = ClientWscale;
        b[61] = ServerWscale;
        BinaryPrimitives.WriteUInt16BigEndian(b[62..], ClientWindow);
        BinaryPrimitives.WriteUInt32BigEndian(b[64..], ClientNext);
        BinaryPrimitives.WriteUInt32BigEndian(b[68..], ClientAck);
        BinaryPrimitives.WriteUInt32BigEndian(b[72..], ServerNext);
        BinaryPrimitives.WriteUInt32BigEndian(b[76..], ServerAck);
    }

    /// <inheritdoc/>
    public static FlowEntry Read(ReadOnlySpan<byte> b) => new(
        MemoryMarshal.Read<FlowKey>(b),
        BinaryPrimitives.ReadUInt64BigEndian(b[36..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[44..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[48..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[52..]),
        (HandshakeFlags)BinaryPrimitives.ReadUInt16BigEndian(b[56..]),
        BinaryPrimitives.ReadUInt16BigEndian(b[58..]),
        b[60],
        b[61],
        BinaryPrimitives.ReadUInt16BigEndian(b[62..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[64..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[68..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[72..]),
        BinaryPrimitives.ReadUInt32BigEndian(b[76..]));
}
