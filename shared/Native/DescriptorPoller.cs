using System.Runtime.InteropServices;

namespace Appliance.Native;

/// <summary>Waits for a set of descriptors that changes from one wait to the next, without allocating: poll(2), with ppoll's resolution.</summary>
public sealed unsafe class DescriptorPoller
{
    private const short Readable = 0x1;
    private const short Writable = 0x4;

    /// <summary>POLLERR and POLLHUP: a read or a write tells what happened, and does not block.</summary>
    private const short Broken = 0x8 | 0x10;

    private const short Invalid = 0x20;

    private PollFd[] _descriptors = new PollFd[16];

    /// <summary>Descriptors that are waited for.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all descriptors.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a descriptor to wait for input and, if asked, for room to write.</summary>
    /// <returns>Its index, until <see cref="Clear"/>.</returns>
    public int Add(int fd, bool write)
    {
        if (Count == _descriptors.Length)
        {
            Array.Resize(ref _descriptors, 2 * Count);
        }
        _descriptors[Count] = new PollFd { Descriptor = fd, Events = (short)(write ? Readable | Writable : Readable) };
        return Count++;
    }

    /// <summary>
    /// Waits until at least one descriptor is ready, the time is over or a signal arrived;
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.
    /// </summary>
    /// <returns>Descriptors that are ready.</returns>
    /// <exception cref="ArgumentException">A descriptor is closed.</exception>
    public int Wait(TimeSpan timeout)
    {
        var ticks = Math.Max(timeout.Ticks, 0);
        var limit = new TimeSpec { Seconds = ticks / TimeSpan.TicksPerSecond, Nanoseconds = ticks % TimeSpan.TicksPerSecond * 100 };
        int ready;
        fixed (PollFd* descriptors = _descriptors)
        {
            ready = Libc.PPoll(descriptors, (nuint)Count, timeout == Timeout.InfiniteTimeSpan ? null : &limit, nint.Zero);
        }
        if (ready < 0)
        {
            for (var i = 0; i < Count; i++)
            {
                _descriptors[i].Returned = 0;
            }
            return 0;
        }
        for (var i = 0; i < Count && ready > 0; i++)
        {
            if ((_descriptors[i].Returned & Invalid) != 0)
            {
                throw new ArgumentException($"descriptor {_descriptors[i].Descriptor} is not open");
            }
        }
        return ready;
    }

    /// <summary>Did the last wait find input, the end or an error at this index?</summary>
    public bool IsReadable(int index) => (Returned(index) & (Readable | Broken)) != 0;

    /// <summary>Did the last wait find room to write, or an error, at this index? Only where writing was asked for.</summary>
    public bool IsWritable(int index) => (_descriptors[index].Events & Writable) != 0 && (Returned(index) & (Writable | Broken)) != 0;

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    private short Returned(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return _descriptors[index].Returned;
    }
}
