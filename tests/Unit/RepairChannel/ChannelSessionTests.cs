using System.Net;
using Appliance.RepairChannel;
using Appliance.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace Appliance.Tests.Unit.RepairChannel;

[TestClass]
public sealed class ChannelSessionTests
{
    private static readonly byte[] Lost = Body(LostEntry.Length);

    [TestMethod]
    public void Both_ends_are_ready_when_both_have_proven_the_secret()
    {
        using var pair = ChannelPair.Create(new ChannelOptions { Instance = 42 });
        Assert.IsFalse(pair.Node.IsReady);
        Assert.IsTrue(pair.Node.WantsWrite);
        Assert.AreEqual(("", 0UL), (pair.Gateway.PeerName, pair.Gateway.PeerInstance));
        Assert.IsFalse(pair.Node.TrySend(FrameKind.Lost, Lost), "before the proof nothing can be sent");
        Assert.IsTrue(pair.Node.Begin(FrameKind.Lost, LostEntry.Length).IsEmpty);
        pair.PumpUntil(() => pair.Node.IsReady && pair.Gateway.IsReady);
        Assert.AreEqual(("node1", 42UL), (pair.Gateway.PeerName, pair.Gateway.PeerInstance));
        Assert.AreEqual(("", 42UL), (pair.Node.PeerName, pair.Node.PeerInstance));
        Assert.IsFalse(pair.Node.WantsWrite);
        Assert.AreEqual(0, pair.Node.Backlog);
        Assert.IsTrue(pair.Node.Socket.NoDelay);
    }

    [TestMethod]
    public void Frames_come_as_they_were_sent_both_ways() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), (Action<int>)(seed =>
    {
        var random = new Random(seed);
        using var pair = ChannelPair.CreateReady();
        var (toGateway, toNode) = (new List<(FrameKind, byte[])>(), new List<(FrameKind, byte[])>());
        for (var i = 0; i < 30; i++)
        {
            if (random.Next(2) == 0)
            {
                Send(pair.Node, FrameKind.Need, NeedEntry.Length * random.Next(5), toGateway, random);
            }
            else
            {
                Send(pair.Gateway, FrameKind.Bytes, BytesHeader.Length + random.Next(i == 7 ? 200_000 : 3000), toNode, random);
            }
            if (random.Next(4) == 0)
            {
                pair.Pump();
            }
        }
        pair.PumpUntil(() => pair.GatewayReceived.Count == toGateway.Count && pair.NodeReceived.Count == toNode.Count);
        AreSame(toGateway, pair.GatewayReceived);
        AreSame(toNode, pair.NodeReceived);
    })).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [TestMethod]
    public void A_body_may_turn_out_shorter_than_begun()
    {
        using var pair = ChannelPair.CreateReady();
        var body = pair.Node.Begin(FrameKind.Lost, 10 * LostEntry.Length);
        Assert.AreEqual(10 * LostEntry.Length, body.Length);
        Lost.CopyTo(body);
        pair.Node.Commit(LostEntry.Length);
        Assert.ThrowsExactly<InvalidOperationException>(() => pair.Node.Commit(LostEntry.Length));
        pair.Node.Begin(FrameKind.Need, NeedEntry.Length);
        Assert.IsTrue(pair.Node.TrySend(FrameKind.Lost, []), "a frame that was only begun is forgotten");
        pair.PumpUntil(() => pair.GatewayReceived.Count == 2);
        AreSame([(FrameKind.Lost, Lost), (FrameKind.Lost, [])], pair.GatewayReceived);
    }

    [TestMethod]
    public void A_begun_frame_survives_that_all_before_it_is_sent()
    {
        using var pair = ChannelPair.CreateReady();
        Assert.IsTrue(pair.Node.TrySend(FrameKind.Lost, Lost));
        Lost.CopyTo(pair.Node.Begin(FrameKind.Lost, LostEntry.Length));
        pair.PumpUntil(() => pair.GatewayReceived.Count == 1);
        pair.Node.Commit(LostEntry.Length);
        pair.PumpUntil(() => pair.GatewayReceived.Count == 2);
        AreSame([(FrameKind.Lost, Lost), (FrameKind.Lost, Lost)], pair.GatewayReceived);
    }

    [TestMethod]
    [DataRow(FrameKind.Proof, 0)]
    [DataRow(FrameKind.Flow, FlowEntry.Length)]
    [DataRow(FrameKind.Lost, LostEntry.Length + 1)]
    [DataRow(FrameKind.ScanDone, 0)]
    [DataRow(FrameKind.Need, FrameHeader.MaxBody + 1)]
    [DataRow((FrameKind)99, 0)]
    public void What_the_peer_would_not_take_is_not_sent(FrameKind kind, int length)
    {
        using var pair = ChannelPair.CreateReady();
        Assert.ThrowsExactly<ArgumentException>(() => pair.Node.TrySend(kind, new byte[length]));
        Assert.AreEqual(0, pair.Node.Backlog);
    }

    [TestMethod]
    public void The_greatest_frame_arrives()
    {
        using var pair = ChannelPair.CreateReady();
        var body = Body(FrameHeader.MaxBody);
        for (var i = 0; i < 5; i++)
        {
            Assert.IsTrue(pair.Gateway.TrySend(FrameKind.Bytes, body));
        }
        pair.PumpUntil(() => pair.NodeReceived.Count == 5);
        AreSame([.. Enumerable.Repeat((FrameKind.Bytes, body), 5)], pair.NodeReceived);
    }

    [TestMethod]
    public void The_backlog_has_a_limit_and_drains()
    {
        using var pair = ChannelPair.CreateReady(new ChannelOptions { BacklogLimit = 1 << 20 });
        var body = Body(60_000);
        var sent = 0;
        while (pair.Gateway.TrySend(FrameKind.Bytes, body))
        {
            sent++;
        }
        Assert.AreEqual((1 << 20) / (60_000 + FrameHeader.Overhead), sent);
        Assert.AreEqual(sent * (60_000 + FrameHeader.Overhead), pair.Gateway.Backlog);
        Assert.IsTrue(pair.Gateway.Begin(FrameKind.Bytes, 60_000).IsEmpty);
        Assert.ThrowsExactly<InvalidOperationException>(() => pair.Gateway.Commit(60_000), "nothing was begun");
        pair.PumpUntil(() => pair.NodeReceived.Count == sent);
        Assert.AreEqual(0, pair.Gateway.Backlog);
        Assert.IsTrue(pair.Gateway.TrySend(FrameKind.Bytes, body));
    }

    [TestMethod]
    public void Frames_are_written_in_parts_when_the_kernel_takes_little()
    {
        using var pair = ChannelPair.CreateReady();
        pair.Gateway.Socket.SendBufferSize = 1;
        var random = new Random(5);
        var expected = new List<(FrameKind, byte[])>();
        for (var i = 0; i < 40; i++)
        {
            Send(pair.Gateway, FrameKind.Bytes, BytesHeader.Length + random.Next(9000), expected, random);
        }
        pair.Gateway.Pump(static (_, _) => { }, 0);
        Assert.IsTrue(pair.Gateway.WantsWrite, "only a part was written");
        pair.PumpUntil(() => pair.NodeReceived.Count == expected.Count);
        AreSame(expected, pair.NodeReceived);
    }

    [TestMethod]
    public void One_pump_reads_a_bounded_part()
    {
        using var pair = ChannelPair.CreateReady();
        var body = Body(200_000);
        var frames = 0;
        FrameHandler count = (_, _) => frames++;
        while (pair.Gateway.TrySend(FrameKind.Bytes, body))
        {
        }
        pair.Gateway.Pump(count, 0);
        pair.Node.Pump(count, 0);
        Assert.IsInRange(0, 8, frames);
    }

    [TestMethod]
    public void Nothing_is_allocated_per_frame()
    {
        using var pair = ChannelPair.CreateReady();
        var frames = 0;
        FrameHandler count = (_, _) => frames++;
        var (small, large) = (Body(3 * ProgressEntry.Length), Body(60_000));
        void Turns(int turns)
        {
            for (var i = 0; i < turns; i++)
            {
                pair.Node.TrySend(FrameKind.Progress, small);
                large.CopyTo(pair.Gateway.Begin(FrameKind.Bytes, large.Length));
                pair.Gateway.Commit(large.Length);
                do
                {
                    pair.Gateway.Pump(count, 0);
                    pair.Node.Pump(count, 0);
                }
                while (pair.Gateway.WantsWrite);
            }
        }
        Turns(200);
        Assert.AreEqual(0, AllocatedBytes.Of(() => Turns(200)));
        Assert.IsGreaterThan(700, frames);
    }

    [TestMethod]
    public void Arguments_are_checked()
    {
        var anywhere = new IPEndPoint(IPAddress.Loopback, 9);
        Assert.ThrowsExactly<ArgumentException>(() => ChannelSession.Connect(anywhere, "a-name-of-seventeen", ChannelPair.Secret, 0));
        Assert.ThrowsExactly<ArgumentException>(() => ChannelSession.Connect(anywhere, "", ChannelPair.Secret, 0));
        Assert.ThrowsExactly<ArgumentException>(() => ChannelSession.Connect(anywhere, "node1", ReadOnlyMemory<byte>.Empty, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ChannelOptions { BacklogLimit = FrameHeader.MaxBody });
    }

    private static void Send(ChannelSession session, FrameKind kind, int length, List<(FrameKind, byte[])> sent, Random random)
    {
        var body = new byte[length];
        random.NextBytes(body);
        if (length == 0 || random.Next(2) == 0)
        {
            Assert.IsTrue(session.TrySend(kind, body));
        }
        else
        {
            body.CopyTo(session.Begin(kind, length + random.Next(100)));
            session.Commit(length);
        }
        sent.Add((kind, body));
    }

    private static byte[] Body(int length)
    {
        var body = new byte[length];
        new Random(length).NextBytes(body);
        return body;
    }

    private static void AreSame(List<(FrameKind Kind, byte[] Body)> expected, List<(FrameKind Kind, byte[] Body)> actual)
    {
        Assert.HasCount(expected.Count, actual);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.AreEqual(expected[i].Kind, actual[i].Kind);
            Assert.IsTrue(expected[i].Body.AsSpan().SequenceEqual(actual[i].Body), $"frame {i}");
        }
    }
}
