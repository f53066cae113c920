using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;
using Appliance.Node;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Replication;

/// <summary>Which bytes of a connection wait for the replica's output, and therefore are not missing.</summary>
[TestClass]
public sealed class RepairHoldingTests
{
    private const int Payload = 10;

    private readonly HoldingQueue _queue = new(maxBytes: 1000);

    [TestMethod]
    public void Nothing_held_has_no_number() => Assert.IsNull(_queue.NextSequence(Ends.V4.Key, received: 0));

    [TestMethod]
    [DataRow(new uint[] { 7 }, 7u)]
    [DataRow(new uint[] { 300, 100, 200 }, 100u)]
    [DataRow(new uint[] { 5, 0xffff_fff0 }, 0xffff_fff0u, DisplayName = "around zero")]
    [DataRow(new uint[] { 0x8000_0001, 0x7fff_fff0 }, 0x7fff_fff0u, DisplayName = "around the middle")]
    public void The_lowest_number_is_the_first_byte_that_is_held(uint[] sequences, uint expected)
    {
        foreach (var sequence in sequences)
        {
            Add(Ends.V4.Key, sequence);
        }
        Add(Ends.V6.Key, expected - 1);
        Assert.AreEqual(expected, _queue.NextSequence(Ends.V4.Key, received: expected));
    }

    [TestMethod]
    [DataRow(100u, 100u)]
    [DataRow(109u, 100u, DisplayName = "its last byte is missing")]
    [DataRow(110u, 200u, DisplayName = "all of it was received on another way")]
    [DataRow(209u, 200u)]
    public void What_has_nothing_new_does_not_count(uint received, uint expected)
    {
        Add(Ends.V4.Key, 100);
        Add(Ends.V4.Key, 200);
        Assert.AreEqual(expected, _queue.NextSequence(Ends.V4.Key, received));
        Assert.IsNull(_queue.NextSequence(Ends.V4.Key, received: 210));
    }

    [TestMethod]
    public void A_bare_fin_is_one_byte()
    {
        Add(Ends.V4.Key, 100, payload: 0);
        Assert.AreEqual(100u, _queue.NextSequence(Ends.V4.Key, received: 100));
        Assert.IsNull(_queue.NextSequence(Ends.V4.Key, received: 101));
    }

    [TestMethod]
    [DataRow(ReportKind.HeldEarly)]
    [DataRow(ReportKind.HeldReset)]
    public void What_waits_for_something_else_does_not_count(ReportKind kind)
    {
        Add(Ends.V4.Key, 100, kind: kind);
        Assert.IsNull(_queue.NextSequence(Ends.V4.Key, received: 50));
    }

    [TestMethod]
    public void What_is_held_already_is_not_held_twice()
    {
        Add(Ends.V4.Key, 100);
        Add(Ends.V4.Key, 100);
        Assert.AreEqual(1, _queue.Count);
        Add(Ends.V4.Key, 100, payload: Payload + 1);
        Assert.AreEqual(2, _queue.Count, "this one has more");
    }

    [TestMethod]
    public void What_was_released_does_not_count()
    {
        Add(Ends.V4.Key, 100);
        Add(Ends.V4.Key, 200);
        _queue.Drop(Ends.V4.Key, static s => s.Sequence == 100);
        Assert.AreEqual(200u, _queue.NextSequence(Ends.V4.Key, received: 100));
        _queue.ReleaseSent(Ends.V4.Key, 0, 1, static _ => { });
        Assert.IsNull(_queue.NextSequence(Ends.V4.Key, received: 100));
    }

    private void Add(in FlowKey key, uint sequence, int payload = Payload, ReportKind kind = ReportKind.HeldCausal)
    {
        const int L4 = 34;
        const int Header = 32;
        Span<byte> record = stackalloc byte[Report.FrameOffset];
        record.Clear();
        var words = MemoryMarshal.Cast<byte, uint>(record);
        (words[0], words[2], words[3]) = ((uint)kind, L4, (uint)(L4 + Header + payload));
        Span<byte> frame = stackalloc byte[L4 + Header + payload];
        frame.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(frame[(L4 + 4)..], sequence);
        frame[L4 + 12] = Header / 4 << 4;
        Assert.IsTrue(_queue.TryAdd(key, new HeldSegment(MemoryMarshal.Read<Report>(record), frame, nowNs: 5)));
    }
}
