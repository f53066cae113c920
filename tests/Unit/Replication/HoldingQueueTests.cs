using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;
using Appliance.Node;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Replication;

[TestClass]
public sealed class HoldingQueueTests
{
    private static readonly FlowKey One = Ends.V4.Key;
    private static readonly FlowKey Other = Ends.V6.Key;

    private readonly HoldingQueue _queue = new(maxBytes: 100);
    private readonly List<uint> _taken = [];

    [TestMethod]
    public void Segments_leave_in_the_order_of_the_output_that_they_wait_for()
    {
        Add(One, 1, 3, 2, 9, 4);
        _queue.ReleaseSent(One, 4, 1, Take);
        CollectionAssert.AreEqual(new uint[] { 1, 2, 3, 4 }, _taken);
        Assert.AreEqual((1, 10L), (_queue.Count, _queue.Bytes));
        _queue.ReleaseSent(One, 10, 1, Take);
        CollectionAssert.AreEqual(new uint[] { 1, 2, 3, 4, 9 }, _taken);
        Assert.AreEqual((0, 0L), (_queue.Count, _queue.Bytes));
        Assert.IsEmpty(_queue.Flows);
    }

    [TestMethod]
    public void Numbers_go_on_beyond_zero()
    {
        Add(One, 5, 0xffff_fffe, 0xffff_fff0);
        _queue.ReleaseSent(One, 0xffff_fffe, 1, Take);
        CollectionAssert.AreEqual(new uint[] { 0xffff_fff0, 0xffff_fffe }, _taken);
    }

    [TestMethod]
    public void A_long_queue_leaves_one_by_one()
    {
        var queue = new HoldingQueue(maxBytes: 100_000);
        for (var i = 0u; i < 1000; i++)
        {
            Assert.IsTrue(queue.TryAdd(One, Segment(i)));
        }
        for (var i = 0u; i < 1000; i++)
        {
            queue.ReleaseSent(One, i, 1, Take);
            Assert.HasCount((int)i + 1, _taken);
            Assert.AreEqual(999 - (int)i, queue.Count);
        }
        CollectionAssert.AreEqual(Enumerable.Range(0, 1000).Select(i => (uint)i).ToArray(), _taken);
    }

    [TestMethod]
    public void Flows_do_not_mix()
    {
        Add(One, 1);
        Add(Other, 2);
        CollectionAssert.AreEquivalent(new[] { One, Other }, _queue.Flows.ToArray());
        _queue.ReleaseSent(Other, 9, 1, Take);
        CollectionAssert.AreEqual(new uint[] { 2 }, _taken);
        CollectionAssert.AreEqual(new[] { One }, _queue.Flows.ToArray());
    }

    [TestMethod]
    public void What_does_not_fit_is_refused_until_there_is_room()
    {
        Add(One, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        Assert.IsFalse(_queue.TryAdd(Other, Segment(11)));
        Assert.AreEqual((10, 100L), (_queue.Count, _queue.Bytes));
        CollectionAssert.DoesNotContain(_queue.Flows.ToArray(), Other);
        _queue.ReleaseSent(One, 1, 1, Take);
        Assert.IsTrue(_queue.TryAdd(Other, Segment(11)));
    }

    [TestMethod]
    public void An_unknown_flow_has_nothing_to_release()
    {
        _queue.ReleaseSent(One, 9, 1, Take);
        _queue.ReleaseOthers(One, static _ => true, Take);
        _queue.Drop(One, static _ => true);
        Assert.IsEmpty(_taken);
    }

    [TestMethod]
    public void Kinds_leave_one_by_one()
    {
        foreach (var kind in new[] { ReportKind.HeldReset, ReportKind.HeldCausal, ReportKind.HeldEarly })
        {
            Assert.IsTrue(_queue.TryAdd(One, Segment((uint)kind, kind)));
        }
        _queue.ReleaseSent(One, 99, 1, Take);
        _queue.ReleaseOthers(One, static s => s.Kind == ReportKind.HeldEarly, Take);
        _queue.ReleaseOthers(One, static s => s.Kind == ReportKind.HeldReset, Take);
        CollectionAssert.AreEqual(new[] { (uint)ReportKind.HeldCausal, (uint)ReportKind.HeldEarly, (uint)ReportKind.HeldReset }, _taken);
        Assert.AreEqual((0, 0L), (_queue.Count, _queue.Bytes));
    }

    [TestMethod]
    public void Any_kind_can_be_dropped()
    {
        Add(One, 1, 2, 3);
        Assert.IsTrue(_queue.TryAdd(One, Segment(2, ReportKind.HeldEarly)));
        _queue.Drop(One, static s => s.Release == 2);
        Assert.AreEqual((2, 20L), (_queue.Count, _queue.Bytes));
        _queue.ReleaseSent(One, 3, 1, Take);
        CollectionAssert.AreEqual(new uint[] { 1, 3 }, _taken);
    }

    [TestMethod]
    public void Progress_is_more_output_than_before()
    {
        Add(One, 100);
        Assert.AreEqual(0ul, _queue.ProgressNs(One));
        foreach (var (sent, at, expected) in new[] { (10u, 5ul, 5ul), (10u, 6ul, 5ul), (11u, 7ul, 7ul), (9u, 8ul, 7ul) })
        {
            _queue.ReleaseSent(One, sent, at, Take);
            Assert.AreEqual(expected, _queue.ProgressNs(One));
        }
    }

    [TestMethod]
    public void The_first_one_can_be_let_go_and_the_next_waits_as_long_again()
    {
        Assert.IsFalse(_queue.TryPeek(One, out _));
        Add(One, 30, 20);
        Assert.IsTrue(_queue.TryAdd(One, Segment(1, ReportKind.HeldEarly)));
        Assert.IsTrue(_queue.TryPeek(One, out var first));
        Assert.AreEqual(20u, first.Release);
        _queue.ReleaseFirst(One, 9, Take);
        CollectionAssert.AreEqual(new uint[] { 20 }, _taken);
        Assert.AreEqual((9ul, 2), (_queue.ProgressNs(One), _queue.Count));
        _queue.ReleaseFirst(One, 10, Take);
        _queue.ReleaseFirst(One, 11, Take);
        CollectionAssert.AreEqual(new uint[] { 20, 30 }, _taken, "what waits for something else stays");
        Assert.IsFalse(_queue.TryPeek(One, out _));
        _queue.ReleaseFirst(Other, 12, Take);
    }

    [TestMethod]
    [DataRow(ReportKind.HeldCausal)]
    [DataRow(ReportKind.HeldEarly)]
    [DataRow(ReportKind.HeldReset)]
    public void A_segment_keeps_what_was_reported(ReportKind kind)
    {
        var segment = Segment(77, kind);
        Assert.AreEqual((kind, 77u, 34, 10, 5ul), (segment.Kind, segment.Release, segment.L4, segment.Length, segment.SinceNs));
        CollectionAssert.AreEqual(new byte[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, segment.Frame.ToArray());
    }

    private static HeldSegment Segment(uint release, ReportKind kind = ReportKind.HeldCausal)
    {
        Span<byte> record = stackalloc byte[Report.FrameOffset];
        record.Clear();
        var words = MemoryMarshal.Cast<byte, uint>(record);
        (words[0], words[1], words[2], words[3]) = ((uint)kind, release, 34, 10);
        return new HeldSegment(MemoryMarshal.Read<Report>(record), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], nowNs: 5);
    }

    private void Add(in FlowKey key, params ReadOnlySpan<uint> releases)
    {
        foreach (var release in releases)
        {
            Assert.IsTrue(_queue.TryAdd(key, Segment(release)));
        }
    }

    private void Take(HeldSegment segment) => _taken.Add(segment.Release);
}
