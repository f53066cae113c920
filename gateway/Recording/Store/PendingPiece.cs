namespace Appliance.Gateway.Recording.Store;

/// <summary>A piece that is to be written.</summary>
internal readonly record struct PendingPiece(long Offset, uint Ack, bool Fin, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The offset after the last byte and the FIN.</summary>
    public long End => Offset + Bytes.Length + (Fin ? 1 : 0);
}
