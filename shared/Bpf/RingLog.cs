using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Appliance.Native;

namespace Appliance.Bpf;

/// <summary>
/// A BPF_MAP_TYPE_RINGBUF read as a log: reading a record and giving its room back are two things. What was read but not
/// released stays in the ring, also beyond this process, and is read again by the next one. Not thread-safe.
/// </summary>
/// <remarks>
/// Layout of kernel/bpf/ringbuf.c: a page with the consumer's position, a page with the producer's, then the data twice in a
/// row, so that no record ever wraps. A record has 8 bytes of header, its length with a busy and a discard bit, and is padded
/// to a multiple of 8.
/// </remarks>
public sealed unsafe class RingLog : SafeHandle
{
    private const int HeaderBytes = 8;
    private const uint Busy = 1u << 31;
    private const uint Discarded = 1u << 30;
    private const int ReadOnly = 1;
    private const int ReadWrite = 3;
    private const int MapShared = 1;

    private readonly nuint _page = (nuint)Environment.SystemPageSize;
    private readonly nint _producer;
    private readonly ulong _mask;

    /// <summary>Maps the ring <paramref name="name"/> of a loaded object; reading begins at what was never released.</summary>
    public RingLog(BpfObject obj, string name)
        : this(obj.MapFd(name), (ulong)obj.MapCapacity(name), name)
    {
    }

    /// <summary>Maps whatever is laid out like a ring.</summary>
    /// <param name="fd">Its descriptor, which stays the caller's.</param>
    /// <param name="size">Bytes of data, a power of two.</param>
    /// <param name="name">For error messages.</param>
    public RingLog(int fd, ulong size, string name)
        : base(nint.Zero, ownsHandle: true)
    {
        Descriptor = fd;
        Size = size;
        _mask = Size - 1;
        var consumer = Libc.Mmap(nint.Zero, _page, ReadWrite, MapShared, fd, 0);
        if (consumer == -1)
        {
            throw new BpfException($"map ring {name} into memory", Marshal.GetLastPInvokeError());
        }
        SetHandle(consumer);
        _producer = Libc.Mmap(nint.Zero, MappedBytes, ReadOnly, MapShared, fd, (nint)_page);
        if (_producer == -1)
        {
            var errno = Marshal.GetLastPInvokeError();
            Dispose();
            throw new BpfException($"map ring {name} into memory", errno);
        }
        Position = Released;
    }

    /// <summary>For poll(2): readable while anything is not released, if the programs ask for wakeups. Valid while the object lives.</summary>
    public int Descriptor { get; }

    /// <summary>Bytes that the ring holds.</summary>
    public ulong Size { get; }

    /// <summary>Where the next record is read; positions count bytes and never wrap.</summary>
    public ulong Position { get; private set; }

    /// <summary>Up to where the room was given back.</summary>
    public ulong Released => Volatile.Read(ref *(ulong*)handle);

    /// <summary>Up to where the programs have reserved.</summary>
    public ulong Produced => Volatile.Read(ref *(ulong*)_producer);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == nint.Zero;

    /// <summary>
    /// The record at <see cref="Position"/>, without moving on; false when there is none that is complete. The span is valid
    /// until its room is released. Skips what the programs have discarded.
    /// </summary>
    public bool TryPeek(out ReadOnlySpan<byte> record)
    {
        var position = Position;
        var found = TryPeek(ref position, out record);
        Position = position;
        return found;
    }

    /// <summary>The same ahead of <see cref="Position"/>.</summary>
    /// <param name="position">Where a record begins, at <see cref="Position"/> or after it; moves past what the programs have discarded.</param>
    /// <param name="record">The record there.</param>
    public bool TryPeek(scoped ref ulong position, out ReadOnlySpan<byte> record)
    {
        var produced = Produced;
        while (position < produced)
        {
            var header = Volatile.Read(ref *(uint*)At(position));
            if ((header & Busy) != 0)
            {
                break;
            }
            var length = header & ~Discarded;
            if ((header & Discarded) == 0)
            {
                record = new ReadOnlySpan<byte>((void*)(At(position) + HeaderBytes), (int)length);
                return true;
            }
            position += Padded(length);
        }
        record = default;
        return false;
    }

    /// <summary>Moves past the record that <see cref="TryPeek(out ReadOnlySpan{byte})"/> has shown.</summary>
    public void Advance() => Position = After(Position);

    /// <summary>Where the record ends, and the next begins, that begins at <paramref name="position"/>.</summary>
    public ulong After(ulong position) => position + Padded(*(uint*)At(position) & ~Discarded);

    /// <summary>Gives back the room of everything below <paramref name="position"/>.</summary>
    public void Release(ulong position)
    {
        if (position > Released)
        {
            Volatile.Write(ref *(ulong*)handle, position);
        }
    }

    /// <summary>Passes over everything, and gives its room back.</summary>
    public void Clear()
    {
        while (TryPeek(out _))
        {
            Advance();
        }
        Release(Position);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        var released = Libc.Munmap(handle, _page) == 0;
        return _producer is 0 or -1 ? released : Libc.Munmap(_producer, MappedBytes) == 0 && released;
    }

    private nuint MappedBytes => _page + (2 * (nuint)Size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint At(ulong position) => _producer + (nint)_page + (nint)(position & _mask);

    private static ulong Padded(uint length) => (ulong)(length + HeaderBytes + 7) & ~7UL;
}
