using Appliance.Bpf.Layout;
using Appliance.Net;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Node;

/// <summary>Output hot, at a node: a replica that speaks for one hop, and a client that may be ahead of any node.</summary>
[TestClass]
public sealed class HotTests
{
    private const int Tap = 1;

    private static readonly NodeState WithTap = NodeRig.Silent with { TapIfindex = Tap };

    private static readonly NodeState ActiveWithTap = NodeRig.TookOver with { TapIfindex = Tap };

    private static NodeRig _rig = null!;

    public static IEnumerable<object[]> Cases => Rows.ForBoth(ends => Speaks(ends).Concat(IsTold(ends)).Concat(BearsAClientAhead(ends)));

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e });

    private static Replica Hot { get; } = Given.Replica with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.Hot };

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new NodeRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    internal void Handles(NodeFixture fixture) => NetworkNamespaceScope.Run(() => fixture.Check(_rig));

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_a_replica_says_before_it_closes_is_sent_and_the_close_is_told(Ends ends) => NetworkNamespaceScope.Run(() =>
    {
        using var cable = new Cable();
        using var listener = new FrameListener(cable.Far);
        _rig.Reset();
        _rig.Replicas.Set(ends.Key, Hot);
        var last = ends.FromService().Seq(5001).Ack(1001).Payload(new byte[60]);
        var outcome = _rig.Run(NodeRig.Egress, last.Fin().ToBytes(), SkbContext.None with { Ifindex = cable.Lan });
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        outcome.AssertCounted("consent", "silenced");
        listener.AssertReceived(
            last.Hops(1).ToBytes(),
            ends.FromService().Seq(5061).Ack(1001).Fin().Marked().Hops(1).ToBytes());
    });

    private static IEnumerable<NodeFixture> Speaks(Ends ends)
    {
        var data = ends.FromService().Seq(5001).Ack(1050).Window(321).Payload(100);
        NodeFixture Says(string name, Packet packet) => new(name, NodeRig.Egress, ends, packet)
        {
            Replica = Hot, Verdict = Verdict.Ok, Counts = ["silenced", "hot"], Leaves = packet.Hops(1),
        };
        NodeFixture Keeps(string name, Packet packet, params string[] alsoCounts) => new(name, NodeRig.Egress, ends, packet)
        {
            Replica = Hot, Verdict = Verdict.Stolen, Counts = ["silenced", .. alsoCounts],
        };

        yield return Says("a replica's data is sent for one hop", data) with
        {
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 321 },
        };
        yield return Says("so is its acknowledgement", ends.FromService().Seq(5001).Ack(1050).Window(321)) with
        {
            ReplicaThen = static r => r!.Value with { Received = 1050, OwnWindow = 321 },
        };
        yield return Keeps("a replica that has said something else is silent", data) with
        {
            Replica = Hot with { Flags = Hot.Flags | ReplicaFlags.Differs },
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 321 },
        };
        yield return Says("unless its owner takes the risk", Ports(ends).FromService().Seq(5001).Ack(1050).Window(321)) with
        {
            Ends = Ports(ends),
            Replica = Hot with { Flags = Hot.Flags | ReplicaFlags.Differs },
            ReplicaThen = static r => r!.Value with { Received = 1050, OwnWindow = 321 },
        };
        yield return Keeps("a reset is told, not said", ends.FromService().Seq(5001).Rst(), "replica_reset", "consent") with
        {
            Leaves = ends.FromService().Seq(5001).Rst().Marked().Hops(1),
            ReplicaThen = static r => r!.Value with { Flags = r.Value.Flags | ReplicaFlags.OwnRst, ClosedNs = 1 },
        };
        yield return Keeps("a FIN, too", ends.FromService().Seq(5001).Ack(1050).Window(321).Fin(), "consent") with
        {
            Leaves = ends.FromService().Seq(5001).Ack(1050).Window(321).Fin().Marked().Hops(1),
            ReplicaThen = static r => r!.Value with
            {
                Sent = 5002, Received = 1050, OwnWindow = 321, Flags = r.Value.Flags | ReplicaFlags.OwnFin, ClosedNs = 1,
            },
        };
        yield return Keeps("an answer to a SYN is the active node's", ends.FromService().Seq(5000).Ack(1001).Syn());
    }

    private static IEnumerable<NodeFixture> IsTold(Ends ends)
    {
        Packet Order(MacAddress mac, uint isn) => ends.FromClient().Seq(isn).Ack(0).From(mac);
        NodeFixture Told(string name, Packet packet) => new(name, NodeRig.Ingress, ends, packet)
        {
            State = WithTap, Replica = Given.Replica, Verdict = Verdict.Stolen,
        };

        yield return Told("the repair engine turns it on", Order(ClientFrame.HotMac, Given.ClientIsn)) with
        {
            ReplicaThen = static r => r!.Value with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.Hot },
        };
        yield return Told("and off", Order(ClientFrame.NotHotMac, Given.ClientIsn)) with
        {
            Replica = Hot, ReplicaThen = static r => r!.Value with { Flags = ReplicaFlags.Confirmed },
        };
        yield return Told("of the connection that it means", Order(ClientFrame.HotMac, Given.ClientIsn + 1));
        yield return Told("without a replica nothing comes of it", Order(ClientFrame.HotMac, Given.ClientIsn)) with { Replica = null };
        yield return Told("at an active node as well", Order(ClientFrame.HotMac, Given.ClientIsn)) with
        {
            State = ActiveWithTap, ReplicaThen = static r => r!.Value with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.Hot },
        };
        yield return Told("nobody else can", Order(ClientFrame.HotMac, Given.ClientIsn)) with
        {
            State = WithTap with { TapIfindex = 77 }, Verdict = Verdict.Ok, Counts = ["client_delivered"],
        };
    }

    private static IEnumerable<NodeFixture> BearsAClientAhead(Ends ends)
    {
        foreach (var (name, state) in new[] { ("a replica", NodeRig.Silent), ("an active node", NodeRig.TookOver) })
        {
            yield return new($"{name} believes an acknowledgement of what only another has said", NodeRig.Ingress, ends, ends.FromClient().Seq(1001).Ack(5901).Window(9))
            {
                State = state, Replica = Hot, Counts = ["ack_clamped", "client_delivered"], Leaves = ends.FromClient().Seq(1001).Ack(5001).Window(9),
                ReplicaThen = static r => r!.Value with { ClientAck = 5901, ClientWindow = 9 },
            };
            yield return new($"{name} waits with what answers it", NodeRig.Ingress, ends, ends.FromClient().Seq(1001).Ack(5901).Window(9).Payload(10))
            {
                State = state, Replica = Hot, Verdict = Verdict.Stolen, Counts = ["held_causal"], Holds = (ReportKind.HeldCausal, 5901),
                ReplicaThen = static r => r!.Value with
                {
                    ClientAck = 5901, ClientWindow = 9, ClientNext = 1011, WaitFor = 5901, Flags = r.Value.Flags | ReplicaFlags.Waiting,
                },
            };
        }
        yield return new("but no number that no window reaches", NodeRig.Ingress, ends, ends.FromClient().Seq(1001).Ack(5001 + Given.FarAhead + 1).Window(9))
        {
            Replica = Hot, Counts = ["ack_clamped", "client_delivered"], Leaves = ends.FromClient().Seq(1001).Ack(5001).Window(9),
        };
        yield return new("what the client has from another already is acknowledged on the spot", NodeRig.Egress, ends, ends.FromService().Seq(5001).Ack(1050).Window(321).Payload(new byte[100]))
        {
            State = NodeRig.TookOver,
            Replica = Hot with { ClientAck = 5901, ClientWindow = 9 }, SpeaksFirst = true, Verdict = Verdict.Redirect, Counts = ["phantom_ack", "spoken"],
            Leaves = ends.FromClient().From(Scene.GatewayMac).To(Scene.Node0).Atomic().Seq(1050).Ack(5101).Window(9),
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 321, ActiveNext = 5101, ActiveAck = 1050 },
        };
    }

    private static Ends Ports(Ends ends) => ends.At(Services.Carried);
}
