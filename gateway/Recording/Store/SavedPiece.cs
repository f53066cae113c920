namespace Appliance.Gateway.Recording.Store;

/// <summary>Consecutive client bytes that came with one acknowledgement number.</summary>
/// <param name="Offset">Stream offset of the first byte.</param>
/// <param name="Ack">The acknowledgement number that they came with first.</param>
/// <param name="Fin">Is the byte after the last one the FIN?</param>
/// <param name="Bytes">The bytes; empty for a FIN alone.</param>
public sealed record SavedPiece(long Offset, uint Ack, bool Fin, byte[] Bytes)
{
    /// <summary>The offset after the last byte and the FIN.</summary>
    public long End => Offset + Bytes.Length + (Fin ? 1 : 0);
}
