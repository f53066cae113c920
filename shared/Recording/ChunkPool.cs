namespace Appliance.Recording;

/// <summary>
/// The memory of all windows: equal chunks, bounded in total, reused last in, first out. A chunk once made is kept for
/// reuse, so a steady state allocates nothing. Chunks are cut from large arrays, which the garbage collector does not move:
/// one by one they were copied twice before they were old. Not thread-safe: one thread owns the pool and every window on it.
/// </summary>
/// <param name="maxBytes">The bound, in bytes; rounded down to whole chunks.</param>
public sealed class ChunkPool(long maxBytes)
{
    /// <summary>Bytes of a chunk, a power of two.</summary>
    public const int ChunkBytes = 1 << ChunkShift;

    internal const int ChunkShift = 12;

    private const int MostChunksAtOnce = 256;

    private readonly Stack<ArraySegment<byte>> _idle = [];
    private long _used;

    /// <summary>The bound that was asked for.</summary>
    public long MaxBytes { get; } = maxBytes >= 0 ? maxBytes : throw new ArgumentOutOfRangeException(nameof(maxBytes));

    /// <summary>Bytes of the chunks that are out.</summary>
    public long UsedBytes => _used * ChunkBytes;

    /// <summary>Chunks that can still be had.</summary>
    public long Available => (MaxBytes >> ChunkShift) - _used;

    /// <summary>Hands out a chunk of <see cref="ChunkBytes"/>, with whatever it last held in it; false when all are out.</summary>
    public bool TryRent(out ArraySegment<byte> chunk)
    {
        if (Available == 0)
        {
            chunk = default;
            return false;
        }
        if (_idle.Count == 0)
        {
            MakeChunks((int)Math.Min(Available, MostChunksAtOnce));
        }
        _used++;
        chunk = _idle.Pop();
        return true;
    }

    /// <summary>Takes a chunk back, which its user must not touch again.</summary>
    /// <exception cref="ArgumentException">It is none of this pool's.</exception>
    public void Return(ArraySegment<byte> chunk)
    {
        if (chunk.Count != ChunkBytes || _used == 0)
        {
            throw new ArgumentException("not a chunk that is out", nameof(chunk));
        }
        _used--;
        _idle.Push(chunk);
    }

    private void MakeChunks(int count)
    {
        var array = GC.AllocateUninitializedArray<byte>(count * ChunkBytes);
        while (--count >= 0)
        {
            _idle.Push(new ArraySegment<byte>(array, count * ChunkBytes, ChunkBytes));
        }
    }
}
