using System.Numerics;

namespace Appliance.Recording;

/// <summary>
/// Chunks by a 64-bit index, with gaps, for indices that move along: an index has its place at itself modulo the size,
/// which grows to the widest range in use.
/// </summary>
internal sealed class ChunkRing(ChunkPool pool)
{
    private ArraySegment<byte>[] _slots = [];
    private long _first;
    private long _end;

    /// <summary>The chunk at an index that has one.</summary>
    public ArraySegment<byte> this[long index] => _slots[index & (_slots.Length - 1)];

    /// <summary>How many of the indices from <paramref name="first"/> to <paramref name="last"/> have no chunk.</summary>
    public int Missing(long first, long last)
    {
        var missing = 0;
        for (var index = first; index <= last; index++)
        {
            missing += Has(index) ? 0 : 1;
        }
        return missing;
    }

    /// <summary>Rents a chunk for the index unless it has one. The caller has seen that the pool has one to give.</summary>
    public ArraySegment<byte> Ensure(long index)
    {
        if (Has(index))
        {
            return this[index];
        }
        if (!pool.TryRent(out var chunk))
        {
            throw new InvalidOperationException("the pool is empty");
        }
        var (first, end) = _first == _end ? (index, index + 1) : (Math.Min(_first, index), Math.Max(_end, index + 1));
        if (end - first > _slots.Length)
        {
            Grow(end - first);
        }
        (_first, _end) = (first, end);
        _slots[index & (_slots.Length - 1)] = chunk;
        return chunk;
    }

    /// <summary>Gives back the chunks below an index.</summary>
    public void FreeBelow(long index)
    {
        var end = Math.Min(index, _end);
        for (; _first < end; _first++)
        {
            Free(_first);
        }
    }

    /// <summary>Gives back the chunks from an index on.</summary>
    public void FreeFrom(long index)
    {
        var first = Math.Max(index, _first);
        while (_end > first)
        {
            Free(--_end);
        }
    }

    private bool Has(long index) => index >= _first && index < _end && this[index].Array is not null;

    private void Free(long index)
    {
        ref var slot = ref _slots[index & (_slots.Length - 1)];
        if (slot.Array is not null)
        {
            pool.Return(slot);
            slot = default;
        }
    }

    private void Grow(long size)
    {
        var grown = new ArraySegment<byte>[(int)BitOperations.RoundUpToPowerOf2((ulong)size)];
        for (var index = _first; index < _end; index++)
        {
            grown[index & (grown.Length - 1)] = this[index];
        }
        _slots = grown;
    }
}
