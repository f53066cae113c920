using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Node;

/// <summary>What a replica and the active node say in datagrams, summed up where it passes the node.</summary>
[TestClass]
public sealed class DatagramSaidTests
{
    private const uint First = 700;
    private const uint Highest = 705;

    private static NodeRig _rig = null!;

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e.At(Services.OnlyUdp) });

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new NodeRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_a_silent_replica_says_is_summed_up_and_swallowed(Ends ends) => With(ends, () =>
    {
        var outcome = Own(Packet(ends).Payload("answer"u8.ToArray()));
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        outcome.AssertCounted("silenced");
        var (said, kept) = _rig.TakeSaid().Single();
        Assert.AreEqual((ends.Key, Highest, First, 6u, 1u), (said.Key, said.Number, said.First, said.Length, said.IsOwn));
        CollectionAssert.AreEqual("answer"u8.ToArray(), kept);
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_copy_of_what_the_active_node_says_has_the_number_that_the_gateway_gave_it(Ends ends) => With(ends, () =>
    {
        foreach (var (stamp, number) in new[] { (Highest + 3, Highest + 3), (Highest, Highest), (First, Highest), (unchecked(Highest - 0x7000), Highest) })
        {
            var outcome = Active(Packet(ends).Payload(20).Numbered(stamp));
            Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
            outcome.AssertCounted("server_copy_read");
            var (said, _) = _rig.TakeSaid().Single();
            Assert.AreEqual((ends.Key, number, First, 20u, 0u), (said.Key, said.Number, said.First, said.Length, said.IsOwn), $"stamp {stamp}");
        }
        _rig.Datagrams.Set(ends.Key, new DatagramFlow { LastNs = 1, Highest = 0x1fffe, First = 0x1fff0 });
        Active(Packet(ends).Payload(20).Numbered(3));
        Assert.AreEqual(0x20003u, _rig.TakeSaid().Single().Said.Number, "around 16 bits");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_same_datagram_has_one_sum_and_any_other_another(Ends ends) => With(ends, () =>
    {
        var sums = new HashSet<ulong>();
        foreach (var length in new[] { 0, 1, 7, 8, 9, 63, 64, 500, 1400, 3600 })
        {
            var payload = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
            var sum = SumOf(ends, isOwn: true, payload);
            Assert.AreEqual(sum, SumOf(ends, isOwn: false, payload), $"{length} bytes");
            Assert.IsTrue(sums.Add(sum), $"{length} bytes");
            for (var i = 0; i < length; i += 1 + (length / 50))
            {
                payload[i] ^= 0x80;
                Assert.IsTrue(sums.Add(SumOf(ends, isOwn: true, payload)), $"{length} bytes, byte {i}");
                payload[i] ^= 0x80;
            }
        }
        Assert.AreNotEqual(SumOf(ends, isOwn: true, [1, 0]), SumOf(ends, isOwn: true, [1, 0, 0]), "a zero more");
        Assert.AreNotEqual(
            SumOf(ends, isOwn: true, "onetwo.."u8.ToArray().Concat("threefou"u8.ToArray()).ToArray()),
            SumOf(ends, isOwn: true, "threefou"u8.ToArray().Concat("onetwo.."u8.ToArray()).ToArray()), "in another order");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_beginning_of_a_long_one_is_kept(Ends ends) => With(ends, () =>
    {
        var packet = Packet(ends).Payload(1000);
        Own(packet);
        var (said, kept) = _rig.TakeSaid().Single();
        Assert.AreEqual(1000u, said.Length);
        CollectionAssert.AreEqual(packet.Content[..DatagramSaid.KeptBytes].ToArray(), kept);
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void An_offloaded_packet_is_many_datagrams(Ends ends) => With(ends, () =>
    {
        const int Size = 1000;
        var payload = Packet(ends).Payload((2 * Size) + 1).Content.ToArray();
        var gso = new SkbContext { GsoSize = Size, GsoSegments = 3 };
        byte[][] parts = [payload[..Size], payload[Size..(2 * Size)], payload[(2 * Size)..]];
        var sums = parts.Select(part => SumOf(ends, isOwn: false, part)).ToArray();
        _rig.Run(NodeRig.Egress, Packet(ends).Payload(payload).ToBytes(), gso);
        var said = _rig.TakeSaid();
        CollectionAssert.AreEqual(sums, said.Select(s => s.Said.Sum).ToArray());
        CollectionAssert.AreEqual(new[] { 1000u, 1000u, 1u }, said.Select(s => s.Said.Length).ToArray());
        CollectionAssert.AreEqual(parts[1][..DatagramSaid.KeptBytes], said[1].Kept);
        _rig.Run(NodeRig.Ingress, Packet(ends).Payload(payload).Numbered(Highest).ToBytes(), gso);
        CollectionAssert.AreEqual(sums, _rig.TakeSaid().Select(s => s.Said.Sum).ToArray());
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_cannot_be_compared_is_not_summed_up(Ends ends) => With(ends, () =>
    {
        var packet = Packet(ends).Payload(20);
        Active(packet);
        AssertNothing("an original, which the gateway has not numbered");
        Own(packet.Fragment(0, more: true));
        AssertNothing("a fragment");
        Own(Packet(ends.At(53)).Payload(20));
        AssertNothing("of a client whose datagrams have not come");
        foreach (var state in new[] { NodeRig.Active, NodeRig.TookOver, NodeRig.LeaseEnded })
        {
            _rig.State = state;
            Own(packet);
            Active(packet.Numbered(Highest));
            AssertNothing("of a node that is no replica");
        }
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Under_load_some_flows_are_left_out_on_both_sides(Ends ends) => With(ends, () =>
    {
        var compared = 0;
        _rig.State.Compared = 1;
        for (var port = 20_000; port < 20_200; port++)
        {
            var flow = ends with { Client = new(ends.Client.Address, port) };
            _rig.Datagrams.Set(flow.Key, new DatagramFlow { LastNs = 1, Highest = Highest, First = First });
            Own(Packet(flow).Payload(20));
            Active(Packet(flow).Payload(20).Numbered(Highest));
            var said = _rig.TakeSaid();
            Assert.IsTrue(said.Count is 0 or 2, $"{said.Count} of port {port}");
            compared += said.Count / 2;
        }
        Assert.IsInRange(60, 140, compared);
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_finds_no_room_is_counted(Ends ends) => With(ends, () =>
    {
        var before = _rig.Counters;
        for (var i = 0; i < 300; i++)
        {
            Own(Packet(ends).Payload(20));
        }
        var counted = _rig.CountedSince(before);
        Assert.HasCount(300 - counted["datagram_uncompared"], _rig.TakeSaid());
    });

    private static void With(Ends ends, Action test) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        _rig.Datagrams.Set(ends.Key, new DatagramFlow { LastNs = 1, Highest = Highest, First = First });
        test();
    });

    private static Packet Packet(Ends ends) => ends.FromService().Udp();

    private static Outcome Own(Packet packet) => _rig.Run(NodeRig.Egress, packet.ToBytes());

    private static Outcome Active(Packet packet) => _rig.Run(NodeRig.Ingress, packet.ToBytes());

    private static ulong SumOf(Ends ends, bool isOwn, byte[] payload)
    {
        _ = isOwn ? Own(Packet(ends).Payload(payload)) : Active(Packet(ends).Payload(payload).Numbered(Highest));
        return _rig.TakeSaid().Single().Said.Sum;
    }

    private static void AssertNothing(string what) => Assert.IsEmpty(_rig.TakeSaid(), what);
}
