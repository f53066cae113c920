using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording;

/// <summary>Copies out of the recorder's windows what readers of recordings ask for.</summary>
public sealed class RecordingsReader(Recorder recorder) : IRecordings
{
    /// <summary>Pieces that may wait for a slow reader.</summary>
    private const int Backlog = 4096;

    /// <inheritdoc/>
    public Task<FlowRecording?> FindAsync(FlowKey flow, CancellationToken cancellation) =>
        recorder.AskAsync(recordings => recordings.Find(flow) is { } found ? Copy(found) : null, all: true).WaitAsync(cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<FlowRecording> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        // One flow at a time, so that the recorder goes on with its work in between.
        foreach (var key in await recorder.AskAsync(recordings => recordings.Flows.Select(f => f.Key).ToList()).WaitAsync(cancellation))
        {
            if (await FindAsync(key, cancellation) is { } recording)
            {
                yield return recording;
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LiveRecord> FollowAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var pieces = Channel.CreateBounded<LiveRecord>(new BoundedChannelOptions(Backlog) { SingleReader = true, SingleWriter = true });
        long missed = 0;
        using var follower = recorder.Follow((RecordedFlow flow, in Record record, ReadOnlySpan<byte> payload) =>
        {
            var piece = new RecordedPiece(
                flow.Window.OffsetOf(record.Seq), record.Ack, (record.Flags & Packets.TcpFlags.Fin) != Packets.TcpFlags.None, record.Ns, payload.ToArray());
            missed = pieces.Writer.TryWrite(new LiveRecord(flow.Key, flow.Handshake, piece, missed)) ? 0 : missed + 1;
        });
        await foreach (var piece in pieces.Reader.ReadAllAsync(cancellation))
        {
            yield return piece;
        }
    }

    private static FlowRecording Copy(RecordedFlow flow)
    {
        const int Largest = 1 << 20;
        var pieces = new List<RecordedPiece>();
        var buffer = new byte[(int)Math.Clamp(flow.Window.Bytes, 1, Largest)];
        for (var from = flow.Window.Start; flow.Window.NextHeld(from) is { } held && flow.Window.TryRead(held, buffer, out var piece); from = piece.End)
        {
            pieces.Add(new RecordedPiece(piece.Offset, piece.Ack, piece.Fin, piece.RecordedNs, buffer[..piece.Length]));
        }
        return new FlowRecording(flow.Key, flow.Handshake, flow.Window.Start, pieces);
    }
}
