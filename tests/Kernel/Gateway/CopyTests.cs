using Appliance.Bpf;
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
        _rig.Run(GatewayRig.Ingress, Ends.V4.FromService().Seq(1).Ack(1).From(Scene.Node1).ToBytes()).AssertCounted("drop_fenced");
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

    private static void OnCable(Action<int, FrameListener> test) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        using var cable = new Cable();
        using var listener = new FrameListener(cable.Far);
        test(cable.Lan, listener);
    });
}
