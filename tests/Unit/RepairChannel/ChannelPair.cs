using System.Net;
using System.Net.Sockets;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.RepairChannel;

/// <summary>A node's and a gateway's session over loopback, both pumped by the test's thread.</summary>
internal sealed class ChannelPair : IDisposable
{
    public static readonly byte[] Secret = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");

    private readonly FrameHandler _atNode;
    private readonly FrameHandler _atGateway;

    public ChannelPair(ChannelSession node, ChannelSession gateway)
    {
        (Node, Gateway) = (node, gateway);
        _atNode = (kind, body) => OnNode((kind, body.ToArray()));
        _atGateway = (kind, body) => OnGateway((kind, body.ToArray()));
    }

    public ChannelSession Node { get; }

    public ChannelSession Gateway { get; }

    public ulong NowNs { get; set; }

    public List<(FrameKind Kind, byte[] Body)> NodeReceived { get; } = [];

    public List<(FrameKind Kind, byte[] Body)> GatewayReceived { get; } = [];

    public static ChannelPair Create(ChannelOptions? options = null, byte[]? gatewaySecret = null)
    {
        using var listener = Listen(out var endPoint);
        var node = ChannelSession.Connect(endPoint, "node1", Secret, 0, options);
        return new ChannelPair(node, ChannelSession.Accept(listener.Accept(), gatewaySecret ?? Secret, 0, options));
    }

    public static ChannelPair CreateReady(ChannelOptions? options = null)
    {
        var pair = Create(options);
        pair.PumpUntil(() => pair.Node.IsReady && pair.Gateway.IsReady);
        return pair;
    }

    public static Socket Listen(out IPEndPoint endPoint)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        endPoint = (IPEndPoint)listener.LocalEndPoint!;
        return listener;
    }

    public void Pump()
    {
        Node.Pump(_atNode, NowNs);
        Gateway.Pump(_atGateway, NowNs);
    }

    public void PumpUntil(Func<bool> condition) => Turn.Until(Pump, condition);

    public void Dispose()
    {
        Node.Dispose();
        Gateway.Dispose();
    }

    private void OnNode((FrameKind Kind, byte[] Body) frame) => NodeReceived.Add(frame);

    private void OnGateway((FrameKind Kind, byte[] Body) frame) => GatewayReceived.Add(frame);
}
