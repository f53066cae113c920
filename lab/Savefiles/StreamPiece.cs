namespace Appliance.Lab.Savefiles;

/// <summary>Client bytes that arrived together.</summary>
/// <param name="Offset">Place in the client's stream; 0 is the first byte after the SYN.</param>
/// <param name="Bytes">The bytes.</param>
/// <param name="After">How many of the server's bytes the client had received when it sent them; the server's FIN counts as one.</param>
/// <param name="TimeNs">Nanoseconds since 1970.</param>
public sealed record StreamPiece(long Offset, ReadOnlyMemory<byte> Bytes, long After, long TimeNs)
{
    /// <summary>Offset of the byte after the last one.</summary>
    public long End => Offset + Bytes.Length;
}
