namespace Appliance.Recording;

/// <summary>
/// The recorded part of one client stream, by 64-bit offset: 0 is the byte after the SYN (client ISN + 1); the FIN takes
/// one offset after the last byte. The first copy of a byte wins. What is held may have holes. Each held piece knows
/// the client's acknowledgement number that it first came with, so that a replay can be causal. Not thread-safe: one
/// thread owns the pool and every window on it.
/// </summary>
/// <param name="pool">Where the memory comes from, that of the pieces' list too.</param>
/// <param name="clientIsn">Sequence number of the client's SYN, host byte order.</param>
/// <param name="maxBytes">Bytes after <see cref="Start"/> that may be held.</param>
public sealed class FlowWindow(ChunkPool pool, uint clientIsn, long maxBytes) : IDisposable
{
    private readonly StreamBytes _bytes = new(pool);
    private readonly PieceList _pieces = new(pool);
    private readonly long _maxBytes = maxBytes > 0 ? maxBytes : throw new ArgumentOutOfRangeException(nameof(maxBytes));

    /// <summary>The lowest offset that may be held: everything below was released or evicted.</summary>
    public long Start { get; private set; }

    /// <summary>The offset after the highest that was recorded, byte or FIN; never below <see cref="Start"/>.</summary>
    public long End { get; private set; }

    /// <summary>Where the FIN is, once it was recorded; stays known when it is released.</summary>
    public long? FinOffset { get; private set; }

    /// <summary>Bytes held, the FIN not counted.</summary>
    public long Bytes => _pieces.Covered - (FinOffset >= Start ? 1 : 0);

    /// <summary>Pieces held: runs with one mark. A FIN belongs to the piece before it when it came with the same mark.</summary>
    public int Pieces => _pieces.Count;

    /// <summary>The sequence number of an offset, host byte order.</summary>
    public uint SequenceOf(long offset) => unchecked(clientIsn + 1 + (uint)offset);

    /// <summary>The offset with this sequence number that is nearest to <see cref="End"/>; may be negative near the stream's beginning.</summary>
    public long OffsetOf(uint sequence) => End + unchecked((int)(sequence - SequenceOf(End)));

    /// <summary>
    /// Records what is new of a segment. All or nothing: when the new bytes reach beyond <see cref="Start"/> plus the
    /// window's bound, or the pool cannot hold them, none of them is recorded and all count as refused. A FIN needs no room
    /// of its own in the bound. The last two chunks of the pool may be refused to a segment that would just fit.
    /// </summary>
    /// <param name="sequence">Of the first byte, or of a bare FIN; host byte order, and within 2 GiB of <see cref="End"/>.</param>
    /// <param name="ack">The segment's acknowledgement number, host byte order.</param>
    /// <param name="fin">The segment has the FIN flag.</param>
    /// <param name="payload">Its bytes; may be empty.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC nanoseconds, not earlier than at the append before.</param>
    public AppendResult Append(uint sequence, uint ack, bool fin, ReadOnlySpan<byte> payload, ulong nowNs)
    {
        var offset = OffsetOf(sequence);
        var end = offset + payload.Length;
        var low = Math.Clamp(Start, offset, end);
        var high = Math.Clamp(FinOffset ?? end, low, end);
        payload = payload[(int)(low - offset)..(int)(high - offset)];

        var tally = Compare(low, payload);
        var result = new AppendResult
        {
            New = tally.New,
            Duplicate = payload.Length - tally.New - tally.Differing,
            Conflicting = tally.Differing + (int)(end - high),
            Old = (int)(low - offset),
        };
        if (fin)
        {
            result = CountFin(result, end);
        }
        if (result.New == 0)
        {
            return result;
        }
        var addsFin = result.New > tally.New;
        var pieceChunks = _pieces.ChunksFor(_pieces.Find(low), tally.Gaps + (addsFin ? 1 : 0));
        if (high - Start > _maxBytes || _bytes.MissingChunks(low, high) + pieceChunks > pool.Available)
        {
            return result with { New = 0, Refused = result.New };
        }

        var piece = new Piece { Ack = ack, RecordedNs = nowNs };
        FillGaps(low, payload, piece);
        if (addsFin)
        {
            (piece.Start, piece.End) = (end, end + 1);
            _pieces.Cover(_pieces.Find(end), piece);
            FinOffset = end;
        }
        End = Math.Max(End, addsFin ? end + 1 : high);
        return result;
    }

    /// <summary>The end, FIN included, of the held run that has <paramref name="from"/> in it, whatever its marks; <paramref name="from"/> when that is not held.</summary>
    public long ContiguousEnd(long from)
    {
        var index = _pieces.Find(from);
        if (index == _pieces.Count || _pieces[index].Start > from)
        {
            return from;
        }
        if (_pieces.Covered == End - _pieces[0].Start)
        {
            return End;
        }
        while (index + 1 < _pieces.Count && _pieces[index + 1].Start == _pieces[index].End)
        {
            index++;
        }
        return _pieces[index].End;
    }

    /// <summary>
    /// Copies the bytes from an offset on that have one mark, as many as <paramref name="destination"/> takes. A bare FIN
    /// has length 0, and so has what is read into an empty destination: the mark alone. False when nothing is held there.
    /// </summary>
    public bool TryRead(long from, Span<byte> destination, out WindowPiece piece)
    {
        var index = _pieces.Find(from);
        if (index == _pieces.Count || _pieces[index].Start > from)
        {
            piece = default;
            return false;
        }
        ref readonly var held = ref _pieces[index];
        var bytesEnd = held.End > FinOffset ? held.End - 1 : held.End;
        var length = (int)Math.Min(destination.Length, bytesEnd - from);
        _bytes.Read(from, destination[..length]);
        piece = new WindowPiece(from, length, held.Ack, Fin: bytesEnd < held.End && from + length == bytesEnd, held.RecordedNs);
        return true;
    }

    /// <summary>The lowest held offset that is not below <paramref name="from"/>; null when there is none.</summary>
    public long? NextHeld(long from)
    {
        var index = _pieces.Find(from);
        return index < _pieces.Count ? Math.Max(from, _pieces[index].Start) : null;
    }

    /// <summary>Lets go of everything below an offset, which may lie beyond <see cref="End"/>; never goes back.</summary>
    public void Release(long upTo)
    {
        if (upTo <= Start)
        {
            return;
        }
        Start = upTo;
        End = Math.Max(End, upTo);
        _pieces.CutBelow(upTo);
        if (Bytes == 0)
        {
            _bytes.Clear();
        }
        else
        {
            _bytes.FreeBelow(_pieces[0].Start);
        }
    }

    /// <summary>Lets go of everything held, as when it has become useless: the window goes on at <see cref="End"/>.</summary>
    public void Evict() => Release(End);

    /// <summary>Gives all memory back to the pool. The window is not used afterwards.</summary>
    public void Dispose() => Evict();

    private AppendResult CountFin(in AppendResult result, long at)
    {
        if (at < Start)
        {
            return result with { Old = result.Old + 1 };
        }
        if (at == FinOffset)
        {
            return result with { Duplicate = result.Duplicate + 1 };
        }
        return FinOffset is not null || at < End
            ? result with { Conflicting = result.Conflicting + 1 }
            : result with { New = result.New + 1 };
    }

    private (int New, int Differing, int Gaps) Compare(long at, ReadOnlySpan<byte> payload)
    {
        var (added, differing, gaps) = (0, 0, 0);
        for (var index = _pieces.Find(at); !payload.IsEmpty;)
        {
            var gap = GapLength(index, at, payload.Length);
            var length = gap;
            if (gap > 0)
            {
                added += gap;
                gaps++;
            }
            else
            {
                length = (int)Math.Min(payload.Length, _pieces[index++].End - at);
                differing += _bytes.CountDifferences(at, payload[..length]);
            }
            payload = payload[length..];
            at += length;
        }
        return (added, differing, gaps);
    }

    private void FillGaps(long at, ReadOnlySpan<byte> payload, Piece piece)
    {
        for (var index = _pieces.Find(at); !payload.IsEmpty; index++)
        {
            var gap = GapLength(index, at, payload.Length);
            if (gap > 0)
            {
                _bytes.Write(at, payload[..gap]);
                (piece.Start, piece.End) = (at, at + gap);
                index = _pieces.Cover(index, piece);
            }
            var length = (int)Math.Min(payload.Length, _pieces[index].End - at);
            payload = payload[length..];
            at += length;
        }
    }

    /// <summary>How many bytes from an offset on, at most so many, are not held; <paramref name="index"/> is the piece that <c>Find</c> gave.</summary>
    private int GapLength(int index, long at, int most) =>
        index == _pieces.Count ? most : (int)Math.Clamp(_pieces[index].Start - at, 0, most);
}
