using Appliance.Recording;

namespace Appliance.Tests.Unit.Recording;

/// <summary>The FIN: one offset after the last byte, with a mark of its own if need be.</summary>
[TestClass]
public sealed class FlowWindowFinTests : IDisposable
{
    private static readonly AppendResult OneNew = new(1, 0, 0, 0, 0);
    private static readonly AppendResult OneDuplicate = new(0, 1, 0, 0, 0);
    private static readonly AppendResult OneConflicting = new(0, 0, 1, 0, 0);
    private static readonly AppendResult OneOld = new(0, 0, 0, 1, 0);

    private readonly FlowWindow _window = new(new ChunkPool(1 << 20), clientIsn: 5, maxBytes: 100);

    public void Dispose() => _window.Dispose();

    [TestMethod]
    public void It_ends_the_piece_that_came_with_the_same_mark()
    {
        Append(0, 10);
        Assert.AreEqual(OneNew, Append(10, 0, fin: true));
        Assert.AreEqual((11L, 10L, 10L, 1), (_window.End, _window.FinOffset, _window.Bytes, _window.Pieces));
        Assert.AreEqual(new WindowPiece(4, 6, 1, Fin: true, 0), Read(4));
        Assert.AreEqual(11, Read(4)?.End);
        Assert.AreEqual(new WindowPiece(10, 0, 1, Fin: true, 0), Read(10));
        Assert.AreEqual((11L, 10L, null), (_window.ContiguousEnd(0), _window.NextHeld(10), _window.NextHeld(11)));
    }

    [TestMethod]
    public void With_another_mark_it_is_a_piece_of_its_own()
    {
        Append(0, 10, ack: 1);
        Append(10, 0, ack: 2, fin: true);
        Assert.AreEqual(new WindowPiece(0, 10, 1, Fin: false, 0), Read(0));
        Assert.AreEqual(new WindowPiece(10, 0, 2, Fin: true, 0), Read(10));
        Assert.AreEqual((2, 11L), (_window.Pieces, _window.ContiguousEnd(0)));
    }

    [TestMethod]
    public void It_may_come_before_the_bytes()
    {
        Append(10, 0, fin: true);
        Assert.AreEqual((0L, 1, 11L), (_window.Bytes, _window.Pieces, _window.End));
        Append(0, 10);
        Assert.AreEqual((1, new WindowPiece(0, 10, 1, Fin: true, 0)), (_window.Pieces, Read(0)));
    }

    [TestMethod]
    public void Its_copy_is_a_duplicate_and_old_once_it_is_released()
    {
        Append(0, 10, fin: true);
        Assert.AreEqual(OneDuplicate, Append(10, 0, fin: true));
        Assert.AreEqual(new AppendResult(0, 4, 0, 0, 0), Append(7, 3, fin: true));
        _window.Release(10);
        Assert.AreEqual((0L, 1), (_window.Bytes, _window.Pieces));
        Assert.AreEqual(new WindowPiece(10, 0, 1, Fin: true, 0), Read(10));
        _window.Release(11);
        Assert.AreEqual((0, 10L, 11L), (_window.Pieces, _window.FinOffset, _window.Start));
        Assert.AreEqual(OneOld, Append(10, 0, fin: true));
    }

    [TestMethod]
    public void Nothing_comes_after_it()
    {
        Append(0, 10, fin: true);
        Assert.AreEqual(new AppendResult(0, 2, 3, 0, 0), Append(8, 5));
        Assert.AreEqual(OneConflicting, Append(12, 0, fin: true));
        _window.Release(11);
        Assert.AreEqual(OneConflicting, Append(11, 1));
        Assert.AreEqual(11, _window.End);
    }

    [TestMethod]
    public void It_cannot_lie_below_recorded_bytes()
    {
        Append(0, 10);
        Assert.AreEqual(OneConflicting, Append(9, 0, fin: true));
        Assert.AreEqual(new AppendResult(0, 5, 1, 0, 0), Append(0, 5, fin: true));
        Assert.IsNull(_window.FinOffset);
        Assert.AreEqual(OneNew, Append(10, 0, fin: true));
    }

    [TestMethod]
    public void It_is_refused_with_the_bytes_before_it()
    {
        Assert.AreEqual(new AppendResult(0, 0, 0, 0, 102), Append(0, 101, fin: true));
        Assert.AreEqual((null, 0L), (_window.FinOffset, _window.End));
        Assert.AreEqual(new AppendResult(101, 0, 0, 0, 0), Append(0, 100, fin: true));
    }

    private AppendResult Append(long offset, int length, uint ack = 1, bool fin = false) =>
        _window.Append(_window.SequenceOf(offset), ack, fin, new byte[length], nowNs: 0);

    private WindowPiece? Read(long from) => _window.TryRead(from, new byte[200], out var piece) ? piece : null;
}
