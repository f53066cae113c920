using System.Text;
using Appliance.RepairChannel;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.RepairChannel;

[TestClass]
public sealed class HostileHelloTests
{
    private const ulong Second = 1_000_000_000;

    [TestMethod]
    [DataRow(ChannelRole.Node)]
    [DataRow(ChannelRole.Gateway)]
    public void A_reflected_hello_is_refused(ChannelRole role)
    {
        using var peer = RawPeer.Create(role);
        peer.Pump();
        peer.Send(peer.Receive(ChannelHello.Length));
        Assert.AreEqual(ChannelFault.Role, peer.Fault());
    }

    [TestMethod]
    [DataRow(ChannelRole.Node)]
    [DataRow(ChannelRole.Gateway)]
    public void Version_2_learns_that_this_is_version_1(ChannelRole role)
    {
        using var peer = RawPeer.Create(role);
        var hello = new byte[ChannelHello.Length];
        peer.Hello.Write(hello);
        hello[4] = 2;
        peer.Send(hello);
        Assert.AreEqual(ChannelFault.Version, peer.Fault());
        peer.Session.Dispose();
        Assert.AreEqual(ChannelHello.Version, peer.Receive(ChannelHello.Length)[4]);
    }

    [TestMethod]
    public void Another_protocol_is_refused()
    {
        using var peer = RawPeer.Create(ChannelRole.Node);
        peer.Send(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: gateway\r\nUser-Agent: something\r\n\r\n"));
        Assert.AreEqual(ChannelFault.Foreign, peer.Fault());
    }

    [TestMethod]
    public void A_slow_hello_runs_out_of_time()
    {
        using var peer = RawPeer.Create(ChannelRole.Node);
        var hello = new byte[ChannelHello.Length];
        peer.Hello.Write(hello);
        for (var i = 0; i < 10; i++)
        {
            peer.NowNs = (ulong)i * Second / 2;
            peer.Send(hello.AsSpan(i, 1));
            peer.Pump();
        }
        peer.NowNs = (5 * Second) + 1;
        Assert.AreEqual(ChannelFault.Timeout, peer.Fault());
    }

    [TestMethod]
    public void A_hello_may_come_byte_by_byte()
    {
        using var peer = RawPeer.Create(ChannelRole.Node);
        peer.Pump();
        var other = peer.Receive(ChannelHello.Length);
        var own = new byte[ChannelHello.Length];
        peer.Hello.Write(own);
        using var seal = ChannelKeys.Derive(ChannelPair.Secret, ChannelRole.Node, own, other);
        var (proof, frame) = (new byte[FrameHeader.Overhead], new byte[FrameHeader.Overhead + LostEntry.Length]);
        seal.Close(FrameKind.Proof, proof);
        seal.Close(FrameKind.Lost, frame);
        foreach (var b in (byte[])[.. own, .. proof, .. frame])
        {
            peer.Send([b]);
            peer.Pump();
        }
        Turn.Until(peer.Pump, () => peer.Delivered.Count == 1);
    }

    [TestMethod]
    public void A_stranger_costs_little_memory()
    {
        using var peer = RawPeer.Create(ChannelRole.Node);
        peer.Send(new byte[40]);
        Assert.IsLessThan(4096, AllocatedBytes.Of(Pump));
        peer.Send(new byte[100_000]);
        Assert.AreEqual(ChannelFault.Foreign, peer.Fault());

        void Pump()
        {
            for (var i = 0; i < 100; i++)
            {
                peer.Session.Pump(static (_, _) => { }, 0);
            }
        }
    }
}
