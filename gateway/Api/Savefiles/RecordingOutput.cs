using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording;
using Appliance.Savefiles;

namespace Appliance.Gateway.Api.Savefiles;

/// <summary>Writes recordings to a response, at the reader's pace.</summary>
internal sealed partial class RecordingOutput : IDisposable
{
    /// <summary>Bytes that are collected before they are sent.</summary>
    private const int Chunk = 1 << 16;

    private readonly Stream _response;
    private readonly CancellationToken _cancellation;
    private readonly MemoryStream _pending = new();
    private readonly SavefileWriter _file;
    private readonly FlowFrames _frames;
    private long _sentBytes;

    public RecordingOutput(Stream response, CancellationToken cancellation)
    {
        _response = response;
        _cancellation = cancellation;
        _file = new SavefileWriter(_pending, FlowFrames.LinkType);
        _frames = new FlowFrames(_file, WallClock.Now);
    }

    /// <summary>One flow: its handshake, if the recording begins with it, and what is held.</summary>
    public async Task SendAsync(FlowRecording recording)
    {
        if (recording.Start == 0)
        {
            _frames.WriteHandshake(recording.Flow, recording.Handshake);
        }

        foreach (var piece in recording.Pieces.OrderBy(p => p.RecordedNs))
        {
            Write(recording.Flow, recording.Handshake, piece);
            await FlushIfFullAsync();
        }
    }

    /// <summary>All flows, one after the other.</summary>
    public async Task SendAllAsync(IRecordings recordings)
    {
        await foreach (var recording in recordings.ReadAllAsync(_cancellation))
        {
            await SendAsync(recording);
        }
    }

    /// <summary>Every piece as it is recorded, until the reader goes; what a slow one misses is a gap in the sequence numbers.</summary>
    public async Task FollowAsync(IRecordings recordings, ILogger log)
    {
        var missed = 0L;
        await using var records = recordings.FollowAsync(_cancellation).GetAsyncEnumerator(_cancellation);
        while (true)
        {
            var next = records.MoveNextAsync();
            if (!next.IsCompleted)
            {
                await FlushAsync();
            }

            if (!await next)
            {
                return;
            }

            if (records.Current is { Missed: > 0 and var more })
            {
                missed += more;
                Log.Missed(log, more, missed);
            }

            Write(records.Current);
            await FlushIfFullAsync();
        }
    }

    /// <summary>Sends what is pending.</summary>
    public async Task FlushAsync()
    {
        _file.Flush();
        if (_pending.Length > 0)
        {
            await _response.WriteAsync(_pending.GetBuffer().AsMemory(0, (int)_pending.Length), _cancellation);
            _sentBytes += _pending.Length;
            _pending.SetLength(0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _pending.Dispose();
    }

    private void Write(in FlowKey flow, in Handshake handshake, RecordedPiece piece) =>
        _frames.Write(flow, handshake, piece.Offset, piece.Ack, piece.Fin, piece.RecordedNs, piece.Bytes);

    private Task FlushIfFullAsync() => _file.Bytes - _sentBytes >= Chunk ? FlushAsync() : Task.CompletedTask;

    private void Write(LiveRecord record)
    {
        if (record.Piece is not { } piece)
        {
            return;
        }

        if (piece.Offset == 0)
        {
            _frames.WriteHandshake(record.Flow, record.Handshake);
        }

        Write(record.Flow, record.Handshake, piece);
    }

    private static partial class Log
    {
        [LoggerMessage(1201, LogLevel.Warning, "A reader of recordings.pcap?follow=true was too slow: {More} pieces are missing in its file now, {Missed} in all.")]
        public static partial void Missed(ILogger log, long more, long missed);
    }
}
