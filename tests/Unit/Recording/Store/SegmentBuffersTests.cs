using Appliance.Gateway.Recording.Store;

namespace Appliance.Tests.Unit.Recording.Store;

[TestClass]
public sealed class SegmentBuffersTests
{
    private readonly SegmentBuffers _buffers = new();

    [TestMethod]
    public void Nothing_is_lent_twice_before_the_answers()
    {
        var first = _buffers.Rent(Segment.Size);
        Assert.AreNotSame(first, _buffers.Rent(Segment.Size));
    }

    [TestMethod]
    public void What_is_answered_is_used_again()
    {
        byte[][] lent = [_buffers.Rent(Segment.Size), _buffers.Rent(Segment.Size)];
        _buffers.Reclaim();
        CollectionAssert.AreEquivalent(lent, (byte[][])[_buffers.Rent(Segment.Size), _buffers.Rent(Segment.Size)]);
    }

    /// <summary>The connection may still be sending it.</summary>
    [TestMethod]
    public void What_is_not_answered_never_is()
    {
        var lost = _buffers.Rent(Segment.Size);
        _buffers.Abandon();
        _buffers.Reclaim();
        Assert.AreNotSame(lost, _buffers.Rent(Segment.Size));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(1448)]
    [DataRow(Segment.Size)]
    public void It_has_just_as_many_bytes(int length) => Assert.HasCount(length, _buffers.Rent(length));
}
