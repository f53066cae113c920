using Appliance.RepairChannel;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.RepairChannel;

[TestClass]
public sealed class HostilePeerTests
{
    private const ulong Second = 1_000_000_000;

    private static readonly byte[] Lost = new byte[LostEntry.Length];

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Another_secret_ends_it_at_both_ends(bool nodeLooksFirst)
    {
        using var pair = ChannelPair.Create(gatewaySecret: [.. ChannelPair.Secret, 1]);
        Assert.AreEqual(ChannelFault.Secret, Turn.UntilFault(() =>
        {
            if (nodeLooksFirst)
            {
                pair.Node.Pump(Never, 0);
            }
            pair.Pump();
        }));
        pair.Gateway.Dispose();
        Assert.AreEqual(ChannelFault.Closed, Turn.UntilFault(() => pair.Node.Pump(Never, 0)), "it got no proof, only the end");
        Assert.AreEqual("", pair.Gateway.PeerName, "a name without a proof is none");
    }

    [TestMethod]
    public void Any_bit_that_is_flipped_ends_the_session_and_nothing_wrong_is_delivered()
    {
        var length = Conversation(new Relay(), out _);
        for (var at = 0; at < length; at++)
        {
            // Each byte of the hello, the proof and the frames, in both directions.
            var bit = (8 * at) + ((at * 5) % 8);
            Conversation(new Relay { FlipFromNode = bit }, out var fault);
            Assert.AreNotEqual(ChannelFault.None, fault, $"bit {bit} from the node");
            Conversation(new Relay { FlipFromGateway = bit }, out fault);
            Assert.AreNotEqual(ChannelFault.None, fault, $"bit {bit} from the gateway");
        }
    }

    [TestMethod]
    [DataRow(ChannelRole.Node)]
    [DataRow(ChannelRole.Gateway)]
    public void A_frame_that_was_altered_cut_replayed_or_swapped_ends_the_session(ChannelRole role)
    {
        var kind = role == ChannelRole.Node ? FrameKind.Lost : FrameKind.End;
        foreach (var (expected, make) in new (ChannelFault, Func<byte[], byte[], byte[]>)[]
        {
            (ChannelFault.Replayed, static (one, _) => [.. one, .. one]),
            (ChannelFault.Replayed, static (one, two) => [.. two, .. one]),
            (ChannelFault.Forged, static (one, two) => [.. one, .. two[..16], .. one[16..]]),
            (ChannelFault.Forged, static (one, two) => [.. one, .. two[..^1], (byte)(two[^1] ^ 1)]),
            (ChannelFault.Forged, static (one, two) => [.. one, .. two[..20], .. two[24..], 0, 0, 0, 0]),
        })
        {
            using var peer = RawPeer.CreateReady(role);
            peer.Send(make(peer.Frame(kind, Lost), peer.Frame(kind, [.. Lost[..^1], 1])));
            Assert.AreEqual(expected, peer.Fault());
            Assert.IsLessThanOrEqualTo(1, peer.Delivered.Count);
            Assert.IsTrue(peer.Delivered.TrueForAll(frame => frame.Body.AsSpan().SequenceEqual(Lost)), "only the first, and whole");
            Assert.IsFalse(peer.Session.IsReady);
        }
    }

    [TestMethod]
    [DataRow(FrameKind.End, EndEntry.Length)]
    [DataRow(FrameKind.Lost, LostEntry.Length - 1)]
    [DataRow(FrameKind.ScanDone, 0)]
    [DataRow(FrameKind.Proof, 0)]
    [DataRow((FrameKind)0, 0)]
    [DataRow((FrameKind)255, 8)]
    public void Authentic_nonsense_ends_the_session(FrameKind kind, int length)
    {
        using var peer = RawPeer.CreateReady(ChannelRole.Node);
        peer.Send(peer.Frame(kind, new byte[length]));
        Assert.AreEqual(ChannelFault.Content, peer.Fault());
        Assert.IsEmpty(peer.Delivered);
    }

    [TestMethod]
    [DataRow((uint)FrameHeader.MaxBody + 1)]
    [DataRow(uint.MaxValue)]
    [DataRow(0x8000_0000)]
    public void A_length_beyond_the_limit_ends_the_session_at_once(uint length)
    {
        using var peer = RawPeer.CreateReady(ChannelRole.Node);
        var header = new byte[FrameHeader.Length];
        new FrameHeader(length, FrameKind.Lost, 1).Write(header);
        peer.Send(header);
        Assert.AreEqual(ChannelFault.Oversize, peer.Fault());
    }

    [TestMethod]
    public void A_frame_that_never_ends_is_not_awaited_for_ever()
    {
        using var peer = RawPeer.CreateReady(ChannelRole.Node);
        peer.NowNs = 100 * Second;
        peer.Pump();
        var frame = peer.Frame(FrameKind.Lost, Lost);
        peer.Send([.. frame, .. frame[..^1]]);
        Turn.Until(peer.Pump, () => peer.Delivered.Count == 1);
        peer.Pump();
        peer.NowNs = 104 * Second;
        peer.Pump();
        peer.NowNs = 106 * Second;
        Assert.AreEqual(ChannelFault.Timeout, peer.Fault());
    }

    [TestMethod]
    public void A_session_may_be_silent_for_as_long_as_it_likes()
    {
        using var pair = ChannelPair.CreateReady();
        pair.NowNs = 1_000_000 * Second;
        pair.Pump();
        pair.Node.TrySend(FrameKind.Lost, Lost);
        pair.NowNs *= 2;
        pair.PumpUntil(() => pair.GatewayReceived.Count == 1);
    }

    [TestMethod]
    public void A_reflected_frame_ends_the_session()
    {
        using var peer = RawPeer.CreateReady(ChannelRole.Gateway);
        Assert.IsTrue(peer.Session.TrySend(FrameKind.Lost, Lost));
        peer.Pump();
        peer.Receive(FrameHeader.Overhead);
        peer.Send(peer.Receive(FrameHeader.Overhead + LostEntry.Length));
        Assert.AreEqual(ChannelFault.Forged, peer.Fault());
    }

    [TestMethod]
    public void A_recorded_session_is_worth_nothing()
    {
        using var relay = new Relay();
        Conversation(relay, out _);
        using var gateway = RawPeer.Create(ChannelRole.Node);
        gateway.Send([.. relay.FromNode]);
        Assert.AreEqual(ChannelFault.Secret, gateway.Fault());
        using var node = RawPeer.Create(ChannelRole.Gateway);
        node.Send([.. relay.FromGateway]);
        Assert.AreEqual(ChannelFault.Secret, node.Fault());
        Assert.IsEmpty(gateway.Delivered);
        Assert.IsEmpty(node.Delivered);
    }

    /// <summary>Hellos, proofs and two frames each way. Where something was altered, time passes when nothing else does.</summary>
    /// <returns>Bytes that the node sent.</returns>
    private static int Conversation(Relay relay, out ChannelFault fault)
    {
        using (relay)
        {
            var ends = relay.Ends;
            var (toGateway, toNode) = (new byte[LostEntry.Length], new byte[EndEntry.Length]);
            new LostEntry(Ends.V4.Key, 1).Write(toGateway);
            new EndEntry(Ends.V6.Key, 2).Write(toNode);
            var isAltered = relay.FlipFromNode >= 0 || relay.FlipFromGateway >= 0;
            var (sent, carried, quiet) = (false, 0, 0);
            var found = ChannelFault.None;
            Turn.Until(
                () =>
                {
                    try
                    {
                        ends.Pump();
                    }
                    catch (ChannelException e)
                    {
                        found = e.Fault;
                    }
                    relay.Pass();
                    if (!sent && ends.Node.IsReady && ends.Gateway.IsReady)
                    {
                        sent = ends.Node.TrySend(FrameKind.Lost, toGateway) && ends.Node.TrySend(FrameKind.Lost, toGateway)
                            && ends.Gateway.TrySend(FrameKind.End, toNode) && ends.Gateway.TrySend(FrameKind.End, toNode);
                    }
                    quiet = relay.FromNode.Count + relay.FromGateway.Count == carried ? quiet + 1 : 0;
                    carried = relay.FromNode.Count + relay.FromGateway.Count;
                    if (isAltered && quiet > 3)
                    {
                        ends.NowNs += 6 * Second;
                    }
                },
                () => found != ChannelFault.None || (ends.GatewayReceived.Count == 2 && ends.NodeReceived.Count == 2));
            Assert.IsTrue(ends.GatewayReceived.TrueForAll(f => f.Kind == FrameKind.Lost && f.Body.AsSpan().SequenceEqual(toGateway)));
            Assert.IsTrue(ends.NodeReceived.TrueForAll(f => f.Kind == FrameKind.End && f.Body.AsSpan().SequenceEqual(toNode)));
            fault = found;
            return relay.FromNode.Count;
        }
    }

    private static void Never(FrameKind kind, ReadOnlySpan<byte> body) => Assert.Fail($"{kind} was delivered");
}
