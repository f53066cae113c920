using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>What finds no room in the record does not pass: neither to the active node nor to a replica.</summary>
[TestClass]
public sealed class FullRingTests
{
    private const int RingBytes = 4096;

    /// <summary>With a replica, so that a copy would be counted.</summary>
    private static readonly Assignment WithReplica = new(7, 0, 0b010);

    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e });

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig(RingBytes);

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Data_is_dropped_and_the_flow_stays_where_it_was(Ends ends) => Full(ends, () =>
    {
        _rig.Flows.Set(ends.Key, Given.Flow);
        var data = ends.FromClient().Seq(1001).Ack(5001).Payload(10);
        foreach (var packet in new[] { data, data.Fin(), ends.FromClient().Seq(1001).Ack(5001).Fin() })
        {
            AssertDropped(packet);
            AssertFlow(ends, Given.Flow);
        }

        _rig.Ring.TryPeek(out _);
        _rig.Ring.Advance();
        _rig.Ring.Release(_rig.Ring.Position);
        _rig.Run(GatewayRig.Egress, data.ToBytes()).AssertCounted("recorded", "copied_to_replica", "to_active");
        AssertFlow(ends, Given.Flow with { ClientNext = 1011, ClientBytes = 10 });
        AssertDropped(data.Seq(1011));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void While_it_fills_no_window_is_widened(Ends ends) => Full(ends, () =>
    {
        _rig.Flows.Set(ends.Key, Given.Flow with { Edge = 1001 + (10 << 8) });
        var ack = ends.FromService().Seq(5001).Ack(1001).Window(400);
        _rig.Run(GatewayRig.Ingress, ack.ToBytes()).AssertFrame(ack.Window(10).From(Scene.GatewayMac).To(Scene.Node1).ToBytes());
        _rig.TakeRecords();
        _rig.Run(GatewayRig.Ingress, ack.ToBytes()).AssertFrame(ack.From(Scene.GatewayMac).To(Scene.Node1).ToBytes());
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void No_flow_is_opened(Ends ends) => Full(ends, () =>
    {
        _rig.Openings.Set(ends.Key, Given.Agreed);
        var ack = ends.FromClient().Seq(1001).Ack(5001);
        foreach (var packet in new[] { ack, ack.Payload(10) })
        {
            AssertDropped(packet);
            Assert.IsFalse(_rig.Flows.TryGet(ends.Key, out _));
            Assert.IsTrue(_rig.Openings.TryGet(ends.Key, out var opening), "the client sends it again");
            Assert.AreEqual(Fields.Of<Handshake>(Given.Agreed), Fields.Of<Handshake>(opening));
        }

        _rig.TakeRecords();
        _rig.Run(GatewayRig.Egress, ack.ToBytes()).AssertCounted("flow_opened", "copied_to_replica", "to_active");
        Assert.HasCount(1, _rig.TakeRecords());
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_flow_may_open_whose_first_data_finds_no_room(Ends ends) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        _rig.Openings.Set(ends.Key, Given.Agreed);
        var outcome = _rig.Run(GatewayRig.Egress, ends.FromClient().Seq(1001).Ack(5001).Payload(1537).ToBytes());
        Assert.AreEqual(Verdict.Shot, outcome.Verdict);
        outcome.AssertCounted("flow_opened", "drop_unrecorded");
        AssertFlow(ends, Given.Flow with { LastNs = 0 });
        Assert.AreEqual(RecordKind.Open, _rig.TakeRecords().Single().Kind);
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_datagram_is_dropped_and_its_number_stays_unused(Ends ends) => Full(ends, () =>
    {
        var dns = ends.At(Services.OnlyUdp);
        _rig.Datagrams.Set(dns.Key, new DatagramSource { Next = 5 });
        foreach (var payload in new[] { 0, 10 })
        {
            AssertDropped(dns.FromClient().Udp().Payload(payload));
        }

        _rig.TakeRecords();
        _rig.Run(GatewayRig.Egress, dns.FromClient().Udp().ToBytes()).AssertCounted("datagram_recorded", "copied_to_replica", "to_active");
        Assert.AreEqual(7u, _rig.TakeRecords().Single().Seq);
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_needs_no_record_passes(Ends ends) => Full(ends, () =>
    {
        _rig.Flows.Set(ends.Key, Given.Flow);
        var ack = ends.FromClient().Seq(1001).Ack(5001);
        foreach (var packet in new[] { ack, ack.Rst(), ends.FromClient().Seq(70_000).Syn() })
        {
            Assert.AreEqual(Verdict.Ok, _rig.Run(GatewayRig.Egress, packet.ToBytes()).Verdict);
        }
        _rig.Run(GatewayRig.Egress, ends.At(8000).FromClient().Seq(1).Ack(1).Payload(10).ToBytes()).AssertCounted("flow_unknown", "copied_to_replica", "to_active");
    });

    private static void Full(Ends ends, Action test) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        var other = ends with { Client = new(ends.Client.Address, 1) };
        _rig.Flows.Set(other.Key, Given.Flow);
        var filler = other.FromClient().Seq(1001).Ack(5001);

        // 256 bytes of payload take 336 of the ring, a FIN alone 80.
        foreach (var frame in new[] { filler.Payload(256).ToBytes(), filler.Fin().ToBytes() })
        {
            var outcome = _rig.Run(GatewayRig.Egress, frame);
            while (outcome.Verdict == Verdict.Ok)
            {
                outcome.AssertCounted("recorded", "to_active");
                outcome = _rig.Run(GatewayRig.Egress, frame);
            }
        }
        Assert.IsLessThan(80, RingBytes - (int)(_rig.Ring.Produced - _rig.Ring.Released) - 1, "one byte short of its size a ring is full");
        _rig.Assign(WithReplica);
        test();
    });

    private static void AssertDropped(Packet packet)
    {
        var outcome = _rig.Run(GatewayRig.Egress, packet.ToBytes());
        Assert.AreEqual(Verdict.Shot, outcome.Verdict);
        outcome.AssertCounted("drop_unrecorded");
        outcome.AssertFrame(packet.ToBytes());
    }

    private static void AssertFlow(Ends ends, Flow expected)
    {
        Assert.IsTrue(_rig.Flows.TryGet(ends.Key, out var flow));
        Assert.AreEqual(Fields.Of<Flow>(expected), Fields.Of<Flow>(flow));
    }
}
