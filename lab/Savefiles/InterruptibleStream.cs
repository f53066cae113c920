namespace Appliance.Lab.Savefiles;

/// <summary>Reads another stream until that ends or a token is cancelled, which then looks like the end.</summary>
internal sealed class InterruptibleStream(Stream inner, CancellationToken cancellation) : Stream
{
    private readonly byte[] _buffer = new byte[1 << 14];

    /// <summary>Called before it has to wait for more.</summary>
    public Action? Idle { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var room = _buffer.AsMemory(0, Math.Min(buffer.Length, _buffer.Length));
            var read = inner.ReadAsync(room, cancellation).AsTask();
            if (!read.IsCompleted)
            {
                Idle?.Invoke();
            }

            var count = read.GetAwaiter().GetResult();
            room.Span[..count].CopyTo(buffer);
            return count;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
