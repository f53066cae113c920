using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>Output agree: what the programs hold back, and what passes, see bpf/gateway_agree.h. Node 0 holds the service, node 1 has to agree.</summary>
[TestClass]
public sealed class AgreeTests
{
    private const uint First = Given.ServerIsn + 1;
    private const uint Asked = Given.ClientIsn + 1;

    /// <summary>AGREED_MARK in bpf/appliance.h.</summary>
    private static readonly SkbContext Agreed = new() { Mark = 0x54324147 };

    private static readonly Assignment Replicated = new(7, 0, 0b010);

    private static GatewayRig _rig = null!;
    private static RingLog _outputs = null!;
    private static BpfMap<FlowKey, Voice> _voices = null!;
    private static BpfMap<FlowKey, Merge> _merges = null!;

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e });

    [ClassInitialize]
    public static void Load(TestContext context)
    {
        _rig = new GatewayRig();
        _outputs = new RingLog(_rig.Object, "outputs");
        _voices = _rig.Object.Map<FlowKey, Voice>("voices");
        _merges = _rig.Object.Map<FlowKey, Merge>("merges");
    }

    [ClassCleanup]
    public static void Unload()
    {
        _outputs.Dispose();
        _rig.Dispose();
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_is_new_goes_to_user_space_whole_whoever_says_it(Ends ends)
    {
        Prepare(ends);
        var segment = ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100);
        Run(ends, 0, segment, Verdict.Shot, "copied_from_active", "output_held", "to_client");
        Handed(ends, 0, segment.From(Scene.GatewayMac).To(Scene.Node1), First, First);
        Run(ends, 1, segment, Verdict.Shot, "output_held");
        Handed(ends, 1, As(1, segment), First, First);
        Assert.AreEqual(First, Flow(ends).ServerNext, "the client has nothing of it");
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_was_agreed_on_passes_and_is_what_the_client_has(Ends ends)
    {
        Prepare(ends);
        var segment = ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100);
        Run(ends, 0, segment, Verdict.Shot);
        Passes(ends, segment);
        Assert.AreEqual(First + 100, Flow(ends).ServerNext);
        _outputs.Clear();
        Run(ends, 1, segment, Verdict.Shot);
        Assert.IsFalse(_outputs.TryPeek(out _), "it has passed meanwhile");
        Run(ends, 1, segment.Seq(First + 50), Verdict.Shot, "output_held");
        Handed(ends, 1, As(1, segment.Seq(First + 50)), First + 50, First + 100);
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_passes_has_the_newest_acknowledgement_window_and_timestamp(Ends ends)
    {
        Packet At(uint ack, uint tsval) => ends.FromService().Seq(First).Ack(ack).Window(10).Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(tsval, 5));
        Prepare(ends);
        Run(ends, 0, At(Asked, 1000), Verdict.Ok);
        var headers = Run(ends, 1, At(Asked + 100, 1003).Payload(10), Verdict.Ok, "output_held", "replica_heard");
        headers.AssertFrame(At(Asked + 100, 1003).From(Scene.Node1).Hops(64).ToBytes());
        Passes(ends, At(Asked, 1001).Payload(10), At(Asked + 100, 1003).Payload(10));
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Headers_and_acknowledgements_go_to_where_the_client_stands(Ends ends)
    {
        Prepare(ends);
        Run(ends, 0, ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100), Verdict.Shot);
        var ahead = ends.FromService().Seq(First + 100).Ack(Asked + 50).Window(2);
        Run(ends, 0, ahead, Verdict.Ok).AssertFrame(Copied(ahead.Seq(First)));
        var content = ends.FromService().Seq(First + 100).Ack(Asked + 80).Window(2).Payload(20).Flags(TcpFlags.Psh).Fin();
        Run(ends, 0, content, Verdict.Ok).AssertFrame(Copied(ends.FromService().Seq(First).Ack(Asked + 80).Window(2)));
        Assert.AreEqual(First, Flow(ends).ServerNext);
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_the_client_lacks_of_what_it_was_given_passes_when_it_is_repeated(Ends ends)
    {
        Prepare(ends);
        var segment = ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100);
        Run(ends, 0, segment, Verdict.Shot);
        Run(ends, 0, segment, Verdict.Shot, "copied_from_active", "output_held", "to_client");
        Passes(ends, segment);
        Run(ends, 0, segment, Verdict.Ok).AssertFrame(Copied(segment));
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_end_of_a_stream_is_agreed_on_like_a_byte(Ends ends)
    {
        Prepare(ends);
        var close = ends.FromService().Seq(First).Ack(Asked).Window(2).Fin();
        Run(ends, 0, close, Verdict.Shot);
        Handed(ends, 0, close.From(Scene.GatewayMac).To(Scene.Node1), First, First);
        Passes(ends, close);
        Assert.IsTrue(Flow(ends).Flags.HasFlag(FlowFlags.ServerFin));
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_replicas_consent_to_a_close_is_handed_over_and_gives_the_client_nothing(Ends ends)
    {
        Prepare(ends);
        _rig.State.Gate = 0b010;
        var close = ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100).Fin();
        Run(ends, 0, close, Verdict.Shot);
        _outputs.Clear();
        Run(ends, 1, close.Marked(), Verdict.Shot, "close_agreed", "consent", "output_held");
        Assert.AreEqual(First, Flow(ends).ServerNext);
        Assert.IsFalse(Flow(ends).Flags.HasFlag(FlowFlags.ServerFin));
        Assert.IsTrue(_outputs.TryPeek(out var bytes));
        ref readonly var record = ref MemoryMarshal.AsRef<Record>(bytes);
        Assert.AreEqual(First + 100, record.Seq, "the end alone: its bytes may be the active node's, sent back");
        Assert.AreEqual(As(1, close).Hops(64).ToBytes().Length - 100, (int)record.Length);
        Assert.IsTrue(record.Flags.HasFlag(TcpFlags.Fin));
        Passes(ends, close);
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_reset_waits_for_what_was_said_before_it(Ends ends)
    {
        foreach (var voiced in new[] { true, false })
        {
            Prepare(ends, voiced: voiced);
            var reset = ends.FromService().Seq(First + 100).Ack(Asked).Rst();
            Run(ends, 0, reset, Verdict.Shot);
            Passes(ends, ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100));
            Run(ends, 0, reset, Verdict.Ok);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_a_replica_repeats_of_what_the_client_has_does_not_pass(Ends ends)
    {
        Prepare(ends);
        var segment = ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100);
        Run(ends, 1, segment, Verdict.Shot);
        Passes(ends, segment);
        Run(ends, 1, segment, Verdict.Shot);
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Before_anybody_else_is_heard_the_active_nodes_output_waits(Ends ends)
    {
        Prepare(ends, voiced: false);
        var segment = ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100).Flags(TcpFlags.Psh);
        var headers = ends.FromService().Seq(First).Ack(Asked).Window(2);
        Run(ends, 0, segment, Verdict.Ok, "copied_from_active", "output_held", "to_client").AssertFrame(Copied(headers));
        Handed(ends, 0, segment.From(Scene.GatewayMac).To(Scene.Node1), First, First);
        Run(ends, 0, headers.Seq(First + 100), Verdict.Ok, "copied_from_active", "to_client").AssertFrame(Copied(headers));
        Run(ends, 0, segment.Seq(First + 100).Fin(), Verdict.Ok).AssertFrame(Copied(headers));
        Assert.AreEqual(First, Flow(ends).ServerNext);
        Passes(ends, segment);
        Assert.AreEqual(First + 100, Flow(ends).ServerNext);
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Another_services_output_does_not_wait(Ends ends)
    {
        Prepare(ends, voiced: false);
        _rig.State.Agrees[0] = 2;
        var segment = ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100);
        Run(ends, 0, segment, Verdict.Ok).AssertFrame(Copied(segment));
        Assert.IsFalse(_outputs.TryPeek(out _));
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Where_the_active_node_is_heard_alone_others_are_only_noted(Ends ends)
    {
        Prepare(ends, VoiceMode.Active);
        Run(ends, 0, ends.FromService().Seq(First).Ack(Asked).Window(2), Verdict.Shot);
        var segment = ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100);
        Run(ends, 1, segment, Verdict.Shot);
        Run(ends, 0, segment, Verdict.Ok).AssertFrame(Copied(segment));
        Assert.IsTrue(_merges.TryGet(ends.Key, out var merge));
        Assert.AreEqual((First + 100, First + 100), (merge.Sides[0].Sent, merge.Sides[1].Sent));
        Assert.IsFalse(_outputs.TryPeek(out _));
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Of_nodes_that_contradict_one_another_nothing_new_passes(Ends ends)
    {
        Prepare(ends, VoiceMode.Nobody);
        Run(ends, 0, ends.FromService().Seq(First).Ack(Asked).Window(2), Verdict.Shot);
        var segment = ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100);
        Run(ends, 0, segment, Verdict.Shot);
        Run(ends, 1, segment, Verdict.Shot);
        Assert.IsFalse(_outputs.TryPeek(out _));
        Assert.AreEqual(First, Flow(ends).ServerNext);
    }

    [TestMethod]
    public void What_user_space_sends_on_is_turned_round_in_the_egress_hook()
    {
        Prepare(Ends.V4);
        var outcome = _rig.Run(GatewayRig.Egress, Ends.V4.FromService().Seq(First).Ack(Asked).Payload(1).ToBytes(), Agreed);
        Assert.AreEqual(Verdict.Redirect, outcome.Verdict);
        Assert.AreEqual(Agreed.Mark, outcome.Mark, "the ingress hook knows it by that");
    }

    private static void Prepare(Ends ends, VoiceMode mode = VoiceMode.Agreed, bool voiced = true)
    {
        _rig.Reset();
        _rig.Assign(Replicated);
        _rig.Flows.Set(ends.Key, Given.Flow);
        _voices.Remove(ends.Key);
        _merges.Remove(ends.Key);
        if (voiced)
        {
            _voices.Set(ends.Key, new Voice { ClientIsn = Given.ClientIsn, Nodes = 0b010, Mode = mode });
            _merges.Set(ends.Key, default);
        }
        _rig.State.Voiced = 1;
        _rig.State.Agreeing = 1;
        _rig.State.Agrees[0] = 1;
        _outputs.Clear();
        if (voiced && mode == VoiceMode.Agreed)
        {
            _rig.Run(GatewayRig.Ingress, As(0, ends.FromService().Seq(First).Ack(Asked).Window(2)).ToBytes()); // as the gateway makes it speak
        }
    }

    private static Packet As(int node, Packet packet) => node == 0 ? packet.From(Scene.Node0) : packet.From(Scene.Node1).Hops(1);

    private static byte[] Copied(Packet packet) => packet.From(Scene.GatewayMac).To(Scene.Node1).ToBytes();

    private static Outcome Run(Ends ends, int node, Packet packet, Verdict verdict, params string[] counts)
    {
        var outcome = _rig.Run(GatewayRig.Ingress, As(node, packet).ToBytes());
        Assert.AreEqual(verdict, outcome.Verdict);
        if (counts.Length > 0)
        {
            outcome.AssertCounted(counts);
        }
        return outcome;
    }

    private static void Passes(Ends ends, Packet sent, Packet? leaves = null)
    {
        var outcome = _rig.Run(GatewayRig.Ingress, sent.ToBytes(), Agreed);
        Assert.AreEqual(Verdict.Ok, outcome.Verdict);
        Assert.AreEqual(0u, outcome.Mark);
        outcome.AssertFrame((leaves ?? sent).ToBytes());
        outcome.AssertCounted("output_agreed");
    }

    /// <summary>The oldest thing that was handed over and not looked at.</summary>
    private static void Handed(Ends ends, int node, Packet frame, uint sequence, uint given)
    {
        Assert.IsTrue(_outputs.TryPeek(out var bytes), "nothing was handed over");
        ref readonly var record = ref MemoryMarshal.AsRef<Record>(bytes);
        Assert.AreEqual(
            (RecordKind.Output, ends.Key, Given.ClientIsn, sequence, given, node),
            (record.Kind, record.Key, record.ClientIsn, record.Seq, record.Ack, (int)record.Active));
        var handed = bytes.Slice(Record.PayloadOffset, (int)record.Length);
        Assert.AreEqual(Convert.ToHexString(frame.ToBytes()), Convert.ToHexString(handed));
        Assert.IsTrue(record.IsIntact(frame.Content));
        _outputs.Advance();
        _outputs.Release(_outputs.Position);
    }

    private static Flow Flow(Ends ends) => _rig.Flows.TryGet(ends.Key, out var flow) ? flow : throw new AssertFailedException("no flow");
}
