namespace Appliance.RepairChannel;

/// <summary>
/// Bytes that wait for the network. Frames are made in place, each in one piece, in blocks that are used again: it allocates
/// only while the backlog grows beyond what it was before.
/// </summary>
internal sealed class SendQueue(int limit)
{
    private const int BlockSize = 512 << 10;

    /// <summary>Enough for a hello and a proof: an unknown peer costs no more.</summary>
    private const int FirstBlockSize = 128;

    private readonly Queue<Block> _blocks = [];
    private readonly Stack<Block> _spare = [];
    private Block? _last;
    private bool _reserved;

    /// <summary>Bytes that wait.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes to send first; empty only when none wait.</summary>
    public ReadOnlySpan<byte> Front => Count == 0 ? [] : _blocks.Peek().Waiting;

    /// <summary>Room for <paramref name="size"/> bytes in one piece, until <see cref="Commit"/>; empty beyond the limit.</summary>
    public Span<byte> Reserve(int size)
    {
        _reserved = false;
        if (Count + size > limit)
        {
            return [];
        }
        if (_last is null || _last.Room < size)
        {
            if (_last is { Waiting.IsEmpty: true })
            {
                Release(_blocks.Dequeue());
            }
            _last = _last is null && size <= FirstBlockSize ? new Block(FirstBlockSize) : _spare.TryPop(out var spare) ? spare : new Block(BlockSize);
            _blocks.Enqueue(_last);
        }
        _reserved = true;
        return _last.Bytes.AsSpan(_last.End, size);
    }

    /// <summary>The first <paramref name="size"/> bytes of what is reserved.</summary>
    public Span<byte> Reserved(int size) => _last!.Bytes.AsSpan(_last.End, size);

    /// <summary>Queues the first <paramref name="size"/> reserved bytes.</summary>
    public void Commit(int size)
    {
        _last!.End += size;
        Count += size;
        _reserved = false;
    }

    /// <summary>Takes bytes from the front that have been sent.</summary>
    public void Sent(int size)
    {
        var first = _blocks.Peek();
        first.Start += size;
        Count -= size;
        if (!first.Waiting.IsEmpty)
        {
            return;
        }
        if (first != _last)
        {
            Release(_blocks.Dequeue());
        }
        else if (!_reserved)
        {
            first.Start = first.End = 0;
        }
    }

    private void Release(Block block)
    {
        block.Start = block.End = 0;
        if (block.Bytes.Length == BlockSize)
        {
            _spare.Push(block);
        }
    }

    private sealed class Block(int size)
    {
        public readonly byte[] Bytes = GC.AllocateUninitializedArray<byte>(size);
        public int Start;
        public int End;

        public int Room => Bytes.Length - End;

        public ReadOnlySpan<byte> Waiting => Bytes.AsSpan(Start, End - Start);
    }
}
