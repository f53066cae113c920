using Appliance.Recording;

namespace Appliance.Tests.Unit.Recording;

[TestClass]
public sealed class ChunkPoolTests
{
    [TestMethod]
    public void Chunks_are_bounded_in_total()
    {
        var pool = new ChunkPool((2 * ChunkPool.ChunkBytes) + 100);
        Assert.IsTrue(pool.TryRent(out var first));
        Assert.IsTrue(pool.TryRent(out var second));
        Assert.IsFalse(pool.TryRent(out var none));
        Assert.IsNull(none.Array);
        Assert.AreNotEqual(first, second);
        Assert.AreEqual((4096, 4096), (first.Count, second.Count));
        Assert.AreEqual((8192L, 8292L, 0L), (pool.UsedBytes, pool.MaxBytes, pool.Available));
    }

    [TestMethod]
    public void A_chunk_that_came_back_is_handed_out_again()
    {
        var pool = new ChunkPool(ChunkPool.ChunkBytes);
        Assert.IsTrue(pool.TryRent(out var chunk));
        pool.Return(chunk);
        Assert.AreEqual(0, pool.UsedBytes);
        Assert.IsTrue(pool.TryRent(out var again));
        Assert.AreEqual(chunk, again);
    }

    [TestMethod]
    public void Foreign_arrays_are_not_taken()
    {
        var pool = new ChunkPool(ChunkPool.ChunkBytes);
        Assert.ThrowsExactly<ArgumentException>(() => pool.Return(new byte[ChunkPool.ChunkBytes]), "none is out");
        Assert.IsTrue(pool.TryRent(out _));
        Assert.ThrowsExactly<ArgumentException>(() => pool.Return(new byte[100]));
    }

    [TestMethod]
    public void A_pool_may_be_empty_but_not_less()
    {
        Assert.IsFalse(new ChunkPool(ChunkPool.ChunkBytes - 1).TryRent(out _));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ChunkPool(-1));
    }
}
