using System.Net;
using System.Net.Sockets;
using Appliance.Host;
using Appliance.Native;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.RepairChannel;

[TestClass]
public sealed class ChannelListenerTests : IDisposable
{
    private static readonly IPEndPoint Any = new(IPAddress.Loopback, 0);

    private readonly List<ChannelFault> _refused = [];
    private readonly List<IDisposable> _open = [];
    private readonly ChannelListener _listener;
    private readonly IPEndPoint _endPoint;

    public ChannelListenerTests()
    {
        _listener = new ChannelListener([Any, new IPEndPoint(IPAddress.IPv6Loopback, 0)], ChannelPair.Secret, e => _refused.Add(e.Fault));
        _endPoint = _listener.EndPoints.First();
    }

    [TestMethod]
    public void A_node_gets_in_on_every_address()
    {
        foreach (var endPoint in _listener.EndPoints)
        {
            var node = Connect(endPoint);
            var gateway = Keep(AcceptWhile(() => node.Pump(Nothing, 0)));
            Assert.AreEqual("node1", gateway.PeerName);
            Turn.Until(() => node.Pump(Nothing, 0), () => node.IsReady);
        }
        Assert.AreEqual(0, _listener.Unproven);
        Assert.IsEmpty(_refused);
    }

    [TestMethod]
    public void Frames_that_follow_the_proof_wait_for_the_session_to_be_taken()
    {
        var raw = Stranger();
        var own = new byte[ChannelHello.Length];
        ChannelHello.Create(ChannelRole.Node, "node1", 1).Write(own);
        raw.Send(own);
        Turn.Until(() => Assert.IsNull(_listener.Accept(0)), () => raw.Available == ChannelHello.Length);
        var other = new byte[ChannelHello.Length];
        raw.Receive(other);
        using var seal = ChannelKeys.Derive(ChannelPair.Secret, ChannelRole.Node, own, other);
        var (proof, frame) = (new byte[FrameHeader.Overhead], new byte[FrameHeader.Overhead + LostEntry.Length]);
        seal.Close(FrameKind.Proof, proof);
        seal.Close(FrameKind.Lost, frame);
        raw.Send([.. proof, .. frame]);

        var gateway = Keep(AcceptWhile(static () => { }));
        var poller = new DescriptorPoller();
        poller.Add(gateway.Descriptor, write: false);
        Assert.AreEqual(1, poller.Wait(TimeSpan.FromSeconds(5)), "the frame is still in the kernel");
        var kinds = new List<FrameKind>();
        gateway.Pump((kind, _) => kinds.Add(kind), 0);
        CollectionAssert.AreEqual(new[] { FrameKind.Lost }, kinds);
    }

    [TestMethod]
    public void A_flood_of_strangers_is_bounded_and_a_node_still_gets_in()
    {
        for (var i = 0; i < 3 * ChannelListener.MaxUnproven; i++)
        {
            Stranger();
            var count = i + 1;
            Turn.Until(() => Assert.IsNull(_listener.Accept(0)), () => _listener.Unproven + _refused.Count == count);
            Assert.IsLessThanOrEqualTo(ChannelListener.MaxUnproven, _listener.Unproven);
        }
        Assert.HasCount(2 * ChannelListener.MaxUnproven, _refused);
        Assert.IsTrue(_refused.TrueForAll(fault => fault == ChannelFault.Crowded));
        var node = Connect(_endPoint);
        Assert.AreEqual("node1", Keep(AcceptWhile(() => node.Pump(Nothing, 0))).PeerName);
    }

    [TestMethod]
    public void Those_who_say_nothing_have_to_go()
    {
        Stranger();
        Turn.Until(() => _listener.Accept(0), () => _listener.Unproven == 1);
        _listener.Accept(5_000_000_000);
        Assert.AreEqual(1, _listener.Unproven);
        Assert.IsNull(_listener.Accept(5_000_000_001));
        CollectionAssert.AreEqual(new[] { ChannelFault.Timeout }, _refused);
        Assert.AreEqual(0, _listener.Unproven);
    }

    [TestMethod]
    public void One_bad_peer_does_not_stop_the_others()
    {
        Stranger().Send(new byte[200]);
        Stranger().Dispose();
        var node = Connect(_endPoint);
        Keep(AcceptWhile(() => node.Pump(Nothing, 0)));
        Turn.Until(() => _listener.Accept(0), () => _refused.Count == 2);
        CollectionAssert.AreEquivalent(new[] { ChannelFault.Foreign, ChannelFault.Closed }, _refused);
    }

    [TestMethod]
    public void What_it_waits_for_is_polled()
    {
        var poller = new DescriptorPoller();
        _listener.AddTo(poller);
        Assert.AreEqual(2, poller.Count);
        Assert.AreEqual(0, poller.Wait(TimeSpan.Zero));
        Stranger();
        Assert.AreEqual(1, poller.Wait(TimeSpan.FromSeconds(5)));
        Turn.Until(() => _listener.Accept(0), () => _listener.Unproven == 1);
        poller.Clear();
        _listener.AddTo(poller);
        Assert.AreEqual(3, poller.Count);
    }

    [TestMethod]
    public void A_taken_port_is_said_with_its_remedy()
    {
        var e = Assert.ThrowsExactly<StartupException>(() => new ChannelListener([Any, _endPoint], ChannelPair.Secret, static _ => { }));
        Assert.AreEqual($"heartbeat.bind: {_endPoint}: Address already in use: choose an address of this host and a free port, for UDP and TCP", e.Message);
    }

    [TestMethod]
    public void A_restart_finds_its_port_free()
    {
        var node = Connect(_endPoint);
        AcceptWhile(() => node.Pump(Nothing, 0)).Dispose();
        _listener.Dispose();
        using var again = new ChannelListener([_endPoint], ChannelPair.Secret, static _ => { });
        Assert.AreEqual(_endPoint, again.EndPoints.Single());
    }

    public void Dispose()
    {
        _listener.Dispose();
        _open.ForEach(static o => o.Dispose());
    }

    private ChannelSession AcceptWhile(Action step)
    {
        ChannelSession? session = null;
        Turn.Until(
            () =>
            {
                step();
                session = _listener.Accept(0);
            },
            () => session is not null);
        return session!;
    }

    private ChannelSession Connect(IPEndPoint endPoint) => Keep(ChannelSession.Connect(endPoint, "node1", ChannelPair.Secret, 0));

    private Socket Stranger()
    {
        var socket = Keep(new Socket(SocketType.Stream, ProtocolType.Tcp));
        socket.Connect(_endPoint);
        return socket;
    }

    private T Keep<T>(T one)
        where T : IDisposable
    {
        _open.Add(one);
        return one;
    }

    private static void Nothing(FrameKind kind, ReadOnlySpan<byte> body)
    {
    }
}
