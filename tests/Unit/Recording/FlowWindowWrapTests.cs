using Appliance.Recording;

namespace Appliance.Tests.Unit.Recording;

/// <summary>Sequence numbers wrap every 4 GiB, offsets never.</summary>
[TestClass]
public sealed class FlowWindowWrapTests
{
    private const long Wrap = 1L << 32;

    private readonly ChunkPool _pool = new(1 << 20);

    [TestMethod]
    [DataRow(uint.MaxValue)]
    [DataRow(uint.MaxValue - 1)]
    [DataRow(uint.MaxValue - 50)]
    [DataRow(uint.MaxValue - 4096)]
    [DataRow(0u)]
    [DataRow(int.MaxValue - 50u)]
    public void A_stream_may_start_near_a_wrap(uint isn)
    {
        using var window = new FlowWindow(_pool, isn, maxBytes: 1 << 20);
        Fill(window, isn + 1, from: 0);
    }

    [TestMethod]
    [DataRow(Wrap - 5000)]
    [DataRow(Wrap)]
    [DataRow((1L << 31) - 5000)]
    [DataRow((3 * Wrap) - 77)]
    [DataRow((1_000_000 * Wrap) - 5000)]
    public void A_stream_may_be_longer_than_a_wrap(long from)
    {
        using var window = new FlowWindow(_pool, 12345, maxBytes: 1 << 20);
        window.Release(from);
        Fill(window, unchecked(12346 + (uint)from), from);
    }

    [TestMethod]
    public void Sixteen_gigabytes_keep_their_place()
    {
        using var window = new FlowWindow(_pool, 0xFFFF_0000, maxBytes: long.MaxValue);
        for (var i = 1L; i <= 64; i++)
        {
            window.Release(i << 28);
            var sequence = window.SequenceOf(window.End);
            Assert.AreEqual(3, window.Append(sequence, 0, fin: false, [1, 2, 3], 0).New);
            Assert.AreEqual(3, window.Append(sequence, 0, fin: false, [1, 2, 3], 0).Duplicate);
            Assert.AreEqual(((i << 28) + 3, 3L), (window.End, window.Bytes));
        }
    }

    [TestMethod]
    public void The_nearest_offset_is_meant()
    {
        using var window = new FlowWindow(_pool, 7, maxBytes: 100);
        window.Release(10 * Wrap);
        foreach (var distance in new[] { 0, 1, -1, 1_000_000_000, -1_000_000_000, int.MaxValue, int.MinValue })
        {
            var offset = (10 * Wrap) + distance;
            Assert.AreEqual(offset, window.OffsetOf(window.SequenceOf(offset)));
        }
    }

    private static void Fill(FlowWindow window, uint sequence, long from)
    {
        const int size = 100;
        var payload = new byte[size];
        foreach (var i in Enumerable.Range(0, 100).Select(static i => i ^ 1))
        {
            var length = i == 99 ? size - 1 : size;
            Array.Fill(payload, (byte)i);
            var result = window.Append(unchecked(sequence + (uint)(i * size)), 9, fin: i == 99, payload.AsSpan(0, length), 0);
            Assert.AreEqual(new AppendResult(size, 0, 0, 0, 0), result);
        }
        Assert.AreEqual((from + 10_000, from + 9_999, 1), (window.End, window.FinOffset, window.Pieces));
        Assert.AreEqual(from + 10_000, window.ContiguousEnd(from));
        var all = new byte[20_000];
        Assert.IsTrue(window.TryRead(from, all, out var piece));
        Assert.AreEqual(new WindowPiece(from, 9_999, 9, Fin: true, 0), piece);
        Assert.IsTrue(Enumerable.Range(0, 9_999).All(i => all[i] == i / size));
    }
}
