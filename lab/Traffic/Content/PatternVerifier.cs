namespace Appliance.Lab.Traffic.Content;

/// <summary>Compares a received stream, piece by piece, with the pattern it must be.</summary>
/// <param name="pattern">The expected stream.</param>
public sealed class PatternVerifier(TrafficPattern pattern)
{
    /// <summary>Bytes compared so far.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes among them that differ from the pattern.</summary>
    public long Mismatches { get; private set; }

    /// <summary>The offset of the first byte that differs, or null.</summary>
    public long? FirstMismatch { get; private set; }

    /// <summary>Compares the next bytes of the stream; returns how many of them differ.</summary>
    public long Verify(ReadOnlySpan<byte> received)
    {
        long before = Mismatches;
        while (!received.IsEmpty)
        {
            ReadOnlySpan<byte> expected = pattern.Slice(Position, received.Length);
            ReadOnlySpan<byte> piece = received[..expected.Length];
            if (!piece.SequenceEqual(expected))
            {
                FirstMismatch ??= Position + piece.CommonPrefixLength(expected);
                Mismatches += ByteDifference.Count(piece, expected);
            }

            Position += piece.Length;
            received = received[piece.Length..];
        }

        return Mismatches - before;
    }
}
