using System.Runtime.InteropServices;

namespace Appliance.Recording;

/// <summary>
/// The pieces of a stream in order, none touching another with the same mark. A double-ended queue in chunks of the pool,
/// so that what is bounded there is bounded in pieces too (a hostile client sends one byte per mark). An insertion
/// moves the shorter side: near either end it costs next to nothing.
/// </summary>
internal sealed class PieceList(ChunkPool pool)
{
    private const int ChunkBits = ChunkPool.ChunkShift - Piece.SizeBits;
    private const int PerChunk = 1 << ChunkBits;
    private const long Mask = PerChunk - 1;

    private readonly ChunkRing _chunks = new(pool);
    private long _head;

    /// <summary>Pieces in the list.</summary>
    public int Count { get; private set; }

    /// <summary>Offsets that they cover together.</summary>
    public long Covered { get; private set; }

    /// <summary>A piece by its rank; the reference holds until the list changes.</summary>
    public ref Piece this[int index] => ref At(_head + index);

    /// <summary>Rank of the first piece that ends after an offset; <see cref="Count"/> when there is none.</summary>
    public int Find(long offset)
    {
        if (Count == 0 || this[Count - 1].End <= offset)
        {
            return Count;
        }
        var (low, high) = (0, Count - 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (this[middle].End > offset)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        return low;
    }

    /// <summary>An upper bound of the chunks that so many insertions take from the pool, the first of them at a rank.</summary>
    public int ChunksFor(int index, int insertions)
    {
        var before = (int)(_head & Mask);
        var after = (int)(-(_head + Count) & Mask);
        if (index == Count)
        {
            return Chunks(Math.Max(0, insertions - after));
        }
        return insertions <= Math.Min(before, after) ? 0 : Chunks(insertions) + 1;

        static int Chunks(int pieces) => (pieces + PerChunk - 1) >> ChunkBits;
    }

    /// <summary>
    /// Adds a range that nothing covers yet, recorded later than all before, and gives the rank of the piece that has it now. <paramref name="index"/> is
    /// what <see cref="Find"/> says of its start.
    /// </summary>
    public int Cover(int index, in Piece range)
    {
        Covered += range.Length;
        var joinsLeft = index > 0 && this[index - 1].End == range.Start && this[index - 1].Ack == range.Ack;
        var joinsRight = index < Count && this[index].Start == range.End && this[index].Ack == range.Ack;
        if (!joinsLeft && !joinsRight)
        {
            Insert(index, range);
            return index;
        }
        ref var joined = ref this[joinsLeft ? index - 1 : index];
        joined.Start = Math.Min(joined.Start, range.Start);
        joined.End = Math.Max(joined.End, range.End);
        if (!joinsLeft || !joinsRight)
        {
            return joinsLeft ? index - 1 : index;
        }
        joined.End = this[index].End;
        joined.RecordedNs = Math.Min(joined.RecordedNs, this[index].RecordedNs);
        Remove(index);
        return index - 1;
    }

    /// <summary>Uncovers everything below an offset.</summary>
    public void CutBelow(long offset)
    {
        while (Count > 0 && this[0].End <= offset)
        {
            Covered -= this[0].Length;
            _head++;
            Count--;
        }
        if (Count > 0 && this[0].Start < offset)
        {
            Covered -= offset - this[0].Start;
            this[0].Start = offset;
        }
        FreeEnds();
    }

    private void Insert(int index, in Piece piece)
    {
        if (index < Count - index)
        {
            EnsureAt(_head - 1);
            MoveDown(_head, _head + index);
            _head--;
        }
        else
        {
            EnsureAt(_head + Count);
            MoveUp(_head + index, _head + Count);
        }
        Count++;
        this[index] = piece;
    }

    private void Remove(int index)
    {
        if (index < Count - index)
        {
            MoveUp(_head, _head + index);
            _head++;
        }
        else
        {
            MoveDown(_head + index + 1, _head + Count);
        }
        Count--;
        FreeEnds();
    }

    /// <summary>Moves the pieces from one position up to another by one place, chunk by chunk from the end.</summary>
    private void MoveUp(long from, long to)
    {
        while (from < to)
        {
            if ((to & Mask) == 0)
            {
                At(to) = At(to - 1);
                to--;
                continue;
            }
            var run = Math.Max(from, to & ~Mask);
            Within(run, to).CopyTo(Within(run + 1, to + 1));
            to = run;
        }
    }

    /// <summary>The reverse of <see cref="MoveUp"/>.</summary>
    private void MoveDown(long from, long to)
    {
        while (from < to)
        {
            if ((from & Mask) == 0)
            {
                At(from - 1) = At(from);
                from++;
                continue;
            }
            var run = Math.Min(to, (from | Mask) + 1);
            Within(from, run).CopyTo(Within(from - 1, run - 1));
            from = run;
        }
    }

    private void EnsureAt(long position) => _chunks.Ensure(position >> ChunkBits);

    private void FreeEnds()
    {
        if (Count == 0)
        {
            _chunks.FreeBelow(long.MaxValue);
            _head = 0;
            return;
        }
        _chunks.FreeBelow(_head >> ChunkBits);
        _chunks.FreeFrom(((_head + Count - 1) >> ChunkBits) + 1);
    }

    private ref Piece At(long position) => ref Chunk(position)[(int)(position & Mask)];

    /// <summary>The pieces of a range of positions that lies in one chunk.</summary>
    private Span<Piece> Within(long first, long end) => Chunk(first).Slice((int)(first & Mask), (int)(end - first));

    private Span<Piece> Chunk(long position) => MemoryMarshal.Cast<byte, Piece>(_chunks[position >> ChunkBits].AsSpan());
}
