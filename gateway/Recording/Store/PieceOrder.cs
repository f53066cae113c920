namespace Appliance.Gateway.Recording.Store;

/// <summary>Puts pieces in order: by offset, each byte once.</summary>
internal static class PieceOrder
{
    /// <summary>Arranges pieces that may repeat each other; leaves out what lies below <paramref name="start"/>.</summary>
    public static List<SavedPiece> Arrange(IEnumerable<SavedPiece> pieces, long start)
    {
        var result = new List<SavedPiece>();
        var covered = start;
        foreach (var piece in pieces.OrderBy(p => p.Offset).ThenByDescending(p => p.End))
        {
            if (piece.End <= covered)
            {
                continue;
            }
            var skip = (int)Math.Min(piece.Bytes.Length, Math.Max(0, covered - piece.Offset));
            result.Add(skip == 0 ? piece : piece with { Offset = piece.Offset + skip, Bytes = piece.Bytes[skip..] });
            covered = piece.End;
        }
        return result;
    }
}
