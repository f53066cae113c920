using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>A close by the active node's server waits for the replica's; see bpf/gateway_close.h. Node 1 replicates.</summary>
[TestClass]
public sealed class CloseGateTests
{
    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> Cases => Rows.ForBoth(ends => Held(ends).Concat(Passed(ends)).Concat(Consents(ends)).Concat(NoConsents(ends)).Concat(WhileMaking(ends)));

    private static Assignment Replicated { get; } = new(7, 0, 0b010);

    /// <summary>The server has sent 100 bytes and closed.</summary>
    private static Flow HeldFin { get; } = Given.Flow with
    {
        ServerNext = 5101, Flags = FlowFlags.HeldFin, HeldNs = 1, HeldEnd = 5102, HeldBy = 0,
    };

    private static Flow HeldRst { get; } = Given.Flow with { ServerNext = 5101, Flags = FlowFlags.HeldRst, HeldNs = 1, HeldEnd = 5101, HeldBy = 0 };

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    internal void Handles(GatewayFixture fixture) => NetworkNamespaceScope.Run(() => fixture.Check(_rig));

    private static GatewayFixture FromActive(Ends ends, string name, Packet packet, params string[] counts) =>
        new(name, GatewayRig.Ingress, ends, packet)
        {
            Assignment = Replicated, Gate = 0b010, Flow = Given.Flow with { ServerNext = 5101 }, Counts = ["to_client", "copied_from_active", .. counts],
        };

    private static IEnumerable<GatewayFixture> Held(Ends ends)
    {
        var fin = ends.FromService().Seq(5101).Ack(1001).Fin();
        var stripped = ends.FromService().Seq(5101).Ack(1001).To(Scene.Node1).From(Scene.GatewayMac);
        yield return FromActive(ends, "a FIN is taken off", fin, "close_held") with
        {
            Leaves = stripped, FlowThen = static f => Acked(f) with { Flags = FlowFlags.HeldFin, HeldNs = 1, HeldEnd = 5102 },
        };
        yield return FromActive(ends, "what comes with it passes", fin.Payload(9), "close_held") with
        {
            Leaves = stripped.Payload(9),
            FlowThen = static f => Acked(f) with { Flags = FlowFlags.HeldFin, HeldNs = 1, HeldEnd = 5111, ServerNext = 5110, ServerBytes = 9 },
        };
        yield return FromActive(ends, "once more, without counting", fin) with
        {
            Leaves = stripped, Flow = HeldFin, FlowThen = static f => Acked(f),
        };
        yield return FromActive(ends, "a reset is held", ends.FromService().Seq(5101).Rst(), "close_held") with
        {
            Verdict = Verdict.Shot,
            Leaves = ends.FromService().Seq(5101).Rst().Marked().To(Scene.Node1).From(Scene.GatewayMac),
            FlowThen = static f => f!.Value with { Flags = FlowFlags.HeldRst, HeldNs = 1, HeldEnd = 5101 },
        };
        yield return FromActive(ends, "what an earlier active node's server closed is void", fin, "close_held") with
        {
            Flow = HeldRst with { HeldBy = 2 }, Leaves = stripped,
            FlowThen = static f => Acked(f) with { Flags = FlowFlags.HeldFin, HeldEnd = 5102, HeldBy = 0 },
        };
        yield return FromActive(ends, "what the node's server closed before the service moved away and back is void", fin, "close_held") with
        {
            Flow = HeldRst, TurnedNs = 2, Leaves = stripped,
            FlowThen = static f => Acked(f) with { Flags = FlowFlags.HeldFin, HeldEnd = 5102 },
        };
        yield return FromActive(ends, "a consent to a later close is none to this one: its server died on the way", fin, "close_held") with
        {
            Consent = At(9102), Leaves = stripped,
            FlowThen = static f => Acked(f) with { Flags = FlowFlags.HeldFin, HeldNs = 1, HeldEnd = 5102 },
        };
        yield return FromActive(ends, "nor to a reset", ends.FromService().Seq(5101).Rst(), "close_held") with
        {
            Consent = At(9102), Verdict = Verdict.Shot,
            Leaves = ends.FromService().Seq(5101).Rst().Marked().To(Scene.Node1).From(Scene.GatewayMac),
            FlowThen = static f => f!.Value with { Flags = FlowFlags.HeldRst, HeldNs = 1, HeldEnd = 5101 },
        };
        yield return FromActive(ends, "another incarnation's consent is not this one's", fin, "close_held") with
        {
            Consent = At(5102) with { ClientIsn = Given.ClientIsn + 1 }, Leaves = stripped,
            FlowThen = static f => Acked(f) with { Flags = FlowFlags.HeldFin, HeldNs = 1, HeldEnd = 5102 },
        };
        yield return FromActive(ends, "the longest wait of before the service moved is not this one's", fin, "close_held") with
        {
            Ungated = 2, TurnedNs = 2, Leaves = stripped,
            FlowThen = static f => Acked(f) with { Flags = FlowFlags.HeldFin, HeldNs = 1, HeldEnd = 5102 },
        };
        yield return FromActive(ends, "another incarnation's longest wait is not this one's", fin, "close_held") with
        {
            Ungated = 1, Leaves = stripped,
            FlowThen = static f => Acked(f) with { Flags = FlowFlags.HeldFin, HeldNs = 1, HeldEnd = 5102 },
        };
    }

    private static IEnumerable<GatewayFixture> Passed(Ends ends)
    {
        var fin = ends.FromService().Seq(5101).Ack(1001).Fin();
        GatewayFixture Passes(string name, params string[] counts) => FromActive(ends, name, fin, counts) with
        {
            Leaves = fin.To(Scene.Node1).From(Scene.GatewayMac),
            FlowThen = static f => Acked(f) with { Flags = f!.Value.Flags | FlowFlags.ServerFin, ServerNext = 5102 },
        };

        yield return Passes("a close passes when the replica has closed") with { Consent = At(5102) };
        yield return Passes("a close passes after a reset by the client") with { Flow = Given.Flow with { ServerNext = 5101, Flags = FlowFlags.ClientRst } };
        yield return Passes("a close passes without a gate") with { Gate = 0 };
        yield return Passes("a close passes when only another node is waited for") with { Gate = 0b100 };
        yield return Passes("a close passes after the longest wait", "close_unconfirmed") with { Ungated = 2 };
        yield return FromActive(ends, "a close of an unknown connection passes", fin) with
        {
            Flow = null, Leaves = fin.To(Scene.Node1).From(Scene.GatewayMac),
        };
        yield return FromActive(ends, "so does its reset", ends.FromService().Seq(5101).Rst()) with
        {
            Flow = null, Leaves = ends.FromService().Seq(5101).Rst().To(Scene.Node1).From(Scene.GatewayMac),
        };
    }

    private static IEnumerable<GatewayFixture> Consents(Ends ends)
    {
        var fin = ends.FromService().Seq(5101).Ack(1001).Fin();
        GatewayFixture Consents(string name, Packet packet, params string[] counts) => new(name, GatewayRig.Ingress, ends, packet.Marked().Hops(1).From(Scene.Node1))
        {
            Assignment = Replicated, Gate = 0b010, Flow = Given.Flow with { ServerNext = 5101 }, Counts = ["consent", .. counts],
        };

        yield return Consents("the replica closes first: it is remembered", fin) with
        {
            Verdict = Verdict.Shot, ConsentThen = At(5102),
        };
        yield return Consents("the replica closes second: its close goes to the client", fin, "close_agreed") with
        {
            Flow = HeldFin, Leaves = fin.From(Scene.Node1),
            ConsentThen = At(5102), FlowThen = static f => f!.Value with { Flags = FlowFlags.ServerFin, ServerNext = 5102 },
        };
        yield return Consents("what only the replica has received is not acknowledged", fin.Ack(1300), "close_agreed") with
        {
            Flow = HeldFin with { ServerAck = 1200 }, Leaves = fin.Ack(1200).From(Scene.Node1),
            ConsentThen = At(5102), FlowThen = static f => f!.Value with { Flags = FlowFlags.ServerFin, ServerNext = 5102 },
        };
        yield return Consents("a reset for a reset", ends.FromService().Seq(5101).Rst(), "close_agreed") with
        {
            Flow = HeldRst, Leaves = ends.FromService().Seq(5101).Rst().From(Scene.Node1),
            ConsentThen = At(5101), FlowThen = static f => f!.Value with { Flags = FlowFlags.ServerRst },
        };
        yield return Consents("a FIN where the other side resets", fin, "close_agreed") with
        {
            Flow = HeldRst, Leaves = fin.From(Scene.Node1),
            ConsentThen = At(5102), FlowThen = static f => f!.Value with { Flags = FlowFlags.ServerFin, ServerNext = 5102 },
        };
        foreach (var (name, packet, flow, end) in new[]
        {
            ("a FIN elsewhere", fin.Seq(5090), HeldFin, 5091u), ("a reset elsewhere", ends.FromService().Seq(5090).Rst(), HeldRst, 5090u),
            ("a FIN for a node that lost the service", fin, HeldFin with { HeldBy = 2 }, 5102u),
        })
        {
            yield return Consents($"{name} is remembered, and no close", packet) with
            {
                Verdict = Verdict.Shot, Flow = flow, ConsentThen = At(end),
            };
        }
        yield return Consents("of an unknown connection", fin) with { Verdict = Verdict.Shot, Flow = null };
    }

    /// <summary>A silent node's frames are none of the clients' business.</summary>
    private static IEnumerable<GatewayFixture> NoConsents(Ends ends)
    {
        var fin = ends.FromService().Seq(5101).Ack(1001).Fin();
        GatewayFixture Fenced(string name, Packet packet) => new($"{name} is fenced", GatewayRig.Ingress, ends, packet)
        {
            Assignment = Replicated, Gate = 0b010, Flow = HeldFin, Verdict = Verdict.Shot, Counts = ["drop_fenced"],
        };

        yield return Fenced("a FIN without the mark", fin.Hops(1).From(Scene.Node1));
        yield return Fenced("a mark that came from further away", fin.Marked().From(Scene.Node1));
        yield return Fenced("a mark without a close", ends.FromService().Seq(5101).Ack(1001).Marked().Hops(1).From(Scene.Node1));
        yield return Fenced("a mark by a node that does not replicate", fin.Marked().Hops(1).From(Scene.Node2));
        yield return Fenced("a mark by a stranger", fin.Marked().Hops(1).From(Scene.Router));
        yield return Fenced("a mark by a node that is not waited for", fin.Marked().Hops(1).From(Scene.Node1)) with { Gate = 0b100, Assignment = new(7, 0, 0b110) };
    }

    /// <summary>While a replica is being made, its node's word that there is none says nothing.</summary>
    private static IEnumerable<GatewayFixture> WhileMaking(Ends ends)
    {
        var fin = ends.FromService().Seq(5101).Ack(1001).Fin();
        var reset = ends.FromService().Seq(5101).Rst();
        GatewayFixture Absent(string name, params string[] counts) => new(name, GatewayRig.Ingress, ends, fin.Marked().Absent().Hops(1).From(Scene.Node1))
        {
            Assignment = Replicated, Gate = 0b010, Flow = HeldFin, Making = MakingAt(0b010), Verdict = Verdict.Shot, Counts = counts,
        };
        GatewayFixture AbsentTaken(string name) => Absent(name, "consent", "close_agreed") with
        {
            Verdict = Verdict.Ok, Leaves = fin.From(Scene.Node1),
            ConsentThen = At(5102), FlowThen = static f => f!.Value with { Flags = FlowFlags.ServerFin, ServerNext = 5102 },
        };
        GatewayFixture Reset(string name, Packet packet) => new(name, GatewayRig.Ingress, ends, packet)
        {
            Flow = Given.Flow with { ServerNext = 5101 }, Making = MakingAt(0b001),
        };
        GatewayFixture Passes(string name, Packet packet) => Reset(name, packet) with
        {
            Counts = ["to_client"], FlowThen = static f => f!.Value with { Flags = FlowFlags.ServerRst },
        };

        yield return Absent("a missing connection is no consent", "drop_absent");
        yield return AbsentTaken("it is where nothing is being made") with { Making = null };
        yield return AbsentTaken("it is where another node's replica is being made") with { Making = MakingAt(0b100) };
        yield return AbsentTaken("it is where another incarnation's replica was being made") with { Making = MakingAt(0b010) with { ClientIsn = 9 } };
        yield return Absent("the replica's own close is one", "consent", "close_agreed") with
        {
            Frame = fin.Marked().Hops(1).From(Scene.Node1).ToBytes(), Verdict = Verdict.Ok, Leaves = fin.From(Scene.Node1),
            ConsentThen = At(5102), FlowThen = static f => f!.Value with { Flags = FlowFlags.ServerFin, ServerNext = 5102 },
        };
        yield return Reset("a node that took over has no socket yet", reset) with { Verdict = Verdict.Shot, Counts = ["drop_absent"] };
        yield return Passes("a server's own reset passes", reset.Ack(1001));
        yield return Passes("a reset passes where nothing is being made", reset) with { Making = null };
        yield return Passes("a reset passes where another node's replica is being made", reset) with { Making = MakingAt(0b010) };
        yield return Reset("a reset of an unknown connection passes", reset) with { Flow = null, Counts = ["to_client"] };
    }

    private static Making MakingAt(uint nodes) => new() { ClientIsn = Given.ClientIsn, Nodes = nodes };

    private static Consent At(uint end) => new() { ClientIsn = Given.ClientIsn, End = end };

    /// <summary>The close's acknowledgement and window are taken in.</summary>
    private static Flow Acked(Flow? before) => before!.Value with { Edge = Math.Max(before.Value.Edge, 1001 + (512 << 8)) };
}
