namespace Appliance.RepairChannel;

/// <summary>Bytes that were received and not yet understood, in one piece.</summary>
internal sealed class ReceiveBuffer
{
    private const int FullSize = 512 << 10;

    /// <summary>With less room than this at the end, the rest moves to the front before more is read.</summary>
    private const int LeastRoom = 64 << 10;

    /// <summary>A hello and a proof: an unknown peer gets no more.</summary>
    private byte[] _bytes = new byte[ChannelHello.Length + FrameHeader.Overhead];
    private int _start;
    private int _end;

    /// <summary>What was received and not consumed.</summary>
    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Room to read into; never empty once a frame can be awaited, for no frame fills the buffer.</summary>
    public Span<byte> Room
    {
        get
        {
            if (_start > 0 && (_start == _end || _bytes.Length - _end < LeastRoom))
            {
                Unread.CopyTo(_bytes);
                (_start, _end) = (0, _end - _start);
            }
            return _bytes.AsSpan(_end);
        }
    }

    /// <summary>Counts bytes that were read into <see cref="Room"/>.</summary>
    public void Add(int count) => _end += count;

    /// <summary>Drops bytes from the front; a span of them stays valid until <see cref="Room"/> is asked for.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Makes room for frames.</summary>
    public void Grow()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(FullSize);
        Unread.CopyTo(bytes);
        (_bytes, _start, _end) = (bytes, 0, _end - _start);
    }
}
