using System.Net.Sockets;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.RepairChannel;

/// <summary>Somebody on the way between a node and the gateway, who reads and alters what he likes.</summary>
internal sealed class Relay : IDisposable
{
    private readonly Socket _toNode;
    private readonly Socket _toGateway;
    private readonly byte[] _buffer = new byte[4096];

    public Relay()
    {
        using var listener = ChannelPair.Listen(out var endPoint);
        var node = ChannelSession.Connect(endPoint, "node1", ChannelPair.Secret, 0);
        _toNode = listener.Accept();
        _toGateway = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _toGateway.Connect(endPoint);
        Ends = new ChannelPair(node, ChannelSession.Accept(listener.Accept(), ChannelPair.Secret, 0));
        _toNode.Blocking = _toGateway.Blocking = false;
        _toNode.NoDelay = _toGateway.NoDelay = true;
    }

    public ChannelPair Ends { get; }

    public List<byte> FromNode { get; } = [];

    public List<byte> FromGateway { get; } = [];

    /// <summary>The bit to alter in what comes from the node, or -1.</summary>
    public int FlipFromNode { get; init; } = -1;

    /// <summary>The bit to alter in what comes from the gateway, or -1.</summary>
    public int FlipFromGateway { get; init; } = -1;

    public void Pass()
    {
        Pass(_toNode, _toGateway, FromNode, FlipFromNode);
        Pass(_toGateway, _toNode, FromGateway, FlipFromGateway);
    }

    public void Dispose()
    {
        Ends.Dispose();
        _toNode.Dispose();
        _toGateway.Dispose();
    }

    private void Pass(Socket from, Socket to, List<byte> record, int flip)
    {
        var count = from.Receive(_buffer, SocketFlags.None, out _);
        if (count == 0)
        {
            return;
        }
        var bytes = _buffer.AsSpan(0, count);
        record.AddRange(bytes);
        var at = (flip / 8) - (record.Count - count);
        if (flip >= 0 && at >= 0 && at < count)
        {
            bytes[at] ^= (byte)(1 << (flip % 8));
        }
        to.Send(bytes, SocketFlags.None, out _);
    }
}
