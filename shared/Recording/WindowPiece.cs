namespace Appliance.Recording;

/// <summary>Recorded bytes that belong together: contiguous, and first sent with the same acknowledgement number.</summary>
/// <param name="Offset">Stream offset of the first byte, or of the FIN when there is no byte.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Ack">The client's acknowledgement number, host byte order, with which they first came.</param>
/// <param name="Fin">The FIN follows directly, and came with this acknowledgement number too; one with another is a piece of its own.</param>
/// <param name="RecordedNs">CLOCK_MONOTONIC nanoseconds at which the first of the bytes with this mark around them was recorded.</param>
public readonly record struct WindowPiece(long Offset, int Length, uint Ack, bool Fin, ulong RecordedNs)
{
    /// <summary>Offset after the piece, FIN included: where to go on.</summary>
    public long End => Offset + Length + (Fin ? 1 : 0);
}
