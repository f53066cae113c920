namespace Appliance.Lab.Savefiles;

/// <summary>One thing that a recorded client did.</summary>
/// <param name="Stream">Index of its stream.</param>
/// <param name="TimeNs">When, nanoseconds since 1970.</param>
/// <param name="After">How many of the server's bytes it had received.</param>
/// <param name="Piece">What it sent; null when it connected or ended.</param>
/// <param name="End">How it ended; null when it connected or sent.</param>
internal sealed record ReplayStep(int Stream, long TimeNs, long After, StreamPiece? Piece = null, StreamEnd? End = null)
{
    /// <summary>
    /// All clients' steps in one order, that of the recording: whatever a step had waited for, on any connection, was caused by
    /// steps before it. A stream ends early where bytes are missing.
    /// </summary>
    public static IReadOnlyList<ReplayStep> Order(IReadOnlyList<RecordedStream> streams, Action<string> missing)
    {
        var steps = new List<ReplayStep>();
        for (var index = 0; index < streams.Count; index++)
        {
            var stream = streams[index];
            if (!stream.HasBeginning)
            {
                missing($"{stream.Flow}: the file does not hold its beginning, which a fresh server needs; recorder.policy: full keeps it");
                continue;
            }

            steps.AddRange(StepsOf(index, stream, missing));
        }

        return [.. steps.OrderBy(step => step.TimeNs)];
    }

    private static IEnumerable<ReplayStep> StepsOf(int index, RecordedStream stream, Action<string> missing)
    {
        yield return new ReplayStep(index, stream.StartNs, 0);
        var (next, time, after) = (0L, stream.StartNs, 0L);
        foreach (var piece in stream.Pieces)
        {
            if (piece.Offset > next)
            {
                missing($"{stream.Flow}: the file lacks bytes {next:N0} to {piece.Offset - 1:N0} of the client; what follows them was not sent");
                yield break;
            }

            // The server read a byte no sooner than all before it.
            time = Math.Max(time, piece.TimeNs);
            after = Math.Max(after, piece.After);
            next = piece.End;
            yield return new ReplayStep(index, time, after, Piece: piece);
        }

        if (stream.End is not { } end)
        {
            yield break;
        }

        if (end.Offset > next)
        {
            missing($"{stream.Flow}: the file lacks the client's bytes from {next:N0} to its end at {end.Offset:N0}");
            yield break;
        }

        yield return new ReplayStep(index, Math.Max(time, end.TimeNs), Math.Max(after, end.After), End: end);
    }
}
