using System.Net;
using System.Net.Sockets;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.RepairChannel;

[TestClass]
public sealed class ChannelSessionEndTests
{
    private static readonly byte[] Lost = new byte[LostEntry.Length];

    [TestMethod]
    public void A_handler_may_answer_and_may_end_the_session()
    {
        using var pair = ChannelPair.CreateReady();
        for (var i = 0; i < 3; i++)
        {
            Assert.IsTrue(pair.Node.TrySend(FrameKind.Lost, Lost));
        }
        pair.Node.Pump(static (_, _) => { }, 0);
        var calls = 0;
        FrameHandler answer = (_, body) =>
        {
            Assert.IsTrue(pair.Gateway.TrySend(FrameKind.End, body));
            Assert.ThrowsExactly<InvalidOperationException>(() => pair.Gateway.Pump(static (_, _) => { }, 0));
            if (++calls == 2)
            {
                pair.Gateway.Dispose();
            }
        };
        Turn.Until(() => pair.Gateway.Pump(answer, 0), () => calls == 2);
        Assert.IsFalse(pair.Gateway.IsReady);
        Assert.IsFalse(pair.Gateway.TrySend(FrameKind.End, Lost));
        Assert.ThrowsExactly<ObjectDisposedException>(() => pair.Gateway.Pump(answer, 0));
    }

    [TestMethod]
    public void A_handler_that_throws_loses_its_frame_alone()
    {
        using var pair = ChannelPair.CreateReady();
        pair.Node.TrySend(FrameKind.Lost, Lost);
        pair.Node.TrySend(FrameKind.Need, new byte[NeedEntry.Length]);
        pair.Node.Pump(static (_, _) => { }, 0);
        Turn.Until(
            () =>
            {
                try
                {
                    pair.Gateway.Pump((kind, body) => pair.GatewayReceived.Add(kind == FrameKind.Lost ? throw new FormatException() : (kind, body.ToArray())), 0);
                }
                catch (FormatException)
                {
                    // The handler's own.
                }
            },
            () => pair.GatewayReceived.Count == 1);
        Assert.AreEqual(FrameKind.Need, pair.GatewayReceived[0].Kind);
    }

    [TestMethod]
    public void What_came_before_the_end_is_delivered()
    {
        using var pair = ChannelPair.CreateReady();
        pair.Node.TrySend(FrameKind.Lost, Lost);
        pair.Node.Pump(static (_, _) => { }, 0);
        pair.Node.Dispose();
        Assert.AreEqual(ChannelFault.Closed, Turn.UntilFault(() => pair.Gateway.Pump((kind, body) => pair.GatewayReceived.Add((kind, body.ToArray())), 0)));
        Assert.HasCount(1, pair.GatewayReceived);
        Assert.IsFalse(pair.Gateway.IsReady);
        Assert.ThrowsExactly<ChannelException>(() => pair.Gateway.Pump(static (_, _) => { }, 0), "an end is an end");
    }

    [TestMethod]
    public void Nobody_listening_is_said()
    {
        IPEndPoint endPoint;
        using (ChannelPair.Listen(out endPoint))
        {
        }
        ChannelException? end = null;
        ChannelSession? session = null;
        Turn.Until(
            () =>
            {
                try
                {
                    session ??= ChannelSession.Connect(endPoint, "node1", ChannelPair.Secret, 0);
                    session.Pump(static (_, _) => { }, 0);
                }
                catch (ChannelException e)
                {
                    end = e;
                }
            },
            () => end is not null);
        session?.Dispose();
        Assert.AreEqual(ChannelFault.Unreachable, end!.Fault);
        Assert.AreEqual($"repair channel, gateway {endPoint}: nobody listens there: start the gateway, or correct heartbeat.gateways", end.Message);
    }

    [TestMethod]
    public void A_dead_peer_is_noticed_by_the_kernel()
    {
        using var pair = ChannelPair.CreateReady();
        foreach (var socket in new[] { pair.Node.Socket, pair.Gateway.Socket })
        {
            var milliseconds = new byte[4];
            socket.GetRawSocketOption(6, 18, milliseconds);
            Assert.AreEqual(2000, BitConverter.ToInt32(milliseconds));
            Assert.AreEqual(1, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!);
            Assert.AreEqual(1, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!);
            Assert.AreNotEqual(0, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        }
    }
}
