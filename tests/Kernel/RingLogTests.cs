using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel;

/// <summary>A ring as a log: what was read stays until its room is given back. The gateway's programs write it.</summary>
[TestClass]
public sealed class RingLogTests
{
    private const int RingBytes = 16_384;

    private static GatewayRig _rig = null!;

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig(RingBytes);

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    public void A_record_is_shown_until_it_is_passed() => WithFlow(static () =>
    {
        var ring = _rig.Ring;
        Assert.AreEqual((ulong)RingBytes, ring.Size);
        Assert.IsFalse(ring.TryPeek(out _));
        Write(1001, 10);
        Write(1011, 20);
        Assert.AreEqual(1001u, Peek(ring)!.Seq);
        Assert.AreEqual(1001u, Peek(ring)!.Seq);
        ring.Advance();
        Assert.AreEqual(1011u, Peek(ring)!.Seq);
        ring.Advance();
        Assert.IsFalse(ring.TryPeek(out _));
        Assert.AreEqual(ring.Produced, ring.Position);
        Write(1031, 1);
        Assert.AreEqual(1031u, Peek(ring)!.Seq);
    });

    [TestMethod]
    public void What_was_not_released_is_read_again_by_the_next_reader() => WithFlow(static () =>
    {
        for (var i = 0u; i < 5; i++)
        {
            Write(1001 + i, 1);
        }
        using (var first = new RingLog(_rig.Object, "records"))
        {
            Assert.IsTrue(first.TryPeek(out _));
            first.Advance();
            Assert.IsTrue(first.TryPeek(out _));
            first.Advance();
            first.Release(first.Position);
            Assert.IsTrue(first.TryPeek(out _));
            first.Advance();
        }
        using var second = new RingLog(_rig.Object, "records");
        Assert.AreEqual(second.Released, second.Position);
        foreach (var seq in new[] { 1003u, 1004u, 1005u })
        {
            Assert.AreEqual(seq, Peek(second)!.Seq);
            second.Advance();
        }
        Assert.IsFalse(second.TryPeek(out _));
    });

    [TestMethod]
    public void Room_is_given_back_once_and_never_taken_back() => WithFlow(static () =>
    {
        var ring = _rig.Ring;
        var start = ring.Released;
        Write(1001, 10);
        ring.TryPeek(out _);
        ring.Advance();
        Assert.AreEqual(start, ring.Released, "reading gives nothing back");
        ring.Release(ring.Position);
        Assert.AreEqual(ring.Position, ring.Released);
        ring.Release(start);
        Assert.AreEqual(ring.Position, ring.Released);
    });

    [TestMethod]
    public void What_the_programs_discarded_is_skipped() => WithFlow(static () =>
    {
        var ring = _rig.Ring;
        var start = ring.Produced;
        Write(1001, 10);
        Discard();
        Discard();
        Write(1011, 10);
        Discard();
        Assert.AreEqual(start + (2 * 336) + (3 * 112), ring.Produced);
        Assert.AreEqual(1001u, Peek(ring)!.Seq);
        ring.Advance();
        Assert.AreEqual(1011u, Peek(ring)!.Seq);
        ring.Advance();
        Assert.IsFalse(ring.TryPeek(out _));
        Assert.AreEqual(ring.Produced, ring.Position, "past the last one, too, or it would stay for ever");
        ring.Release(ring.Position);
        Assert.AreEqual(ring.Produced, ring.Released);
    });

    [TestMethod]
    public void Big_records_come_whole_across_the_end_of_the_ring() => WithFlow(static () =>
    {
        const int Rounds = 60;
        var seq = 1001u;
        var start = _rig.Ring.Produced;
        for (var i = 0; i < Rounds; i++)
        {
            foreach (var payload in new[] { 3600, 1 + (i * 4), 1500, 0 })
            {
                Write(seq, payload);
                var expected = Recorded.Data(Ends.V4, Segment(seq, payload), Given.ClientIsn, GatewayRig.Alone, Owed.Right);
                Assert.AreEqual(expected, Peek(_rig.Ring));
                _rig.Ring.Advance();
                seq += (uint)payload;
            }
            _rig.Ring.Release(_rig.Ring.Position);
        }
        Assert.IsGreaterThan(20ul * RingBytes, _rig.Ring.Produced - start);
    });

    private static void WithFlow(Action test) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        _rig.Flows.Set(Ends.V4.Key, Given.Flow);
        test();
    });

    private static Packet Segment(uint seq, int payload) => Ends.V4.FromClient().Seq(seq).Ack(5001).Payload(payload).Fin();

    private static void Write(uint seq, int payload) =>
        _rig.Run(GatewayRig.Egress, Segment(seq, payload).ToBytes()).AssertCounted("recorded", "to_active");

    /// <summary>The beginning of a flow that finds no place in a full table.</summary>
    private static void Discard()
    {
        for (var port = 1; port < GatewayRig.MaxFlows; port++)
        {
            _rig.Flows.Set((Ends.V4 with { Client = new(Ends.V4.Client.Address, port) }).Key, Given.Flow);
        }
        _rig.Openings.Set(Ends.V6.Key, Given.Agreed);
        _rig.Run(GatewayRig.Egress, Ends.V6.FromClient().Seq(1001).Ack(5001).ToBytes()).AssertCounted("flow_table_full", "to_active");
    }

    private static Recorded? Peek(RingLog ring) => ring.TryPeek(out var record) ? Recorded.From(record) : null;
}
