using Appliance.Bpf.Layout;
using Appliance.Net;
using Appliance.Packets;

namespace Appliance.Gateway.Recording;

/// <summary>
/// Makes the active server tell its client the window anew: a client that was held back would otherwise learn that it may go
/// on only from its own persist timer. The frame is a keepalive probe in the client's name (RFC 9293 section 3.8.4), which
/// the server answers at once; with its garbage byte, or only one in 500 ms would be answered (tcp_oow_rate_limited()). The
/// gateway's egress hook addresses it, and knows it by its mark.
/// </summary>
public sealed class ServerProbe(int lanIfindex, MacAddress gateway) : IDisposable
{
    /// <summary>PROBE_MARK in bpf/appliance.h.</summary>
    private const uint Mark = 0x54324150;

    /// <summary>PROBE_ALL_MARK there.</summary>
    private const uint AllMark = 0x54324151;

    private readonly PacketSocket _socket = PacketSocket.Open(lanIfindex, Mark);
    private readonly PacketSocket _all = PacketSocket.Open(lanIfindex, AllMark);

    /// <summary>Probes the server of one connection, which has received everything below <paramref name="received"/>.</summary>
    /// <param name="all">Also the other nodes' servers; they, too, have received everything below.</param>
    public void Send(in FlowKey key, in Flow flow, uint received, bool all = false)
    {
        Span<byte> frame = stackalloc byte[ClientFrame.MaxLength];
        var length = ClientFrame.WriteSegment(frame, key, gateway, received - 1, flow.ClientAck, TcpFlags.Ack, 0, [0]);
        gateway.CopyTo(frame[6..]);
        ClientFrame.FillTcpChecksum(frame[..length], key);
        (all ? _all : _socket).Send(frame[..length]);
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        _all.Dispose();
    }
}
