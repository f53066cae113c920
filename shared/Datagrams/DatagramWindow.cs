using System.Numerics;

namespace Appliance.Datagrams;

/// <summary>
/// The last datagrams of one client's end, by the gateway's number. Numbers wrap around 32 bits; some may be missing, and they may
/// come a little out of order. Not thread-safe: one thread owns the memory and every window on it.
/// </summary>
public sealed class DatagramWindow : IDisposable
{
    /// <summary>How far back a node can tell which numbers have arrived, and so how many a window holds by default.</summary>
    public const int DefaultCapacity = 1024;

    private const int FirstSlots = 4;

    /// <summary>A window that serves another client's end keeps no more.</summary>
    private const int KeptSlots = 64;

    private readonly DatagramMemory _memory;
    private readonly int _capacity;

    private Slot[] _slots = new Slot[FirstSlots];
    private bool _isStarted;

    /// <summary>A window without datagrams.</summary>
    /// <param name="memory">Where the memory comes from.</param>
    /// <param name="capacity">How many numbers it spans, a power of two of at least 4.</param>
    public DatagramWindow(DatagramMemory memory, int capacity = DefaultCapacity)
    {
        if (capacity < FirstSlots || !BitOperations.IsPow2(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity));
        }
        _memory = memory;
        _capacity = capacity;
    }

    /// <summary>The lowest number that may be held.</summary>
    public uint Start { get; private set; }

    /// <summary>After the highest number that was recorded; <see cref="Start"/> while there was none.</summary>
    public uint Next { get; private set; }

    /// <summary>Datagrams held.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of their payloads.</summary>
    public long Bytes { get; private set; }

    private int Span => (int)(Next - Start);

    /// <summary>
    /// Records a datagram; the oldest numbers make room for it in the span. False when it is held already, or when there is no memory: then
    /// the number counts as recorded, but there is nothing of it.
    /// </summary>
    public bool Add(uint number, ReadOnlySpan<byte> payload, ulong recordedNs, int active = -1)
    {
        Reach(number);
        ref var slot = ref SlotOf(number);
        if (slot.Buffer is not null || !_memory.TryCopy(payload, out var buffer))
        {
            return false;
        }
        slot = new Slot(number, buffer, payload.Length, recordedNs, active);
        Count++;
        Bytes += payload.Length;
        return true;
    }

    /// <summary>The datagram with this number, unless it is missing.</summary>
    public bool TryGet(uint number, out RecordedDatagram datagram)
    {
        if (number - Start < (uint)Span && SlotOf(number) is { Buffer: { } buffer } slot)
        {
            datagram = new RecordedDatagram(buffer.AsMemory(0, slot.Length), slot.RecordedNs, slot.Active);
            return true;
        }
        datagram = default;
        return false;
    }

    /// <summary>Forgets a datagram, such as one that every replica has; false when there is none.</summary>
    public bool Remove(uint number)
    {
        if (number - Start >= (uint)Span || SlotOf(number).Buffer is null)
        {
            return false;
        }
        Free(number);
        SkipMissing();
        return true;
    }

    /// <summary>Forgets the oldest datagram; false when there is none.</summary>
    public bool EvictOldest()
    {
        SkipMissing();
        return Span > 0 && Remove(Start);
    }

    /// <summary>Forgets what was recorded before <paramref name="recordedNs"/>, up to the first that was not.</summary>
    public void EvictBefore(ulong recordedNs)
    {
        SkipMissing();
        while (Span > 0 && SlotOf(Start).RecordedNs < recordedNs)
        {
            Remove(Start);
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        while (EvictOldest())
        {
        }
        Start = Next;
    }

    /// <summary>Forgets all, the numbers too: the window may serve another client's end.</summary>
    internal void Reset()
    {
        Clear();
        (_isStarted, Start, Next) = (false, 0, 0);
        if (_slots.Length > KeptSlots)
        {
            _slots = new Slot[FirstSlots];
        }
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => Clear();

    /// <summary>Lets the window span the number.</summary>
    private void Reach(uint number)
    {
        var ahead = unchecked((int)(number - Next));
        if (!_isStarted || ahead < -_capacity)
        {
            // The first, or the first of a client's end that was forgotten meanwhile: the gateway counts it anew.
            Clear();
            (_isStarted, Start, Next) = (true, number, number);
            ahead = 0;
        }
        if (ahead >= 0)
        {
            while (Span > 0 && number - Start >= (uint)_capacity)
            {
                Free(Start++);
            }
            Start = Span == 0 ? number : Start;
            Next = number + 1;
        }
        else if (number - Start >= (uint)Span)
        {
            Start = number;
        }
        if (Span > _slots.Length)
        {
            Grow((int)BitOperations.RoundUpToPowerOf2((uint)Span));
        }
    }

    private void Grow(int length)
    {
        var smaller = _slots;
        _slots = new Slot[length];
        foreach (var slot in smaller.Where(static s => s.Buffer is not null))
        {
            SlotOf(slot.Number) = slot;
        }
    }

    private void SkipMissing()
    {
        while (Span > 0 && SlotOf(Start).Buffer is null)
        {
            Start++;
        }
    }

    private void Free(uint number)
    {
        ref var slot = ref SlotOf(number);
        if (slot.Buffer is not { } buffer)
        {
            return;
        }
        Count--;
        Bytes -= slot.Length;
        _memory.Return(buffer);
        slot = default;
    }

    private ref Slot SlotOf(uint number) => ref _slots[number & (uint)(_slots.Length - 1)];

    private readonly record struct Slot(uint Number, byte[]? Buffer, int Length, ulong RecordedNs, int Active);
}
