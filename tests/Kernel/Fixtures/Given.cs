using Appliance.Bpf.Layout;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>The connection that most fixtures start from: client ISN 1000, server ISN 5000, both sides ordinary Linux.</summary>
internal static class Given
{
    public const uint ClientIsn = 1000;
    public const uint ServerIsn = 5000;

    /// <summary>No number is as far ahead of another of its connection: FAR_AHEAD of appliance.h.</summary>
    public const uint FarAhead = 1u << 30;

    /// <summary>So much beyond what the windows allow is still believed: SLACK of gateway_egress.bpf.c.</summary>
    public const uint Slack = 4u << 20;

    /// <summary>Nothing older is believed: FAR_BEHIND of gateway_egress.bpf.c.</summary>
    public const uint FarBehind = 1u << 27;

    public const HandshakeFlags SynFlags =
        HandshakeFlags.Syn | HandshakeFlags.ClientWscale | HandshakeFlags.ClientSack | HandshakeFlags.ClientTimestamp;

    public const HandshakeFlags SynAckFlags =
        HandshakeFlags.SynAck | HandshakeFlags.ServerWscale | HandshakeFlags.ServerSack | HandshakeFlags.ServerTimestamp;

    /// <summary>After the SYN.</summary>
    public static Handshake HalfOpen { get; } = new()
    {
        ClientIsn = ClientIsn, ClientMss = 1460, ClientWscale = 7, Flags = SynFlags,
    };

    /// <summary>After SYN and SYN-ACK.</summary>
    public static Handshake Agreed { get; } = HalfOpen with
    {
        ServerIsn = ServerIsn, ServerWscale = 8, ServerWindow = 512, SynackTsval = 77, SynackNs = 1, Flags = SynFlags | SynAckFlags,
    };

    /// <summary>The gateway's view of the connection when nothing has been sent yet.</summary>
    public static Flow Flow { get; } = new()
    {
        Handshake = Agreed,
        OpenedNs = 1,
        LastNs = 1,
        ClientNext = ClientIsn + 1,
        ClientAck = ServerIsn + 1,
        ServerNext = ServerIsn + 1,
        ServerAck = ClientIsn + 1,
        Edge = ClientIsn + 1 + 512,
    };

    /// <summary>A replica whose socket has been seen and to which nothing was sent yet.</summary>
    public static Replica Replica { get; } = new()
    {
        Flags = ReplicaFlags.Confirmed,
        ClientIsn = ClientIsn,
        ClientNext = ClientIsn + 1,
        ClientAck = ServerIsn + 1,
        ClientWindow = 512,
        Sent = ServerIsn + 1,
        Received = ClientIsn + 1,
        ActiveNext = ServerIsn + 1,
        ActiveAck = ClientIsn + 1,
        OpenedNs = 1,
        LastNs = 1,
    };

    /// <summary>The same while the active node has already sent 4,000 bytes.</summary>
    public static Replica Behind { get; } = Replica with { ActiveNext = ServerIsn + 4001 };
}
