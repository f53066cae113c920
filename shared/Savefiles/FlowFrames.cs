using Appliance.Bpf.Layout;
using Appliance.Packets;

namespace Appliance.Savefiles;

/// <summary>
/// Writes what was recorded of flows as the packets that could have carried it. What the record does not hold is made up so
/// that the file reads like a capture of the client's side: the server announces the client's MSS, which also cuts the bytes;
/// windows are as wide as they can be; a client's timestamp is the millisecond of its packet. The server's packets are not
/// recorded, apart from its SYN-ACK.
/// </summary>
public sealed class FlowFrames(SavefileWriter output, WallClock clock)
{
    /// <summary>The packets hold no link layer, because none was recorded.</summary>
    public const LinkType LinkType = Savefiles.LinkType.RawIP;

    /// <summary>What a client that announces no MSS takes, RFC 9293 section 3.7.1.</summary>
    private const int DefaultMss = 536;

    /// <summary>Linux's own lower bound; a client may announce anything.</summary>
    private const int SmallestMss = 48;

    private const ulong NanosecondsPerMillisecond = 1_000_000;

    private readonly byte[] _packet = new byte[ushort.MaxValue];
    private readonly byte[] _options = new byte[TcpOptionList.MaxLength];

    /// <summary>SYN, SYN-ACK and ACK, all at the time of the SYN-ACK, the only one known. Nothing when the gateway saw no handshake.</summary>
    /// <exception cref="IOException">The output failed.</exception>
    public void WriteHandshake(in FlowKey flow, in Handshake handshake)
    {
        if (!handshake.IsComplete)
        {
            return;
        }

        var at = handshake.SynackNs;
        var syn = new TcpOptionList(_options);
        AddSynOptions(ref syn, handshake, HandshakeFlags.ClientSack, HandshakeFlags.ClientWscale, handshake.ClientWscale);
        if (Has(handshake, HandshakeFlags.ClientTimestamp))
        {
            syn.AddTimestamps(ClientTime(at), 0);
        }

        var ecn = Has(handshake, HandshakeFlags.ClientEcn) ? TcpFlags.Ece | TcpFlags.Cwr : TcpFlags.None;
        Write(flow, at, handshake.ClientIsn, 0, TcpFlags.Syn | ecn, syn.Padded);

        var synAck = new TcpOptionList(_options);
        AddSynOptions(ref synAck, handshake, HandshakeFlags.ServerSack, HandshakeFlags.ServerWscale, handshake.ServerWscale);
        if (Has(handshake, HandshakeFlags.ServerTimestamp))
        {
            synAck.AddTimestamps(handshake.SynackTsval, ClientTime(at));
        }

        ecn = Has(handshake, HandshakeFlags.ServerEcn) ? TcpFlags.Ece : TcpFlags.None;
        Write(flow, at, handshake.ServerIsn, handshake.ClientIsn + 1, TcpFlags.Syn | TcpFlags.Ack | ecn, synAck.Padded, fromClient: false);
        Write(flow, at, handshake.ClientIsn + 1, handshake.ServerIsn + 1, TcpFlags.Ack, Timestamps(handshake, at));
    }

    /// <summary>Bytes that were recorded together, cut at the MSS.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="handshake">Its beginning: sequence numbers and options.</param>
    /// <param name="offset">Place in the stream; 0 is the first byte after the SYN.</param>
    /// <param name="ack">The acknowledgement number of every packet.</param>
    /// <param name="fin">Whether the client's FIN follows the last byte.</param>
    /// <param name="recordedNs">The time of every packet, CLOCK_MONOTONIC.</param>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="IOException">The output failed.</exception>
    public void Write(
        in FlowKey flow, in Handshake handshake, long offset, uint ack, bool fin, ulong recordedNs, ReadOnlySpan<byte> bytes)
    {
        var seq = handshake.ClientIsn + 1 + (uint)offset;
        var options = Timestamps(handshake, recordedNs);
        var cut = Cut(handshake);
        do
        {
            var payload = bytes[..Math.Min(bytes.Length, cut)];
            bytes = bytes[payload.Length..];
            var flags = TcpFlags.Ack;
            if (bytes.IsEmpty)
            {
                flags |= payload.IsEmpty ? TcpFlags.None : TcpFlags.Psh;
                flags |= fin ? TcpFlags.Fin : TcpFlags.None;
            }

            Write(flow, recordedNs, seq, ack, flags, options, payload);
            seq += (uint)payload.Length;
        }
        while (!bytes.IsEmpty);
    }

    private void Write(
        in FlowKey flow,
        ulong atNs,
        uint seq,
        uint ack,
        TcpFlags flags,
        ReadOnlySpan<byte> options,
        ReadOnlySpan<byte> payload = default,
        bool fromClient = true)
    {
        var packet = new TcpPacket
        {
            Flow = flow,
            FromClient = fromClient,
            Seq = seq,
            Ack = ack,
            Flags = flags,
            Window = ushort.MaxValue,
            Options = options,
            Payload = payload,
        };
        output.Write(clock.ToUnixNs(atNs), _packet.AsSpan(0, packet.Write(_packet)));
    }

    private static void AddSynOptions(
        ref TcpOptionList options, in Handshake handshake, HandshakeFlags sack, HandshakeFlags scale, byte shift)
    {
        if (handshake.ClientMss > 0)
        {
            options.AddMss(handshake.ClientMss);
        }

        if (Has(handshake, sack))
        {
            options.AddSackPermitted();
        }

        if (Has(handshake, scale))
        {
            options.AddWindowScale(shift);
        }
    }

    private ReadOnlySpan<byte> Timestamps(in Handshake handshake, ulong atNs)
    {
        if (!HasTimestamps(handshake))
        {
            return default;
        }

        var options = new TcpOptionList(_options);
        var sinceSynAck = atNs > handshake.SynackNs ? (atNs - handshake.SynackNs) / NanosecondsPerMillisecond : 0;
        options.AddTimestamps(ClientTime(atNs), handshake.SynackTsval + (uint)sinceSynAck);
        return options.Padded;
    }

    private static int Cut(in Handshake handshake) =>
        Math.Clamp(handshake.ClientMss == 0 ? DefaultMss : handshake.ClientMss, SmallestMss, TcpPacket.MaxPayload)
        - (HasTimestamps(handshake) ? TcpOptionList.TimestampsLength : 0);

    private static bool HasTimestamps(in Handshake handshake) =>
        Has(handshake, HandshakeFlags.ClientTimestamp) && Has(handshake, HandshakeFlags.ServerTimestamp);

    private static uint ClientTime(ulong ns) => (uint)(ns / NanosecondsPerMillisecond);

    private static bool Has(in Handshake handshake, HandshakeFlags flag) => (handshake.Flags & flag) != HandshakeFlags.None;
}
