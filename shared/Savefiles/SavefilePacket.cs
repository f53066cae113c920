namespace Appliance.Savefiles;

/// <summary>A packet of a savefile; its bytes are good until the next one is read.</summary>
public readonly ref struct SavefilePacket(long unixNs, int originalLength, ReadOnlySpan<byte> data)
{
    /// <summary>Its time, nanoseconds since 1970.</summary>
    public long UnixNs { get; } = unixNs;

    /// <summary>Its length on the wire; less may have been captured.</summary>
    public int OriginalLength { get; } = originalLength;

    /// <summary>What was captured of it.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;
}
