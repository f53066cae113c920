namespace Appliance.Recording;

/// <summary>The bytes of a stream by offset. Which of them mean anything is the caller's knowledge.</summary>
internal sealed class StreamBytes(ChunkPool pool)
{
    private const int Mask = ChunkPool.ChunkBytes - 1;

    private readonly ChunkRing _chunks = new(pool);

    /// <summary>Chunks that writing from <paramref name="start"/> up to <paramref name="end"/> would take from the pool.</summary>
    public int MissingChunks(long start, long end) =>
        start == end ? 0 : _chunks.Missing(start >> ChunkPool.ChunkShift, (end - 1) >> ChunkPool.ChunkShift);

    /// <summary>Writes bytes at an offset.</summary>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            var place = _chunks.Ensure(offset >> ChunkPool.ChunkShift).AsSpan((int)(offset & Mask));
            var length = Math.Min(place.Length, source.Length);
            source[..length].CopyTo(place);
            source = source[length..];
            offset += length;
        }
    }

    /// <summary>Reads bytes that were written.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var place = Place(offset, destination.Length);
            place.CopyTo(destination);
            destination = destination[place.Length..];
            offset += place.Length;
        }
    }

    /// <summary>How many of these bytes differ from those that were written at the offset.</summary>
    public int CountDifferences(long offset, ReadOnlySpan<byte> other)
    {
        var differences = 0;
        while (!other.IsEmpty)
        {
            var place = Place(offset, other.Length);
            if (!place.SequenceEqual(other[..place.Length]))
            {
                for (var i = 0; i < place.Length; i++)
                {
                    differences += place[i] == other[i] ? 0 : 1;
                }
            }
            other = other[place.Length..];
            offset += place.Length;
        }
        return differences;
    }

    /// <summary>Gives back every chunk that lies wholly below an offset.</summary>
    public void FreeBelow(long offset) => _chunks.FreeBelow(offset >> ChunkPool.ChunkShift);

    /// <summary>Gives back every chunk.</summary>
    public void Clear() => _chunks.FreeBelow(long.MaxValue);

    private ReadOnlySpan<byte> Place(long offset, int most)
    {
        var within = (int)(offset & Mask);
        return _chunks[offset >> ChunkPool.ChunkShift].AsSpan(within, Math.Min(most, ChunkPool.ChunkBytes - within));
    }
}
