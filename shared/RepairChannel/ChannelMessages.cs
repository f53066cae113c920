using System.Net.Sockets;

namespace Appliance.RepairChannel;

/// <summary>What an operator reads about the end of a session.</summary>
internal static class ChannelMessages
{
    /// <summary>The exception for a fault that this end found.</summary>
    public static ChannelException Of(ChannelFault fault, string peer, bool isReady) => new(fault, $"repair channel, {peer}: " + fault switch
    {
        ChannelFault.Closed when isReady => "the peer closed the connection; it is made anew",
        ChannelFault.Closed => "the peer closed the connection before it had proven itself: its log says why (another secretFile, another version, too many peers)",
        ChannelFault.Timeout when isReady => "a frame was not complete in time: the network loses too much, or somebody alters it",
        ChannelFault.Timeout => "the peer did not finish its hello in time: check that it is the appliance, and that it is not overloaded",
        ChannelFault.Foreign => "the peer does not speak the repair channel's protocol: check heartbeat.gateways and heartbeat.bind",
        ChannelFault.Version => $"the peer speaks another version of the protocol than {ChannelHello.Version}: install the same release on the gateway and the nodes",
        ChannelFault.Role => "the peer is of this end's own kind: check that heartbeat.gateways names the gateway",
        ChannelFault.Secret => "the peer proved another secret: give the gateway and the nodes the same secretFile",
        ChannelFault.Forged => "a frame's MAC is wrong: somebody altered it on the way",
        ChannelFault.Replayed => "a frame came out of its turn: somebody replayed it",
        ChannelFault.Oversize => $"a frame is longer than {FrameHeader.MaxBody} bytes: somebody altered it, or the peer is of another release",
        ChannelFault.Content when isReady => "a frame has a kind or a length that this end does not know: install the same release on the gateway and the nodes",
        ChannelFault.Content => "the peer's hello has fields out of range: install the same release on the gateway and the nodes",
        ChannelFault.Crowded => "too many peers that have not proven themselves: this one waited longest",
        _ => fault.ToString(),
    });

    /// <summary>The exception for an error of the kernel's.</summary>
    public static ChannelException Of(SocketError error, string peer) =>
        new(error is SocketError.ConnectionReset or SocketError.Shutdown ? ChannelFault.Closed : ChannelFault.Unreachable, $"repair channel, {peer}: " + error switch
        {
            SocketError.ConnectionRefused => "nobody listens there: start the gateway, or correct heartbeat.gateways",
            SocketError.TimedOut => "no sign of life: check the link and the peer",
            SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no way there: check the link, the routes and heartbeat.gateways",
            SocketError.ConnectionReset or SocketError.Shutdown => "the peer closed the connection: its log says why",
            _ => new SocketException((int)error).Message,
        });
}
