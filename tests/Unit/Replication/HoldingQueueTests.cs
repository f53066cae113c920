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
    public void Segments_leave_in_the_order_in_which_they_came()
    {
        Add(One, 1, 3, 2);
        _queue.Release(One, static _ => true, Take);
        CollectionAssert.AreEqual(new uint[] { 1, 3, 2 }, _taken);
        Assert.AreEqual((0, 0L), (_queue.Count, _queue.Bytes));
        Assert.IsEmpty(_queue.Flows);
    }

    [TestMethod]
    public void Those_that_are_not_ready_stay_in_order()
    {
        Add(One, 1, 20, 2, 30, 3);
        _queue.Release(One, static s => s.Release < 10, Take);
        CollectionAssert.AreEqual(new uint[] { 1, 2, 3 }, _taken);
        Assert.AreEqual((2, 20L), (_queue.Count, _queue.Bytes));
        Add(One, 25);
        _taken.Clear();
        _queue.Release(One, static _ => true, Take);
        CollectionAssert.AreEqual(new uint[] { 20, 30, 25 }, _taken);
    }

    [TestMethod]
    public void Flows_do_not_mix()
    {
        Add(One, 1);
        Add(Other, 2);
        CollectionAssert.AreEquivalent(new[] { One, Other }, _queue.Flows.ToArray());
        _queue.Release(Other, static _ => true, Take);
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
        _queue.Release(One, static s => s.Release == 1, Take);
        Assert.IsTrue(_queue.TryAdd(Other, Segment(11)));
    }

    [TestMethod]
    public void An_unknown_flow_has_nothing_to_release()
    {
        _queue.Release(One, static _ => true, Take);
        Assert.IsEmpty(_taken);
    }

    [TestMethod]
    public void Kinds_leave_one_by_one()
    {
        foreach (var kind in new[] { ReportKind.HeldReset, ReportKind.HeldCausal, ReportKind.HeldEarly })
        {
            Assert.IsTrue(_queue.TryAdd(One, Segment((uint)kind, kind)));
        }
        foreach (var kind in new[] { ReportKind.HeldCausal, ReportKind.HeldEarly, ReportKind.HeldReset })
        {
            _taken.Clear();
            _queue.Release(One, s => s.Kind == kind, Take);
            CollectionAssert.AreEqual(new[] { (uint)kind }, _taken);
        }
        Assert.AreEqual((0, 0L), (_queue.Count, _queue.Bytes));
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
