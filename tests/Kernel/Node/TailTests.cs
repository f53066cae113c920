using Appliance.Bpf.Layout;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Node;

/// <summary>What a node keeps of a silent replica's output, and makes of it at a takeover.</summary>
[TestClass]
public sealed class TailTests
{
    private static NodeRig _rig = null!;

    public static IEnumerable<object[]> Families => Ends.Both.Select(ends => new object[] { ends });

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new NodeRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_end_of_what_was_sent_in_silence_becomes_a_frame_of_now(Ends ends) => Run(ends, () =>
    {
        var sent = ends.FromService().Seq(5001).Ack(1001).Window(512).Options([8, 10, 0, 0, 1, 0, 0, 0, 0, 9]).Payload(100);
        Send(sent);
        var (tail, replica) = Kept(ends);
        replica.Received = 1050;
        replica.OwnWindow = 400;
        var frame = new byte[TailFrame.MaxLength];
        var length = TailFrame.Write(frame, ends.Key, tail, replica, tail.SentNs + 3_900_000);
        var expected = sent.Ack(1050).Window(400).Options([8, 10, 0, 0, 1, 3, 0, 0, 0, 9]);
        Assert.AreEqual(Convert.ToHexStringLower(expected.ToBytes()), Convert.ToHexStringLower(frame.AsSpan(0, length)));
    });

    [TestMethod]
    [DataRow(1)]
    [DataRow(Tail.MaxContent)]
    [DataRow(Tail.MaxContent + 1)]
    [DataRow(3600)]
    public void Only_the_end_of_a_long_segment_is_kept(int bytes) => Run(Ends.V4, () =>
    {
        var sent = Ends.V4.FromService().Seq(5001).Ack(1001).Payload(bytes);
        Send(sent);
        var (tail, replica) = Kept(Ends.V4);
        var length = Math.Min(bytes, Tail.MaxContent);
        Assert.AreEqual(((ushort)length, 5001u + (uint)(bytes - length)), (tail.Length, tail.Seq));
        Assert.AreEqual(5001u + (uint)bytes, replica.Sent);
        ReadOnlySpan<byte> content = tail.Content;
        Assert.IsTrue(content[..length].SequenceEqual(sent.Content[^length..]));
    });

    [TestMethod]
    public void Of_many_segments_in_one_packet_the_last_is_kept() => Run(Ends.V4, () =>
    {
        var sent = Ends.V4.FromService().Seq(5001).Ack(1001).Payload(3000);
        _rig.Run(NodeRig.Egress, sent.ToBytes(), new() { GsoSize = 1000, GsoSegments = 3 });
        var (tail, _) = Kept(Ends.V4);
        Assert.AreEqual((1000, 7001u), (tail.Length, tail.Seq));
    });

    [TestMethod]
    public void A_fin_is_part_of_the_end() => Run(Ends.V4, () =>
    {
        foreach (var bytes in new[] { 0, 100 })
        {
            _rig.Replicas.Set(Ends.V4.Key, Given.Replica);
            var sent = Ends.V4.FromService().Seq(5001).Ack(1001).Window(512).Fin().Payload(bytes);
            Send(sent); // and the gateway is told, with a marked frame that no router passes on
            var (tail, replica) = Kept(Ends.V4);
            Assert.AreEqual((bytes, 5002u + (uint)bytes), (tail.Length, replica.Sent));
            var frame = new byte[TailFrame.MaxLength];
            var length = TailFrame.Write(frame, Ends.V4.Key, tail, replica with { Received = 1001, OwnWindow = 512 }, tail.SentNs);
            Assert.AreEqual(Convert.ToHexStringLower(sent.ToBytes()), Convert.ToHexStringLower(frame.AsSpan(0, length)));
        }
    });

    [TestMethod]
    public void What_was_sent_again_is_left_to_the_stack_and_new_output_is_not() => Run(Ends.V4, () =>
    {
        var sent = Ends.V4.FromService().Seq(5001).Ack(1001).Payload(100);
        Send(sent);
        Send(sent);
        Assert.AreNotEqual(0, Kept(Ends.V4).Tail.Repeated);
        Send(sent.Seq(5101));
        var (tail, _) = Kept(Ends.V4);
        Assert.AreEqual((0, 5101u), (tail.Repeated, tail.Seq));
    });

    [TestMethod]
    public void Nothing_but_the_very_end_of_this_connection_is_sent() => Run(Ends.V4, () =>
    {
        Send(Ends.V4.FromService().Seq(5001).Ack(1001).Payload(100));
        var (tail, replica) = Kept(Ends.V4);
        Assert.AreEqual(0, Length(tail, replica with { Sent = replica.Sent + 1 }), "there is more");
        Assert.AreEqual(0, Length(tail, replica with { ClientIsn = 1 }), "another connection");
        Assert.AreEqual(0, Length(tail with { HeaderLength = 0 }, replica), "it is being written");
        Assert.AreEqual(0, Length(tail with { HeaderLength = 200 }, replica));
        Assert.AreEqual(0, Length(tail with { Length = 2000, Seq = replica.Sent - 2000 }, replica));
        Assert.AreEqual(154, Length(tail, replica));
    });

    [TestMethod]
    public void What_the_client_has_or_what_it_hears_is_not_kept() => Run(Ends.V4, () =>
    {
        var sent = Ends.V4.FromService().Seq(5001).Ack(1001).Payload(100);
        _rig.Replicas.Set(Ends.V4.Key, Given.Replica with { ClientAck = 5101 });
        Send(sent);
        Assert.IsFalse(_rig.Tails.TryGet(Ends.V4.Key, out _), "the client has it");
        _rig.Replicas.Set(Ends.V4.Key, Given.Replica);
        _rig.State = NodeRig.TookOver;
        Send(sent);
        Assert.IsFalse(_rig.Tails.TryGet(Ends.V4.Key, out _), "the client hears it");
        _rig.State = NodeRig.TookOver with { Heard = 0 };
        Send(sent.Seq(5101));
        Assert.IsTrue(_rig.Tails.TryGet(Ends.V4.Key, out _), "the node speaks, and the gateway has not turned");
    });

    [TestMethod]
    public void It_goes_with_its_replica() => Run(Ends.V4, () =>
    {
        Send(Ends.V4.FromService().Seq(5001).Ack(1001).Payload(100));
        _rig.State = NodeRig.TookOver;
        Send(Ends.V4.FromService().Seq(90_000).Ack(70_001).Syn());
        Assert.IsFalse(_rig.Replicas.TryGet(Ends.V4.Key, out _));
        Assert.IsFalse(_rig.Tails.TryGet(Ends.V4.Key, out _));
    });

    private static void Run(Ends ends, Action test) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        _rig.Replicas.Set(ends.Key, Given.Replica);
        test();
    });

    private static void Send(Packet packet) => _rig.Run(NodeRig.Egress, packet.ToBytes());

    private static int Length(in Tail tail, in Replica replica) => TailFrame.Write(new byte[TailFrame.MaxLength], Ends.V4.Key, tail, replica, 1);

    private static (Tail Tail, Replica Replica) Kept(Ends ends)
    {
        Assert.IsTrue(_rig.Tails.TryGet(ends.Key, out var tail));
        Assert.IsTrue(_rig.Replicas.TryGet(ends.Key, out var replica));
        return (tail, replica);
    }
}
