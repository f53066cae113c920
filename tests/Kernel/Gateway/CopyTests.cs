using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>Copies to the replicas, received at the other end of a cable.</summary>
[TestClass]
public sealed class CopyTests
{
    private static readonly Assignment TwoReplicas = new(7, 0, 0b110);

    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e });

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_client_segment_goes_to_every_replica_and_to_the_active_node(Ends ends) => OnCable((lan, listener) =>
    {
        var segment = ends.FromClient().Seq(1001).Ack(5001).Payload(100);
        _rig.Assign(TwoReplicas, lan);
        var outcome = _rig.Run(GatewayRig.Egress, segment.ToBytes());
        Assert.AreEqual(Verdict.Ok, outcome.Verdict);
        Assert.AreEqual(0u, outcome.Mark, "the frame itself is no copy");
        outcome.AssertFrame(segment.To(Scene.Node0).ToBytes());
        outcome.AssertCounted("copied_to_replica", "copied_to_replica", "flow_unknown", "to_active");
        listener.AssertReceived(segment.To(Scene.Node1).ToBytes(), segment.To(Scene.Node2).ToBytes());
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_server_segment_goes_to_every_replica_under_the_gateways_address(Ends ends) => OnCable((lan, listener) =>
    {
        var segment = ends.FromService().Seq(5001).Ack(1001).Payload(100);
        _rig.Assign(TwoReplicas, lan);
        var outcome = _rig.Run(GatewayRig.Ingress, segment.ToBytes());
        Assert.AreEqual(Verdict.Ok, outcome.Verdict);
        outcome.AssertCounted("copied_from_active", "copied_from_active", "to_client");
        var copy = segment.From(Scene.GatewayMac);
        listener.AssertReceived(copy.To(Scene.Node1).ToBytes(), copy.To(Scene.Node2).ToBytes());
        CollectionAssert.AreEqual(segment.ToBytes()[12..], outcome.Frame[12..], "what goes on to routing, behind its addresses");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_datagram_carries_its_number_to_every_replica_but_not_to_the_active_node(Ends ends) => OnCable((lan, listener) =>
    {
        var dns = ends.At(Services.OnlyUdp);
        _rig.Assign(TwoReplicas, lan);
        foreach (var (number, datagram) in new[]
        {
            (5u, dns.FromClient().Udp().Payload(100)),
            (0x12345u, dns.FromClient().Udp().Payload(1).Identified(0xfedc, 0xfedcb).Atomic()),
            (uint.MaxValue, dns.FromClient().Udp().Identified(1, 1)),
            (0u, ends.IsV6 ? dns.FromClient().Udp().Extension(0).Payload(7) : dns.FromClient().Udp().IPOptions(1, 1, 1, 1).Payload(7)),
        })
        {
            _rig.Datagrams.Set(dns.Key, new DatagramSource { Next = number });
            var outcome = _rig.Run(GatewayRig.Egress, datagram.ToBytes());
            outcome.AssertFrame(datagram.To(Scene.Node0).ToBytes());
            outcome.AssertCounted("copied_to_replica", "copied_to_replica", "datagram_recorded", "to_active");
            var copy = datagram.Numbered(number);
            listener.AssertReceived(copy.To(Scene.Node1).ToBytes(), copy.To(Scene.Node2).ToBytes());
        }
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void An_answer_carries_the_number_of_its_clients_last_datagram_to_every_replica_but_not_to_the_client(Ends ends) => OnCable((lan, listener) =>
    {
        var dns = ends.At(Services.OnlyUdp);
        _rig.Assign(TwoReplicas, lan);
        foreach (var (next, answer) in new[]
        {
            (5u, dns.FromService().Udp().Payload(100)),
            (0x12346u, dns.FromService().Udp().Payload(1).Identified(0xfedc, 0xfedcb).Atomic()),
            (0u, dns.FromService().Udp().Numbered(9)),
        })
        {
            _rig.Datagrams.Set(dns.Key, new DatagramSource { Next = next });
            var outcome = _rig.Run(GatewayRig.Ingress, answer.ToBytes());
            outcome.AssertCounted("copied_from_active", "copied_from_active", "to_client");
            CollectionAssert.AreEqual(answer.ToBytes()[12..], outcome.Frame[12..], "what goes on to routing, behind its addresses");
            var copy = answer.From(Scene.GatewayMac).Numbered(unchecked(next - 1));
            listener.AssertReceived(copy.To(Scene.Node1).ToBytes(), copy.To(Scene.Node2).ToBytes());
        }
        _rig.Assign(GatewayRig.Alone, lan);
        _rig.Run(GatewayRig.Ingress, dns.FromService().Udp().ToBytes()).AssertCounted("to_client");
        listener.AssertReceived();
    });

    [TestMethod]
    public void Copies_pass_the_gateways_own_hook_unseen() => OnCable(static (lan, listener) =>
    {
        _rig.Assign(TwoReplicas, lan);
        using var hook = TcHook.Attach(_rig.Object, GatewayRig.Egress, lan, TcDirection.Egress);
        var segment = Ends.V4.FromClient().Seq(1001).Ack(5001);
        _rig.Run(GatewayRig.Egress, segment.ToBytes()).AssertCounted("copied_to_replica", "copied_to_replica", "flow_unknown", "to_active");
        listener.AssertReceived(segment.To(Scene.Node1).ToBytes(), segment.To(Scene.Node2).ToBytes());
    });

    [TestMethod]
    public void What_is_not_replicated_is_not_copied() => OnCable(static (lan, listener) =>
    {
        _rig.Assign(TwoReplicas, lan);
        _rig.Run(GatewayRig.Egress, Ends.V4.At(22).FromClient().Seq(1).Ack(1).ToBytes()).AssertCounted("pass_other", "to_active");
        _rig.Run(GatewayRig.Egress, Ends.V4.FromClient().Fragment(0, more: true).ToBytes()).AssertCounted("pass_fragment", "to_active");
        _rig.Run(GatewayRig.Egress, Ends.V4.FromClient().Udp().Payload(1).ToBytes()).AssertCounted("pass_other", "to_active");
        _rig.Run(GatewayRig.Ingress, Ends.V4.At(Services.OnlyUdp).FromService().Udp().Payload(1).ToBytes()).AssertCounted("pass_other", "to_client");
        _rig.Run(GatewayRig.Ingress, Ends.V4.FromService().Seq(1).Ack(1).From(Scene.Node1).ToBytes()).AssertCounted("drop_fenced");
        var probe = new SkbContext { Mark = 0x54324150 };
        _rig.Run(GatewayRig.Egress, Ends.V4.FromClient().Seq(1).Ack(1).ToBytes(), probe).AssertCounted("to_active");
        _rig.Flows.Set(Ends.V4.Key, Given.Flow);
        var implausible = Ends.V4.FromClient().Seq(1001 + Given.FarAhead).Ack(5001);
        _rig.Run(GatewayRig.Egress, implausible.ToBytes()).AssertCounted("implausible", "to_active");
        _rig.Run(GatewayRig.Egress, implausible.Rst().ToBytes()).AssertCounted("implausible", "to_active");
        _rig.Run(GatewayRig.Egress, implausible.Payload(1).ToBytes()).AssertCounted("implausible");
        listener.AssertReceived();
    });

    [TestMethod]
    public void Copies_go_on_while_nobody_holds_the_service() => OnCable(static (lan, listener) =>
    {
        _rig.Assign(new Assignment(7, -1, 0b010), lan);
        var segment = Ends.V4.FromClient().Seq(1001).Ack(5001);
        var outcome = _rig.Run(GatewayRig.Egress, segment.ToBytes());
        Assert.AreEqual(Verdict.Shot, outcome.Verdict);
        outcome.AssertCounted("copied_to_replica", "flow_unknown", "drop_no_active");
        listener.AssertReceived(segment.To(Scene.Node1).ToBytes());
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_copy_that_the_kernel_refuses_is_counted_and_the_segment_goes_on(Ends ends) => NetworkNamespaceScope.Run(() =>
    {
        const int NoSuchInterface = 4711;
        _rig.Reset();
        _rig.Assign(TwoReplicas, NoSuchInterface);
        var segment = ends.FromClient().Seq(1001).Ack(5001);
        var outcome = _rig.Run(GatewayRig.Egress, segment.ToBytes());
        Assert.AreEqual(Verdict.Ok, outcome.Verdict);
        outcome.AssertFrame(segment.To(Scene.Node0).ToBytes());
        outcome.AssertCounted("copy_failed", "copy_failed", "flow_unknown", "to_active");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_probe_of_all_goes_to_every_node_and_is_not_recorded(Ends ends) => OnCable((lan, listener) =>
    {
        var segment = ends.FromClient().Seq(1001).Ack(5001).Payload(1);
        _rig.Assign(TwoReplicas, lan);
        _rig.Flows.Set(ends.Key, Given.Flow);
        var outcome = _rig.Run(GatewayRig.Egress, segment.ToBytes(), new SkbContext { Mark = 0x54324151 });
        outcome.AssertFrame(segment.To(Scene.Node0).ToBytes());
        outcome.AssertCounted("copied_to_replica", "copied_to_replica", "to_active");
        listener.AssertReceived(segment.To(Scene.Node1).ToBytes(), segment.To(Scene.Node2).ToBytes());
    });

    private static void OnCable(Action<int, FrameListener> test) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        using var cable = new Cable();
        using var listener = new FrameListener(cable.Far);
        test(cable.Lan, listener);
    });
}
