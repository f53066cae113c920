namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// A page of the list of a connection's segments: 8 bytes each, big endian, the segment's origin plus one; zero ends the
/// page.
/// </summary>
internal sealed class SegmentPage(int number)
{
    /// <summary>Segments on a full page.</summary>
    public const int Entries = 1024;

    /// <summary>Bytes of an entry.</summary>
    public const int EntrySize = sizeof(long);

    /// <summary>Its place in the list; counts up over the connection's life.</summary>
    public int Number => number;

    /// <summary>Entries in use.</summary>
    public int Used { get; set; }

    /// <summary>Segments on it that are still there.</summary>
    public int Live { get; set; }

    /// <summary>Its string.</summary>
    public GrowingKey Key { get; init; } = new(Entries * EntrySize);
}
