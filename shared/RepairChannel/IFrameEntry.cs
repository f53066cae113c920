namespace Appliance.RepairChannel;

/// <summary>A record of fixed length, big endian; a flow's key as in memory, which is network order.</summary>
/// <typeparam name="TSelf">The record.</typeparam>
public interface IFrameEntry<TSelf>
    where TSelf : struct, IFrameEntry<TSelf>
{
    /// <summary>Bytes on the wire.</summary>
    static abstract int Size { get; }

    /// <summary>Writes the record to the first bytes of <paramref name="b"/>.</summary>
    void Write(Span<byte> b);

    /// <summary>Reads the record from the first bytes of <paramref name="b"/>. Every content is valid.</summary>
    static abstract TSelf Read(ReadOnlySpan<byte> b);
}
