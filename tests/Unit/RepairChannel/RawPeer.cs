using System.Net.Sockets;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.RepairChannel;

/// <summary>The other end of a session, which does as the test says, whether right or wrong.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket;

    private RawPeer(Socket socket, ChannelSession session, ChannelRole role)
    {
        (_socket, Session, Role) = (socket, session, role);
        _socket.NoDelay = true;
        _socket.ReceiveTimeout = 5000;
        Hello = ChannelHello.Create(role, role == ChannelRole.Node ? "raw" : "", 1);
    }

    public ChannelSession Session { get; }

    public ChannelRole Role { get; }

    public ChannelHello Hello { get; }

    /// <summary>Closes this peer's frames; there once it has greeted.</summary>
    public FrameSeal Seal { get; private set; } = new([]);

    public List<(FrameKind Kind, byte[] Body)> Delivered { get; } = [];

    public ulong NowNs { get; set; }

    /// <summary>A peer in this role, and a session in the other.</summary>
    public static RawPeer Create(ChannelRole role)
    {
        using var listener = ChannelPair.Listen(out var endPoint);
        if (role == ChannelRole.Gateway)
        {
            var node = ChannelSession.Connect(endPoint, "node1", ChannelPair.Secret, 0);
            return new RawPeer(listener.Accept(), node, role);
        }
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(endPoint);
        return new RawPeer(socket, ChannelSession.Accept(listener.Accept(), ChannelPair.Secret, 0), role);
    }

    /// <summary>A peer that has proven the secret to a session that is ready.</summary>
    public static RawPeer CreateReady(ChannelRole role)
    {
        var peer = Create(role);
        peer.Greet();
        Turn.Until(peer.Pump, () => peer.Session.IsReady);
        return peer;
    }

    public void Pump() => Session.Pump((kind, body) => Delivered.Add((kind, body.ToArray())), NowNs);

    public ChannelFault Fault() => Turn.UntilFault(Pump);

    public void Send(ReadOnlySpan<byte> bytes) => _socket.Send(bytes);

    public byte[] Receive(int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = _socket.Receive(bytes.AsSpan(read));
            Assert.AreNotEqual(0, more, "the session closed");
            read += more;
        }
        return bytes;
    }

    public void Greet()
    {
        Session.Pump(static (_, _) => { }, 0);
        var own = new byte[ChannelHello.Length];
        Hello.Write(own);
        var other = Receive(ChannelHello.Length);
        Seal = Role == ChannelRole.Node
            ? ChannelKeys.Derive(ChannelPair.Secret, Role, own, other)
            : ChannelKeys.Derive(ChannelPair.Secret, Role, other, own);
        Send([.. own, .. Frame(FrameKind.Proof)]);
    }

    public byte[] Frame(FrameKind kind, params ReadOnlySpan<byte> body)
    {
        var frame = new byte[body.Length + FrameHeader.Overhead];
        body.CopyTo(frame.AsSpan(FrameHeader.Length));
        Seal.Close(kind, frame);
        return frame;
    }

    public void Dispose()
    {
        _socket.Dispose();
        Session.Dispose();
        Seal.Dispose();
    }
}
