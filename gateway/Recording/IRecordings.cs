using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording;

/// <summary>What is recorded of one flow, as of the moment of asking.</summary>
/// <param name="Start">Offset of the first byte that is still held; 0 when the recording begins with the flow.</param>
/// <param name="Pieces">What is held, in the order of the offsets.</param>
public sealed record FlowRecording(FlowKey Flow, Handshake Handshake, long Start, IReadOnlyList<RecordedPiece> Pieces);

/// <summary>Client bytes that were recorded together.</summary>
/// <param name="Offset">Place in the stream; 0 is the first byte after the SYN.</param>
/// <param name="Ack">The acknowledgement number that the bytes came with first.</param>
/// <param name="Fin">Whether the client's FIN follows the last byte.</param>
/// <param name="RecordedNs">When they were recorded, CLOCK_MONOTONIC.</param>
public sealed record RecordedPiece(long Offset, uint Ack, bool Fin, ulong RecordedNs, byte[] Bytes);

/// <summary>Reads what the recorder holds.</summary>
public interface IRecordings
{
    /// <summary>One flow's recording; null for a flow that the recorder does not know.</summary>
    Task<FlowRecording?> FindAsync(FlowKey flow, CancellationToken cancellation);

    /// <summary>All flows' recordings.</summary>
    IAsyncEnumerable<FlowRecording> ReadAllAsync(CancellationToken cancellation);

    /// <summary>Every piece from now on, as it is recorded. Bounded: a slow reader misses pieces and is told how many.</summary>
    IAsyncEnumerable<LiveRecord> FollowAsync(CancellationToken cancellation);
}

/// <summary>One thing that <see cref="IRecordings.FollowAsync"/> tells.</summary>
/// <param name="Piece">Null when there is only something missed to tell.</param>
/// <param name="Missed">Pieces that the reader missed since the record before.</param>
public sealed record LiveRecord(FlowKey Flow, Handshake Handshake, RecordedPiece? Piece, long Missed);
