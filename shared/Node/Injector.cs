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

    /// <summary>The ACK that ends the handshake which both sides agreed upon.</summary>
    public void FinishHandshake(in FlowKey key, in Handshake h) =>
        Segment(key, h.ClientIsn + 1, h.ServerIsn + 1, TcpFlags.Ack, ushort.MaxValue);

    /// <summary>
    /// A keepalive probe of the client (RFC 9293 section 3.8.4): the stack answers with an acknowledgement of all that it
    /// has received and its window, at once. Where the connection is unknown it answers with a reset.
    /// </summary>
    public void Probe(in FlowKey key, in Replica r) =>
        Segment(key, r.Received - 1, Acknowledged(r), TcpFlags.Ack, r.ClientWindow);

    /// <summary>Takes back the backoff of the stack's retransmission timer; see <see cref="ClientFrame.WriteUnreachable"/>.</summary>
    public void RevertBackoff(in FlowKey key, in Replica r)
    {
        Span<byte> frame = stackalloc byte[ClientFrame.MaxLength];
        var length = ClientFrame.WriteUnreachable(frame, key, _mac, Acknowledged(r));
        tap.Write(frame[..length], ClientFrame.TransportOffset(key), ClientFrame.IcmpChecksumOffset);
    }

    /// <summary>The client's reset, so that a replica ends whose original has ended.</summary>
    public void Reset(in FlowKey key, in Replica r) => Segment(key, r.Received, 0, TcpFlags.Rst, 0);

    private static uint Acknowledged(in Replica r) => (int)(r.ClientAck - r.Sent) < 0 ? r.ClientAck : r.Sent;

    private void Segment(in FlowKey key, uint seq, uint ack, TcpFlags flags, ushort window)
    {
        Span<byte> frame = stackalloc byte[ClientFrame.MaxLength];
        var length = ClientFrame.WriteSegment(frame, key, _mac, seq, ack, flags, window);
        tap.Write(frame[..length], ClientFrame.TransportOffset(key), ClientFrame.TcpChecksumOffset);
    }
}
