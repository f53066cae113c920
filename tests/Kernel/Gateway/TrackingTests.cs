using Appliance.Bpf.Layout;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>What the gateway knows of a connection after each segment.</summary>
[TestClass]
public sealed class TrackingTests
{
    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> Cases => Rows.ForBoth(ends => Client(ends).Concat(Openings(ends)).Concat(Plausible(ends)).Concat(Server(ends)));

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    internal void Tracks(GatewayFixture fixture) => NetworkNamespaceScope.Run(() => fixture.Check(_rig));

    [TestMethod]
    public void A_full_table_forwards_unprotected() => NetworkNamespaceScope.Run(static () =>
    {
        _rig.Reset();
        for (var port = 1; port <= GatewayRig.MaxFlows; port++)
        {
            _rig.Flows.Set((Ends.V4 with { Client = new(Ends.V4.Client.Address, port) }).Key, Given.Flow);
        }
        _rig.Openings.Set(Ends.V4.Key, Given.Agreed);
        var outcome = _rig.Run(GatewayRig.Egress, Ends.V4.FromClient().Seq(1001).Ack(5001).ToBytes());
        Assert.AreEqual(Verdict.Ok, outcome.Verdict);
        outcome.AssertCounted("flow_table_full", "to_active");
        Assert.IsFalse(_rig.Flows.TryGet(Ends.V4.Key, out _));
        Assert.IsEmpty(_rig.TakeRecords(), "a flow that is not known is not recorded");
    });

    private static IEnumerable<GatewayFixture> Client(Ends ends)
    {
        var ack = ends.FromClient().Seq(1001).Ack(5001);
        GatewayFixture Forwarded(string name, Packet packet, params string[] alsoCounts) =>
            new(name, GatewayRig.Egress, ends, packet) { Leaves = packet.To(Scene.Node0), Counts = ["to_active", .. alsoCounts] };
        GatewayFixture Content(string name, Packet packet) => Forwarded(name, packet, "recorded") with { Records = [RecordKind.Data] };

        yield return Forwarded("the handshake's last ACK opens the flow", ack, "flow_opened") with
        {
            Records = [RecordKind.Open], Opening = Given.Agreed, OpeningThen = static _ => null, FlowThen = static _ => Given.Flow,
        };
        yield return Forwarded("data that overtook it opens the flow, too", ack.Payload(100), "flow_opened", "recorded") with
        {
            Records = [RecordKind.Open, RecordKind.Data],
            Opening = Given.Agreed,
            OpeningThen = static _ => null,
            FlowThen = static _ => Given.Flow with { ClientNext = 1101, ClientBytes = 100 },
        };
        yield return Forwarded("no opening, no flow", ack, "flow_unknown");
        yield return Forwarded("half an opening, no flow", ack, "flow_unknown") with { Opening = Given.HalfOpen };
        yield return Forwarded("a signed connection is left unprotected", ack, "flow_signed") with
        {
            Opening = Given.Agreed with { Flags = Given.Agreed.Flags | HandshakeFlags.Signed },
        };
        yield return Forwarded("a reset ends an opening", ends.FromClient().Seq(1001).Rst()) with
        {
            Opening = Given.Agreed, OpeningThen = static _ => null,
        };
        yield return Content("data and its acknowledgement move the flow on", ack.Ack(5200).Payload(100)) with
        {
            Flow = Given.Flow with { ServerNext = 5200 }, FlowThen = static f => f!.Value with { ClientNext = 1101, ClientAck = 5200, ClientBytes = 100 },
        };
        yield return Content("a retransmission moves nothing back", ack.Payload(10)) with
        {
            Flow = Given.Flow with { ClientNext = 1500, ClientAck = 6000, ClientBytes = 499 },
            FlowThen = static f => f!.Value with { ClientBytes = 509 },
        };
        yield return Content("numbers wrap around", ends.FromClient().Seq(0xfffffff0).Ack(0x10).Payload(0x20)) with
        {
            Flow = Given.Flow with { ClientNext = 0xfffffff0, ClientAck = 0xffffff00, ServerNext = 0x10, ServerAck = 0xfffffff0 },
            FlowThen = static f => f!.Value with { ClientNext = 0x10, ClientAck = 0x10, ClientBytes = 0x20 },
        };
        yield return Content("a FIN counts one", ack.Payload(9).Fin()) with
        {
            Flow = Given.Flow,
            FlowThen = static f => f!.Value with { ClientNext = 1011, ClientBytes = 9, Flags = FlowFlags.ClientFin },
        };
        yield return Forwarded("a reset is noted", ends.FromClient().Seq(1001).Rst()) with
        {
            Flow = Given.Flow, FlowThen = static f => f!.Value with { Flags = FlowFlags.ClientRst },
        };
        yield return Forwarded("a retransmitted SYN leaves the flow alone", ends.FromClient().Seq(Given.ClientIsn).Syn()) with { Flow = Given.Flow };
        yield return Forwarded("also while another SYN is known", ends.FromClient().Seq(Given.ClientIsn).Syn()) with
        {
            Flow = Given.Flow, Opening = Given.HalfOpen with { ClientIsn = 900_000 },
        };
        yield return Forwarded("a SYN with another number is learnt, and the flow stays", ends.FromClient().Seq(900_000).Syn()) with
        {
            Flow = Given.Flow,
            OpeningThen = _ => new Handshake { ClientIsn = 900_000, ClientMss = (ushort)(ends.IsV6 ? 1220 : 536), Flags = HandshakeFlags.Syn },
        };
    }

    /// <summary>A flow opens with numbers that the handshake's allow.</summary>
    private static IEnumerable<GatewayFixture> Openings(Ends ends)
    {
        var ack = ends.FromClient().Seq(1001).Ack(5001);
        GatewayFixture Opens(string name, Packet packet) => new(name, GatewayRig.Egress, ends, packet)
        {
            Opening = Given.Agreed,
            OpeningThen = static _ => null,
            Leaves = packet.To(Scene.Node0),
            Counts = ["flow_opened", "to_active"],
            Records = [RecordKind.Open],
        };
        GatewayFixture Unbelieved(string name, Packet packet) => Opens(name, packet) with
        {
            OpeningThen = static h => h, Counts = ["implausible", "to_active"], Records = [],
        };

        yield return Opens("what the server has sent meanwhile is what is acknowledged", ack.Ack(5300)) with
        {
            FlowThen = static _ => Given.Flow with { ClientAck = 5300, ServerNext = 5300 },
        };
        yield return Opens("a flow opens as far ahead as the handshake's window reaches", ack.Seq(1513 + Given.Slack)) with
        {
            FlowThen = static _ => Given.Flow with { ClientNext = 1513 + Given.Slack },
        };
        yield return Opens("a flow opens with an ACK as far ahead", ack.Ack(5001 + Given.FarAhead)) with
        {
            FlowThen = static _ => Given.Flow with { ClientAck = 5001 + Given.FarAhead, ServerNext = 5001 + Given.FarAhead },
        };
        yield return Unbelieved("no flow opens one further ahead", ack.Seq(1513 + Given.Slack + 1));
        yield return Unbelieved("nor with data that ends there", ack.Seq(1513 + Given.Slack).Payload(1));
        yield return Unbelieved("nor as far ahead as any window reaches", ack.Seq(1001 + Given.FarAhead));
        yield return Unbelieved("nor with an ACK one further ahead", ack.Ack(5001 + Given.FarAhead + 1));
        yield return Unbelieved("nor before the handshake's number", ack.Seq(Given.ClientIsn));
        yield return Unbelieved("nor with an ACK before the handshake's", ack.Ack(Given.ServerIsn));
        yield return Unbelieved("nor with a SYN-ACK", ack.Syn());
        yield return Unbelieved("nor without ACK", ends.FromClient().Seq(1001).Payload(10));
    }

    /// <summary>
    /// A segment with numbers that the windows do not allow says nothing of the flow. With content it is dropped, without it
    /// goes to the active node alone.
    /// </summary>
    private static IEnumerable<GatewayFixture> Plausible(Ends ends)
    {
        const uint Edge = Given.ClientIsn + 1 + 512;
        var ack = ends.FromClient().Seq(1001).Ack(5001);
        var rst = ends.FromClient().Rst();
        GatewayFixture Believed(string name, Packet packet) => new(name, GatewayRig.Egress, ends, packet)
        {
            Assignment = new(7, 0, 0b110), Flow = Given.Flow, Leaves = packet.To(Scene.Node0), Counts = ["copied_to_replica", "copied_to_replica", "to_active"],
        };
        GatewayFixture Content(string name, Packet packet) => Believed(name, packet) with
        {
            Counts = ["recorded", "copied_to_replica", "copied_to_replica", "to_active"],
            Records = [RecordKind.Data],
            FlowThen = f => f!.Value with { ClientNext = packet.End, ClientBytes = (ulong)packet.Content.Length },
        };
        GatewayFixture Alone(string name, Packet packet) => Believed(name, packet) with { Counts = ["implausible", "to_active"] };
        GatewayFixture Dropped(string name, Packet packet) => Believed(name, packet) with { Verdict = Verdict.Shot, Leaves = null, Counts = ["implausible"] };

        yield return Content("data up to the edge that was shown", ack.Seq(Edge - 10).Payload(10));
        yield return Content("data as far beyond the edge as a race could be", ack.Seq(Edge + Given.Slack - 10).Payload(10));
        yield return Dropped("data that ends one further", ack.Seq(Edge + Given.Slack - 9).Payload(10));
        yield return Dropped("data that begins there", ack.Seq(Edge + Given.Slack).Payload(10));
        yield return Dropped("data as far ahead as any window reaches", ack.Seq(1001 + Given.FarAhead).Payload(10));
        yield return Content("a FIN as far beyond the edge", ack.Seq(Edge + Given.Slack - 1).Fin()) with
        {
            FlowThen = static f => f!.Value with { ClientNext = Edge + Given.Slack, Flags = FlowFlags.ClientFin },
        };
        yield return Dropped("a FIN one further", ack.Seq(Edge + Given.Slack).Fin());
        yield return Dropped("data whose FIN is one further", ack.Seq(Edge + Given.Slack - 10).Payload(10).Fin());
        yield return Dropped("a FIN half of the number space ahead", ack.Seq(1001 + 0x80000000).Fin());
        yield return Believed("an ACK as far beyond the edge", ack.Seq(Edge + Given.Slack)) with
        {
            FlowThen = static f => f!.Value with { ClientNext = Edge + Given.Slack },
        };
        yield return Alone("an ACK one further", ack.Seq(Edge + Given.Slack + 1));
        yield return Alone("an ACK half of the number space ahead", ack.Seq(1001 + 0x80000000));
        yield return Content("data at the edge of the widest window", ack.Seq(991 + Given.FarAhead).Payload(10)) with
        {
            Flow = Given.Flow with { Edge = 1001 + Given.FarAhead },
        };
        yield return Dropped("data one beyond the slack of the widest window", ack.Seq(992 + Given.FarAhead + Given.Slack).Payload(10)) with
        {
            Flow = Given.Flow with { Edge = 1001 + Given.FarAhead },
        };
        yield return Content("data at an edge beyond the wrap of numbers", ack.Seq(0x200 + Given.Slack - 10).Payload(10)) with
        {
            Flow = Given.Flow with { ClientNext = 0xfffffff0, ServerAck = 0xfffffff0, Edge = 0x200 },
        };
        yield return Dropped("data one beyond it", ack.Seq(0x200 + Given.Slack - 9).Payload(10)) with
        {
            Flow = Given.Flow with { ClientNext = 0xfffffff0, ServerAck = 0xfffffff0, Edge = 0x200 },
        };
        yield return Content("data while the edge is not yet where the acknowledgement is", ack.Seq(2001).Payload(10)) with
        {
            Flow = Given.Flow with { ServerAck = 2001 },
        };

        yield return Content("data as old as a network delivers", ack.Seq(unchecked(991 - Given.FarBehind)).Payload(10)) with
        {
            FlowThen = static f => f!.Value with { ClientBytes = 10 },
        };
        yield return Dropped("data one older", ack.Seq(unchecked(990 - Given.FarBehind)).Payload(10));
        yield return Believed("an ACK as old", ack.Seq(unchecked(1001 - Given.FarBehind)));
        yield return Alone("an ACK one older", ack.Seq(unchecked(1000 - Given.FarBehind)));

        var sent = Given.Flow with { ServerNext = 5101 };
        yield return Believed("an ACK of all that the server has sent", ack.Ack(5101)) with
        {
            Flow = sent, FlowThen = static f => f!.Value with { ClientAck = 5101 },
        };
        yield return Content("data with an ACK as far beyond it as a race could be", ack.Ack(5101 + Given.Slack).Payload(10)) with
        {
            Flow = sent, FlowThen = static f => f!.Value with { ClientNext = 1011, ClientBytes = 10, ClientAck = 5101 + Given.Slack },
        };
        yield return Dropped("data with an ACK of one byte more", ack.Ack(5102 + Given.Slack).Payload(10)) with { Flow = sent };
        yield return Dropped("a FIN with an ACK of one byte more", ack.Ack(5102 + Given.Slack).Fin()) with { Flow = sent };
        yield return Alone("an ACK of one byte more", ack.Ack(5102 + Given.Slack)) with { Flow = sent };
        yield return Content("data with an ACK as old as a network delivers", ack.Ack(unchecked(5001 - Given.FarBehind)).Payload(10)) with { Flow = sent };
        yield return Dropped("data with an ACK one older", ack.Ack(unchecked(5000 - Given.FarBehind)).Payload(10)) with { Flow = sent };
        yield return Alone("an ACK one older than any", ack.Ack(unchecked(5000 - Given.FarBehind))) with { Flow = sent };

        yield return Dropped("data without ACK, which no server takes", ack.Only(TcpFlags.Psh).Payload(10));
        yield return Dropped("a FIN without ACK", ack.Only(TcpFlags.Fin));
        yield return Dropped("data without any flag", ack.Only(TcpFlags.None).Payload(10));
        yield return Alone("a segment without any flag", ack.Only(TcpFlags.None));
        yield return Dropped("data with a SYN, which no server takes", ack.Syn().Payload(10));
        yield return Alone("an ACK with a SYN", ack.Syn());
        yield return Alone("a reset one older", rst.Seq(unchecked(1000 - Given.FarBehind)));

        var acknowledged = Given.Flow with { ClientNext = 1500, ServerAck = 1200 };
        foreach (var (name, seq, isEnd) in new[]
        {
            ("after all that the client has sent", 1500u, true), ("after all that the server has received", 1200u, true),
            ("between the two", 1300u, false), ("before either", 1199u, false), ("as far beyond the edge as a race could be", Edge + Given.Slack, false),
            ("as old as a network delivers", unchecked(1200 - Given.FarBehind), false),
        })
        {
            yield return Believed($"a reset {name}", rst.Seq(seq)) with
            {
                Flow = acknowledged, FlowThen = f => f!.Value with { Flags = isEnd ? FlowFlags.ClientRst : FlowFlags.None },
            };
        }
        foreach (var (name, reset) in new[]
        {
            ("one further", rst.Seq(Edge + Given.Slack + 1)), ("that ends too far behind", rst.Seq(unchecked(1190 - Given.FarBehind))),
            ("that acknowledges what nobody has sent", rst.Seq(1500).Ack(5002 + Given.Slack)),
            ("that acknowledges what is too old", rst.Seq(1500).Ack(unchecked(5000 - Given.FarBehind))),
        })
        {
            yield return Alone($"a reset {name}", reset) with { Flow = acknowledged };
            yield return Alone($"a reset {name}, with a reason in it", reset.Payload(9)) with { Flow = acknowledged };
        }
        yield return Believed("a number that is not an ACK's says nothing of a reset", rst.Seq(1500).Ack(9_000_000).Only(TcpFlags.Rst)) with
        {
            Flow = acknowledged, FlowThen = static f => f!.Value with { Flags = FlowFlags.ClientRst },
        };
    }

    private static IEnumerable<GatewayFixture> Server(Ends ends)
    {
        var data = ends.FromService().Seq(5001).Ack(1001).Payload(100);
        const uint Window = 512 << 8;
        GatewayFixture Passed(string name, Packet packet) => new(name, GatewayRig.Ingress, ends, packet) { Counts = ["to_client"] };

        yield return Passed("data and its acknowledgement move the flow on", data.Ack(1050)) with
        {
            Flow = Given.Flow, FlowThen = static f => f!.Value with { ServerNext = 5101, ServerAck = 1050, ServerBytes = 100, Edge = 1050 + Window },
        };
        yield return Passed("a retransmission moves nothing back", data) with
        {
            Flow = Given.Flow with { ServerNext = 9000, ServerAck = 2000 },
            FlowThen = static f => f!.Value with { ServerBytes = 100, Edge = 1001 + Window },
        };
        yield return Passed("a FIN counts one", ends.FromService().Seq(5001).Ack(1001).Fin()) with
        {
            Flow = Given.Flow, FlowThen = static f => f!.Value with { ServerNext = 5002, Flags = FlowFlags.ServerFin, Edge = 1001 + Window },
        };
        yield return Passed("a reset is noted", ends.FromService().Seq(5001).Rst()) with
        {
            Flow = Given.Flow, FlowThen = static f => f!.Value with { Flags = FlowFlags.ServerRst },
        };
        yield return Passed("no flow, nothing to track", data);
        var synAck = ends.FromService().Seq(5000).Ack(1001).Syn().Options(TcpOption.LinuxSyn(1460, 77, 8));
        yield return Passed("a retransmitted SYN-ACK leaves the flow alone", synAck) with { Flow = Given.Flow };
        yield return Passed("also while another SYN is known", synAck) with { Flow = Given.Flow, Opening = Given.HalfOpen with { ClientIsn = 900_000 } };
        var another = Passed("a SYN-ACK for another SYN replaces the flow", synAck.Seq(70_000).Ack(900_001)) with
        {
            Counts = ["to_client", "flow_replaced"],
            Flow = Given.Flow,
            FlowThen = static _ => null,
            Opening = Given.HalfOpen with { ClientIsn = 900_000 },
            OpeningThen = static _ => Given.Agreed with { ClientIsn = 900_000, ServerIsn = 70_000 },
        };
        yield return another;
        yield return another with
        {
            Name = "also when its SYN was not seen",
            Opening = null,
            OpeningThen = static _ => new Handshake
            {
                ClientIsn = 900_000, ServerIsn = 70_000, SynackNs = 1, SynackTsval = 77, ServerWscale = 8, ServerWindow = 512, Flags = Given.SynAckFlags,
            },
        };
        yield return another with
        {
            Name = "a replica's SYN-ACK for another SYN replaces nothing",
            Frame = synAck.Seq(70_000).Ack(900_001).From(Scene.Node1).ToBytes(),
            Verdict = Verdict.Shot,
            Counts = ["drop_fenced"],
            FlowThen = static f => f,
            OpeningThen = static h => h,
        };
        yield return Passed("the largest segment of offloading", data.Payload(LargestPayload)) with
        {
            Context = new() { GsoSize = 1448, GsoSegments = 3 },
            Flow = Given.Flow,
            FlowThen = static f => f!.Value with { ServerNext = 5001 + LargestPayload, ServerBytes = LargestPayload, Edge = 1001 + Window },
        };
        yield return Passed("an offloaded packet whose length does not fit the IP header", data.Payload(LargestPayload).IPLength(0)) with
        {
            Context = new() { GsoSize = 1448, GsoSegments = 3 },
            Flow = Given.Flow,
            FlowThen = static f => f!.Value with { ServerNext = 5001 + LargestPayload, ServerBytes = LargestPayload, Edge = 1001 + Window },
        };
    }

    /// <summary>
    /// bpf_test_init() in net/bpf/test_run.c wants the frame in one page with its head- and tailroom: Linux 6.18 takes 3,712
    /// bytes and refuses 3,713 (EINVAL). So a test run knows no packet of 64 KB; <c>gso_size</c> makes this one count as offloaded.
    /// </summary>
    private const int LargestPayload = 3600;
}
