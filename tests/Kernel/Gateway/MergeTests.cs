using System.Buffers.Binary;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Native;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>Output hot: what of both nodes' output reaches the client, see bpf/gateway_merge.h. Node 0 holds the service, node 1 is heard, too.</summary>
[TestClass]
public sealed class MergeTests
{
    private const uint First = Given.ServerIsn + 1;
    private const uint Asked = Given.ClientIsn + 1;

    private static readonly Assignment Replicated = new(7, 0, 0b010);

    private static GatewayRig _rig = null!;
    private static BpfMap<FlowKey, Voice> _voices = null!;
    private static BpfMap<FlowKey, Merge> _merges = null!;

    /// <summary>Do both nodes go on while a test runs, or has each stood still when the other speaks? Not how fast the test is decides that.</summary>
    private static bool _goOn;

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e });

    public static IEnumerable<object[]> Seeds => from ends in Ends.Both from seed in Enumerable.Range(1, 12) select new object[] { ends, seed };

    [ClassInitialize]
    public static void Load(TestContext context)
    {
        _rig = new GatewayRig();
        _voices = _rig.Object.Map<FlowKey, Voice>("voices");
        _merges = _rig.Object.Map<FlowKey, Merge>("merges");
    }

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_first_copy_of_a_byte_passes_and_the_second_does_not(Ends ends) => Hot(ends, () =>
    {
        var (one, two) = (ends.FromService().Seq(First).Ack(Asked).Payload(100), ends.FromService().Seq(First + 100).Ack(Asked).Payload(50));
        Passes(0, one);
        Dropped(1, one);
        Passes(1, two);
        Dropped(0, two);
        Passes(0, two.Seq(First + 150), "copied_from_active", "to_client");
        Dropped(1, two.Seq(First + 150), "second_copy");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_segment_with_some_new_bytes_passes_whole(Ends ends) => Hot(ends, () =>
    {
        Passes(1, ends.FromService().Seq(First).Ack(Asked).Payload(100));
        Passes(0, ends.FromService().Seq(First + 50).Ack(Asked).Payload(100));
        Dropped(1, ends.FromService().Seq(First + 100).Ack(Asked).Payload(50));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_a_node_sends_again_passes_again(Ends ends) => Hot(ends, () =>
    {
        var segment = ends.FromService().Seq(First).Ack(Asked).Payload(100);
        Passes(0, segment);
        Dropped(1, segment);
        Passes(1, segment);
        Passes(0, segment);
        Passes(1, segment.Seq(First + 20).Payload(80));
        Passes(1, ends.FromService().Seq(First - 1).Ack(Asked), "replica_heard");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Timestamps_never_go_back(Ends ends) => Hot(ends, () =>
    {
        Packet At(uint seq, uint tsval) => ends.FromService().Seq(seq).Ack(Asked).Payload(10).Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(tsval, 5));
        Passes(1, At(First, 1000));
        Passes(0, At(First + 10, 990), At(First + 10, 1000));
        Passes(0, At(First + 20, 1003));
        Passes(1, At(First + 30, 1001), At(First + 30, 1003));
        Passes(1, At(First + 40, 1003));
        Passes(0, At(First + 50, 0x80000000));
        Passes(1, At(First + 60, 1004), At(First + 60, 0x80000000));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_client_is_told_the_highest_acknowledgement(Ends ends) => Hot(ends, () =>
    {
        Packet Acks(uint ack) => ends.FromService().Seq(First).Ack(ack).Window(100);
        Passes(1, Acks(Asked + 500));
        Dropped(0, Acks(Asked + 400));
        Dropped(0, Acks(Asked + 500));
        Passes(0, Acks(Asked + 501));
        var late = ends.FromService().Seq(First).Ack(Asked + 300).Window(100).Payload(10);
        Passes(1, late, late.Ack(Asked + 501).Window(Shown(Asked + 501 + (100 << 8), Asked + 501)));
        Assert.AreEqual(Asked + 501, Flow(ends).ServerAck);
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void An_acknowledgement_that_is_repeated_passes_as_often_as_one_node_repeats_it(Ends ends) => Hot(ends, () =>
    {
        Packet Repeated(uint left) => ends.FromService().Seq(First).Ack(Asked + 500).Window(100)
            .Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(7, 5), TcpOption.Nop, TcpOption.Nop, Sack(left, left + 100));
        Passes(0, ends.FromService().Seq(First).Ack(Asked + 500).Window(100).Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(7, 5)));
        Dropped(1, ends.FromService().Seq(First).Ack(Asked + 500).Window(100).Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(7, 5)));
        Passes(0, Repeated(Asked + 1000));
        Dropped(1, Repeated(Asked + 1000));
        Passes(1, Repeated(Asked + 1100));
        Dropped(0, Repeated(Asked + 1100));
        Passes(0, Repeated(Asked + 1200));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Selective_acknowledgements_of_a_node_that_is_behind_are_erased(Ends ends) => Hot(ends, () =>
    {
        Passes(1, ends.FromService().Seq(First).Ack(Asked + 5000).Window(100));
        var behind = ends.FromService().Seq(First).Ack(Asked).Window(100).Payload(10);
        byte[][] stamps = [TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(7, 5)];
        var edge = Asked + 5000 + (100 << 8);
        Passes(
            0,
            behind.Options([.. stamps, TcpOption.Nop, TcpOption.Nop, Sack(Asked + 100, Asked + 200)]),
            behind.Options([.. stamps, .. Enumerable.Repeat(TcpOption.Nop, 12)]).Ack(Asked + 5000).Window(Shown(edge, Asked + 5000)));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_right_edge_of_the_window_stays_where_the_widest_was(Ends ends) => Hot(ends, () =>
    {
        Passes(1, ends.FromService().Seq(First).Ack(Asked).Window(200).Payload(1));
        var closed = ends.FromService().Seq(First + 1).Ack(Asked).Window(0).Payload(1);
        Passes(0, closed, closed.Window(200));
        var narrower = ends.FromService().Seq(First + 2).Ack(Asked).Window(150);
        Passes(0, narrower, narrower.Window(200));
        Passes(0, ends.FromService().Seq(First + 2).Ack(Asked).Window(201));
        Assert.AreEqual(Asked + (201 << 8), Flow(ends).Edge);
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void While_both_go_on_the_window_ends_where_the_nearer_does(Ends ends) => Hot(ends, () =>
    {
        _goOn = true;
        var wide = ends.FromService().Seq(First).Ack(Asked + 100).Window(300).Payload(1);
        Passes(1, wide, wide.Window(Shown(Asked + 512, Asked + 100)), "window_narrowed", "replica_heard"); // node 0 had shown 2 << 8
        Passes(0, ends.FromService().Seq(First + 1).Ack(Asked + 100).Window(200), "copied_from_active", "to_client");
        var wider = ends.FromService().Seq(First + 1).Ack(Asked + 200).Window(300);
        Passes(1, wider, wider.Window(Shown(Asked + 100 + (200 << 8), Asked + 200)), "window_narrowed", "replica_heard");
        _goOn = false;
        Passes(1, wider.Ack(Asked + 300));
        Assert.AreEqual(Asked + 300 + (300 << 8), Flow(ends).Edge, "the other one stands still");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_node_that_lacks_what_another_has_acknowledged_bounds_nobody(Ends ends) => Hot(ends, () =>
    {
        _goOn = true;
        Passes(1, ends.FromService().Seq(First).Ack(Asked + 513).Window(300));
        Assert.AreEqual(Asked + 513 + (300 << 8), Flow(ends).Edge);
    });

    /// <summary>The patience with a node is twice its last pause; it is halved when there was none for long, and a failure is no pause.</summary>
    [TestMethod]
    [DataRow(0UL, 1UL, 16UL, 8.0)]
    [DataRow(0UL, 1UL, 5UL, 4.0)]
    [DataRow(1UL, ulong.MaxValue, 16UL, 16.0)]
    [DataRow(1UL, 1UL, 16UL, 8.0)]
    public void How_long_a_node_is_waited_for_follows_its_pauses(ulong behindNs, ulong pausedNs, ulong patienceMs, double becomesMs) => Hot(Ends.V4, () =>
    {
        _merges.TryGet(Ends.V4.Key, out var merge);
        ref var side = ref merge.Sides[1];
        var paused = pausedNs == ulong.MaxValue ? MonotonicClock.Now : pausedNs;
        (side.Acked, side.Right, side.BehindNs, side.PausedNs, side.PatienceNs) = (Asked, Asked, behindNs, paused, patienceMs * 1_000_000);
        merge.Known |= 0b10;
        side.Sent = First;
        _merges.Set(Ends.V4.Key, merge);
        _rig.Run(GatewayRig.Ingress, As(1, Ends.V4.FromService().Seq(First).Ack(Asked + 1).Window(3)).ToBytes());
        _merges.TryGet(Ends.V4.Key, out merge);
        Assert.AreEqual(becomesMs * 1e6, merge.Sides[1].PatienceNs);
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_window_alone_is_told_when_the_room_doubles(Ends ends) => Hot(ends, () =>
    {
        Packet Shows(ushort window) => ends.FromService().Seq(First).Ack(Asked).Window(window);
        Passes(0, Shows(100));
        Dropped(1, Shows(199));
        Passes(1, Shows(200));
        Passes(0, ends.FromService().Seq(First).Ack(Asked + 1).Window(201));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_limit_holds_for_every_voice(Ends ends) => Hot(ends, () =>
    {
        _rig.Limit(ends.Key, new Limit { ClientIsn = Given.ClientIsn, Right = Asked + (50 << 8) });
        var segment = ends.FromService().Seq(First).Ack(Asked).Window(400).Payload(1);
        Passes(1, segment, segment.Window(50), "window_narrowed", "replica_heard");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Of_a_second_copy_whose_acknowledgement_is_news_the_headers_pass(Ends ends) => Hot(ends, () =>
    {
        var segment = ends.FromService().Seq(First).Ack(Asked).Window(100).Payload(101);
        Passes(0, segment);
        var second = segment.Ack(Asked + 77).Flags(Packets.TcpFlags.Psh);
        var headers = ends.FromService().Seq(First + 101).Ack(Asked + 77).Window(100);
        Passes(1, second, headers, "second_copy", "replica_heard");
        Dropped(1, ends.FromService().Seq(First + 101).Ack(Asked + 77).Window(100).Payload(0).Ack(Asked + 10), "second_copy");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void An_acknowledgement_goes_to_where_the_client_stands(Ends ends) => Hot(ends, () =>
    {
        Passes(1, ends.FromService().Seq(First).Ack(Asked).Payload(100));
        var behind = ends.FromService().Seq(First).Ack(Asked + 9).Window(600);
        Passes(0, behind, behind.Seq(First + 100));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Nobody_else_is_heard(Ends ends) => Hot(ends, () =>
    {
        var segment = ends.FromService().Seq(First).Ack(Asked).Payload(1);
        Fenced(segment.From(Scene.Node2).Hops(1), "not a replica");
        Fenced(segment.From(Scene.Node1).Hops(64), "not for one hop");
        Fenced(segment.From(Scene.Node1).Hops(1).Marked(), "a mark");
        Fenced(segment.From(Scene.Node1).Hops(1).Fin(), "closes are told in consents");
        Fenced(segment.From(Scene.Node1).Hops(1).Rst(), "resets, too");
        Fenced(segment.From(Scene.Node1).Hops(1).Syn(), "a SYN-ACK");
        _voices.Set(ends.Key, new Voice { ClientIsn = Given.ClientIsn, Nodes = 0b101 });
        Fenced(segment.From(Scene.Node1).Hops(1), "its voice was taken away");
        _voices.Set(ends.Key, new Voice { ClientIsn = Given.ClientIsn + 1, Nodes = 0b010 });
        Fenced(segment.From(Scene.Node1).Hops(1), "another incarnation's voice");
        _voices.Set(ends.Key, new Voice { ClientIsn = Given.ClientIsn, Nodes = 0b010 });
        _rig.State.Voiced = 0;
        Fenced(segment.From(Scene.Node1).Hops(1), "nobody is heard at all");
        _rig.State.Voiced = 1;
        _rig.State.Assignment = new Assignment(8, 2, 0b001).Word;
        Fenced(segment.From(Scene.Node1).Hops(1), "no replica under this epoch");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_replica_is_heard_only_once_the_active_node_has_spoken(Ends ends) => Hot(ends, begin: false, () =>
    {
        var segment = ends.FromService().Seq(First).Ack(Asked).Payload(1);
        Assert.AreEqual(Verdict.Shot, Run(1, segment).Verdict);
        Passes(0, segment);
        Dropped(1, segment);
        Passes(1, segment.Seq(First + 1));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Where_the_voices_have_gone_the_active_node_goes_on_from_what_the_client_has(Ends ends) => Hot(ends, () =>
    {
        Packet At(uint seq, uint tsval) => ends.FromService().Seq(seq).Ack(Asked).Payload(10).Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(tsval, 5));
        Passes(1, At(First, 1000));
        _voices.Set(ends.Key, new Voice { ClientIsn = Given.ClientIsn });
        Dropped(0, At(First, 500));
        Passes(0, At(First + 10, 500), At(First + 10, 1000));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void An_acknowledgement_of_what_nobody_has_said_goes_to_no_node(Ends ends) => Hot(ends, () =>
    {
        Passes(1, ends.FromService().Seq(First).Ack(Asked).Payload(100));
        Verdict Client(uint ack) => _rig.Run(GatewayRig.Egress, ends.FromClient().Seq(Asked).Ack(ack).ToBytes()).Verdict;
        Assert.AreEqual(Verdict.Ok, Client(First + 100));
        Assert.AreEqual(Verdict.Shot, Client(First + 101));
        Assert.AreEqual(Verdict.Ok, Client(First));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_copy_for_the_replica_is_what_the_active_node_said(Ends ends) => NetworkNamespaceScope.Run(() =>
    {
        using var cable = new Cable();
        using var listener = new FrameListener(cable.Far);
        Prepare(ends, cable.Lan);
        var begun = ends.FromService().Seq(First).Ack(Asked).Window(2);
        Run(0, begun);
        Run(1, ends.FromService().Seq(First).Ack(Asked + 40).Window(300).Payload(100));
        var late = ends.FromService().Seq(First).Ack(Asked).Window(2).Payload(100);
        Dropped(0, late);
        listener.AssertReceived(
            begun.From(Scene.GatewayMac).To(Scene.Node1).ToBytes(),
            late.From(Scene.GatewayMac).To(Scene.Node1).ToBytes());
    });

    /// <summary>
    /// Two nodes say the same stream in pieces of their own, with losses before the gateway, and repeat what the client lacks; one of them dies
    /// somewhere. The client has the stream, and hears no number that goes back.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Seeds))]
    internal void Whoever_is_ahead_and_whoever_dies_the_client_has_the_stream(Ends ends, int seed) => Hot(ends, () =>
    {
        const int Length = 20_000;
        var random = new Random(seed);
        var stream = new byte[Length];
        random.NextBytes(stream);
        var client = new byte[Length];
        var has = new bool[Length];
        uint[] sent = [0, 0];
        uint[] received = [0, 0];
        var (told, stamp, edge) = (0u, 0u, 0u);
        var dies = random.Next(2);
        var diesAt = random.Next(Length);
        for (var step = 0; has.Contains(false); step++)
        {
            Assert.IsLessThan(5000, step, "the stream does not come to its end");
            var node = random.Next(2);
            var next = (uint)Array.IndexOf(has, false);
            if (node == dies && sent[node] > diesAt)
            {
                continue;
            }
            received[node] = Math.Max(received[node], (uint)random.Next(step + 1));
            // Repeats what the client lacks, if it has said that, or goes on.
            var from = random.Next(4) == 0 && next < sent[node] ? next : sent[node];
            var length = (uint)Math.Min(random.Next(0, 400), Length - from);
            sent[node] = Math.Max(sent[node], from + length);
            if (random.Next(10) == 0)
            {
                continue; // lost before the gateway
            }
            _goOn = random.Next(2) == 0;
            var packet = ends.FromService().Seq(First + from).Ack(Asked + received[node]).Window((ushort)random.Next(1, 300))
                .Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps((uint)(1000 + step + (node * 7)), 5))
                .Payload(stream[(int)from..(int)(from + length)]);
            var outcome = Run(node, packet);
            if (outcome.Verdict != Verdict.Ok || random.Next(20) == 0)
            {
                continue; // or lost behind it
            }
            var tcp = outcome.Frame.AsSpan(packet.TransportOffset);
            var payload = tcp[((tcp[12] >> 4) * 4)..];
            var at = (int)(BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]) - First);
            var ack = BinaryPrimitives.ReadUInt32BigEndian(tcp[8..]) - Asked;
            var right = ack + ((uint)BinaryPrimitives.ReadUInt16BigEndian(tcp[14..]) << 8);
            var tsval = BinaryPrimitives.ReadUInt32BigEndian(tcp[24..]);
            Assert.IsTrue(ack >= told && right >= edge && tsval >= stamp, $"step {step}: ack {told} -> {ack}, edge {edge} -> {right}, tsval {stamp} -> {tsval}");
            Assert.IsLessThanOrEqualTo(received.Max(), ack, "acknowledged, and nobody has it");
            (told, stamp, edge) = (ack, tsval, right);
            for (var i = 0; i < payload.Length; i++)
            {
                client[at + i] = has[at + i] ? client[at + i] : payload[i];
                has[at + i] = true;
            }
        }
        CollectionAssert.AreEqual(stream, client);
    });

    private static void Hot(Ends ends, Action test) => Hot(ends, begin: true, test);

    private static void Hot(Ends ends, bool begin, Action test) => NetworkNamespaceScope.Run(() =>
    {
        Prepare(ends, lanIfindex: 1);
        if (begin)
        {
            Run(0, ends.FromService().Seq(First).Ack(Asked).Window(2)); // as the gateway makes it speak
        }
        test();
    });

    private static void Prepare(Ends ends, int lanIfindex)
    {
        _goOn = false;
        _rig.Reset();
        _rig.Assign(Replicated, lanIfindex);
        _rig.Flows.Set(ends.Key, Given.Flow);
        _voices.Set(ends.Key, new Voice { ClientIsn = Given.ClientIsn, Nodes = 0b010 });
        _merges.Set(ends.Key, default);
        _rig.State.Voiced = 1;
    }

    private static Outcome Run(int node, Packet packet)
    {
        var keys = new List<FlowKey>();
        var merges = new List<Merge>();
        _merges.CopyTo(keys, merges);
        for (var i = 0; i < keys.Count; i++)
        {
            var merge = merges[i];
            for (var side = 0; side < 2; side++)
            {
                (merge.Sides[side].BehindNs, merge.Sides[side].PatienceNs) = _goOn ? (0UL, ulong.MaxValue) : (1UL, 0UL);
            }
            _merges.Set(keys[i], merge);
            if (!_goOn && _rig.Flows.TryGet(keys[i], out var flow))
            {
                _rig.Flows.Set(keys[i], flow with { ClientNext = flow.Edge }); // waits for more room
            }
        }
        return _rig.Run(GatewayRig.Ingress, As(node, packet).ToBytes());
    }

    /// <summary>As the node's frame comes to the gateway.</summary>
    private static Packet As(int node, Packet packet) => node == 0 ? packet.From(Scene.Node0) : packet.From(Scene.Node1).Hops(1);

    private static void Passes(int node, Packet packet, params string[] counts) => Passes(node, packet, packet, counts);

    private static void Passes(int node, Packet packet, Packet leaves, params string[] counts)
    {
        var outcome = Run(node, packet);
        Assert.AreEqual(Verdict.Ok, outcome.Verdict);
        outcome.AssertFrame((node == 0 ? leaves.From(Scene.GatewayMac).To(Scene.Node1) : leaves.From(Scene.Node1).Hops(64)).ToBytes());
        if (counts.Length > 0)
        {
            outcome.AssertCounted(counts);
        }
    }

    private static void Dropped(int node, Packet packet, params string[] counts)
    {
        var outcome = Run(node, packet);
        Assert.AreEqual(Verdict.Shot, outcome.Verdict);
        outcome.AssertCounted(counts.Length > 0 ? counts : node == 0 ? ["copied_from_active", "second_copy", "to_client"] : ["second_copy"]);
    }

    private static void Fenced(Packet packet, string because)
    {
        var outcome = _rig.Run(GatewayRig.Ingress, packet.ToBytes());
        Assert.AreEqual(Verdict.Shot, outcome.Verdict, because);
        outcome.AssertCounted("drop_fenced");
    }

    private static byte[] Sack(uint left, uint right)
    {
        var option = new byte[10];
        (option[0], option[1]) = (5, 10);
        BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(2), left);
        BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(6), right);
        return option;
    }

    /// <summary>The window field that ends at an edge, with the scale of <see cref="Given"/>, rounded up.</summary>
    private static ushort Shown(uint edge, uint ack) => (ushort)((edge - ack + 255) >> 8);

    private static Flow Flow(Ends ends) => _rig.Flows.TryGet(ends.Key, out var flow) ? flow : throw new AssertFailedException("no flow");
}
