namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// Up to 64 KiB of a connection's stream, at the server: bytes at position offset − origin, and a mark for each piece.
/// </summary>
internal sealed class Segment(long origin)
{
    /// <summary>Most bytes of data, and of marks.</summary>
    public const int Size = 64 * 1024;

    /// <summary>A piece that starts further behind the last one than this gets a segment of its own: gaps are stored as zeros.</summary>
    public const int MaxGap = 4096;

    /// <summary>Most marks.</summary>
    public const int MaxMarks = Size / PieceMark.Size;

    /// <summary>Stream offset of its first byte.</summary>
    public long Origin => origin;

    /// <summary>The highest offset that it holds, plus one; a FIN counts.</summary>
    public long End { get; set; }

    /// <summary>How many marks it has.</summary>
    public int Marks { get; set; }

    /// <summary>The bytes.</summary>
    public GrowingKey Data { get; init; } = new(Size);

    /// <summary>The marks.</summary>
    public GrowingKey MarkList { get; init; } = new(Size);

    /// <summary>What all segments together had allocated when this one grew last.</summary>
    public long GrownAt { get; set; }

    /// <summary>Page of the list that names it.</summary>
    public int Page { get; set; } = -1;

    /// <summary>How many of a piece's bytes fit when it starts at an offset; −1 when it does not belong here.</summary>
    public int Room(long offset, bool cold)
    {
        var position = offset - origin;
        return position == 0 ? Size
            : cold || Marks >= MaxMarks || position < 0 || position > Size || offset > End + MaxGap ? -1
            : (int)(Size - position);
    }
}
