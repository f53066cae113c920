using Appliance.Recording;

namespace Appliance.Tests.Unit.Recording;

/// <summary>What a window is meant to hold, one offset at a time.</summary>
internal sealed class WindowModel(long start, long maxBytes)
{
    private readonly Dictionary<long, (int Value, uint Ack, ulong Ns)> _held = [];

    public const int Fin = -1;

    public long Start { get; private set; } = start;

    public long End { get; private set; } = start;

    public long? FinOffset { get; private set; }

    public long Bytes => _held.Count(static held => held.Value.Value != Fin);

    /// <summary>Chunks that have bytes in them.</summary>
    public int Chunks => _held.Where(static held => held.Value.Value != Fin).Select(static held => held.Key / ChunkPool.ChunkBytes).Distinct().Count();

    /// <summary>An offset begins a piece when the one before has another mark, or none.</summary>
    public int Pieces => _held.Count(held => !IsHeld(held.Key - 1) || _held[held.Key - 1].Ack != held.Value.Ack);

    public bool IsHeld(long offset) => _held.ContainsKey(offset);

    public (int Value, uint Ack) At(long offset) => (_held[offset].Value, _held[offset].Ack);

    /// <summary>When the first of the piece around an offset was recorded.</summary>
    public ulong RecordedNs(long offset)
    {
        var ack = _held[offset].Ack;
        var first = ulong.MaxValue;
        for (var at = offset; IsOfPiece(at); at--)
        {
            first = Math.Min(first, _held[at].Ns);
        }
        for (var at = offset; IsOfPiece(at); at++)
        {
            first = Math.Min(first, _held[at].Ns);
        }
        return first;

        bool IsOfPiece(long at) => _held.TryGetValue(at, out var held) && held.Ack == ack;
    }

    /// <summary>Judges the segment, and records it unless the window has refused it.</summary>
    public AppendResult Append(long offset, uint ack, bool fin, ReadOnlySpan<byte> payload, ulong nowNs, bool poolRefuses)
    {
        var (duplicate, conflicting, old) = (0, 0, 0);
        var added = new List<(long Offset, int Value)>();
        for (var i = 0; i < payload.Length + (fin ? 1 : 0); i++)
        {
            var at = offset + i;
            var value = i == payload.Length ? Fin : payload[i];
            if (at < Start)
            {
                old++;
            }
            else if (_held.TryGetValue(at, out var held))
            {
                _ = held.Value == value ? duplicate++ : conflicting++;
            }
            else if (at >= FinOffset || (value == Fin && at < End))
            {
                conflicting++;
            }
            else
            {
                added.Add((at, value));
            }
        }
        if (poolRefuses || added.Exists(a => a.Offset - Start + (a.Value == Fin ? 0 : 1) > maxBytes))
        {
            return new AppendResult(0, duplicate, conflicting, old, added.Count);
        }
        foreach (var (at, value) in added)
        {
            _held.Add(at, (value, ack, nowNs));
            End = Math.Max(End, at + 1);
            FinOffset = value == Fin ? at : FinOffset;
        }
        return new AppendResult(added.Count, duplicate, conflicting, old, 0);
    }

    public void Release(long upTo)
    {
        Start = Math.Max(Start, upTo);
        End = Math.Max(End, Start);
        if (IsHeld(Start))
        {
            // What a piece knows of its time outlives its first bytes.
            _held[Start] = _held[Start] with { Ns = RecordedNs(Start) };
        }
        foreach (var offset in _held.Keys.Where(offset => offset < Start).ToList())
        {
            _held.Remove(offset);
        }
    }
}
