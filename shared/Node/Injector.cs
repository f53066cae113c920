using System.Buffers;
using Appliance.Bpf.Layout;
using Appliance.Net;
using Appliance.Packets;

namespace Appliance.Node;

/// <summary>Speaks to the node's own stack in a client's name, through the TAP. Thread-safe.</summary>
public sealed class Injector(TapDevice tap)
{
    private readonly MacAddress _mac = new(tap.Mac.GetAddressBytes());

    /// <summary>A segment that was held, without its timestamp; it goes through the ingress hook like any other.</summary>
    public void Inject(HeldSegment segment)
    {
        var frame = segment.Frame;
        _mac.CopyTo(frame);
        TcpOptions.TryEraseTimestamps(frame[segment.L4..]);
        tap.Write(frame, segment.L4, ClientFrame.TcpChecksumOffset);
    }

    /// <summary>A segment that was held, although its connection's replica has not said what it acknowledges; from then on, they differ.</summary>
    public void InjectRegardless(HeldSegment segment)
    {
        ClientFrame.RegardlessMac.CopyTo(segment.Frame[6..]);
        Inject(segment);
    }

    /// <summary>A segment as it came, options included.</summary>
    public void InjectWhole(HeldSegment segment)
    {
        _mac.CopyTo(segment.Frame);
        tap.Write(segment.Frame, segment.L4, ClientFrame.TcpChecksumOffset);
    }

    /// <summary>The ACK that ends the handshake which both sides agreed upon.</summary>
    public void FinishHandshake(in FlowKey key, in Handshake h) =>
        Segment(key, h.ClientIsn + 1, h.ServerIsn + 1, TcpFlags.Ack, ushort.MaxValue);

    /// <summary>Tells the ingress hook to make the node's own socket of this connection its replica; the client stands there.</summary>
    public void Adopt(in FlowKey key, uint clientNext, uint clientAck) => Acknowledge(key, clientNext, clientAck);

    /// <summary>
    /// A keepalive probe of the client (RFC 9293 section 3.8.4): the stack answers with an acknowledgement of all that it
    /// has received and its window, at once. Where the connection is unknown it answers with a reset. It has the garbage
    /// byte: without data, one in 500 ms would be answered (tcp_oow_rate_limited()).
    /// </summary>
    public void Probe(in FlowKey key, in Replica r)
    {
        Span<byte> frame = stackalloc byte[ClientFrame.MaxLength];
        var length = ClientFrame.WriteSegment(frame, key, _mac, r.Received - 1, Acknowledged(r), TcpFlags.Ack, r.ClientWindow, [0]);
        tap.Write(frame[..length], ClientFrame.TransportOffset(key), ClientFrame.TcpChecksumOffset);
    }

    /// <summary>Takes back the backoff of the stack's retransmission timer; see <see cref="ClientFrame.WriteUnreachable"/>.</summary>
    public void RevertBackoff(in FlowKey key, in Replica r)
    {
        Span<byte> frame = stackalloc byte[ClientFrame.MaxLength];
        var length = ClientFrame.WriteUnreachable(frame, key, _mac, Acknowledged(r));
        tap.Write(frame[..length], ClientFrame.TransportOffset(key), ClientFrame.IcmpChecksumOffset);
    }

    /// <summary>
    /// Client bytes that the replica missed, with the acknowledgement with which they first came, so that they wait for the
    /// output that they answer. Without timestamps, as for held segments.
    /// </summary>
    public void Resend(in FlowKey key, in Replica r, uint seq, uint ack, bool fin, ReadOnlySpan<byte> payload)
    {
        var frame = ArrayPool<byte>.Shared.Rent(ClientFrame.MaxLength + payload.Length);
        var flags = TcpFlags.Ack | TcpFlags.Psh | (fin ? TcpFlags.Fin : TcpFlags.None);
        var length = ClientFrame.WriteSegment(frame, key, _mac, seq, ack, flags, WindowOf(r), payload);
        tap.Write(frame.AsSpan(0, length), ClientFrame.TransportOffset(key), ClientFrame.TcpChecksumOffset);
        ArrayPool<byte>.Shared.Return(frame);
    }

    /// <summary>A datagram that the replica missed, with its number, so that it goes up the stack once.</summary>
    public void Datagram(in FlowKey key, uint number, ReadOnlySpan<byte> payload)
    {
        var frame = ArrayPool<byte>.Shared.Rent(ClientFrame.DatagramLength(key, payload.Length));
        var length = ClientFrame.WriteDatagram(frame, key, _mac, number, payload);
        tap.Write(frame.AsSpan(0, length), ClientFrame.TransportOffset(key), ClientFrame.UdpChecksumOffset);
        ArrayPool<byte>.Shared.Return(frame);
    }

    /// <summary>
    /// The gateway's word on how far the client is: an acknowledgement that the programs believe, because of the source
    /// address that only this engine's TAP may bring.
    /// </summary>
    public void Position(in FlowKey key, in Replica r, uint clientNext, uint clientAck)
    {
        Span<byte> frame = stackalloc byte[ClientFrame.MaxLength];
        var length = ClientFrame.WriteSegment(frame, key, _mac, clientNext, clientAck, TcpFlags.Ack, WindowOf(r));
        ClientFrame.PositionMac.CopyTo(frame[6..]);
        tap.Write(frame[..length], ClientFrame.TransportOffset(key), ClientFrame.TcpChecksumOffset);
    }

    /// <summary>Tells the ingress hook whether the client hears several nodes.</summary>
    public void SetHot(in FlowKey key, uint clientIsn, bool isHot)
    {
        Span<byte> frame = stackalloc byte[ClientFrame.MaxLength];
        var length = ClientFrame.WriteSegment(frame, key, _mac, clientIsn, 0, TcpFlags.Ack, 0);
        (isHot ? ClientFrame.HotMac : ClientFrame.NotHotMac).CopyTo(frame[6..]);
        tap.Write(frame[..length], ClientFrame.TransportOffset(key), ClientFrame.TcpChecksumOffset);
    }

    /// <summary>The client acknowledges: where there is no such connection, the stack answers with a reset of that very number (RFC 9293 section 3.10.7.1).</summary>
    public void Acknowledge(in FlowKey key, uint seq, uint ack) => Segment(key, seq, ack, TcpFlags.Ack, ushort.MaxValue);

    /// <summary>The client's reset, so that a replica ends whose original has ended.</summary>
    public void Reset(in FlowKey key, in Replica r) => Segment(key, r.Received, 0, TcpFlags.Rst, 0);

    /// <summary>The client's last window; a replica that was just made has seen none.</summary>
    private static ushort WindowOf(in Replica r) => r.ClientWindow == 0 ? ushort.MaxValue : r.ClientWindow;

    private static uint Acknowledged(in Replica r) => (int)(r.ClientAck - r.Sent) < 0 ? r.ClientAck : r.Sent;

    private void Segment(in FlowKey key, uint seq, uint ack, TcpFlags flags, ushort window)
    {
        Span<byte> frame = stackalloc byte[ClientFrame.MaxLength];
        var length = ClientFrame.WriteSegment(frame, key, _mac, seq, ack, flags, window);
        tap.Write(frame[..length], ClientFrame.TransportOffset(key), ClientFrame.TcpChecksumOffset);
    }
}
