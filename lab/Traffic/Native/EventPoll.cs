using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance.Lab.Traffic.Native;

/// <summary>Level-triggered epoll for one thread. Each socket carries a tag that comes back with its events.</summary>
internal sealed unsafe class EventPoll : IDisposable
{
    private const int Capacity = 512;

    /// <summary>struct epoll_event is packed on x86-64 only: 4 bytes of bits, then (aligned elsewhere) 8 of data.</summary>
    private static readonly int s_stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly EpollHandle _handle;
    private readonly byte[] _events = GC.AllocateArray<byte>(Capacity * s_stride, pinned: true);

    public EventPoll()
    {
        int descriptor = Libc.EpollCreate(Libc.EpollCloseOnExec);
        _handle = descriptor >= 0 ? new EpollHandle(descriptor) : throw new Win32Exception();
    }

    /// <summary>Starts watching <paramref name="socket"/>; closing the socket ends it.</summary>
    public void Add(TcpSocket socket, int tag, PollEvents events) => Control(Libc.EpollAdd, socket, tag, events);

    /// <summary>Changes what <paramref name="socket"/> is watched for.</summary>
    public void Modify(TcpSocket socket, int tag, PollEvents events) => Control(Libc.EpollModify, socket, tag, events);

    /// <summary>Waits at most <paramref name="timeoutMs"/> milliseconds; returns how many events can be read.</summary>
    public int Wait(int timeoutMs)
    {
        int count = Libc.EpollWait(_handle, (byte*)Unsafe.AsPointer(ref _events[0]), Capacity, timeoutMs);
        if (count >= 0)
        {
            return count;
        }

        return Marshal.GetLastPInvokeError() == Errno.Interrupted ? 0 : throw new Win32Exception();
    }

    /// <summary>Event number <paramref name="index"/> of the last wait; returns its tag.</summary>
    public int Read(int index, out PollEvents events)
    {
        ReadOnlySpan<byte> entry = _events.AsSpan(index * s_stride, s_stride);
        events = (PollEvents)MemoryMarshal.Read<uint>(entry);
        return MemoryMarshal.Read<int>(entry[(s_stride - sizeof(ulong))..]);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private void Control(int operation, TcpSocket socket, int tag, PollEvents events)
    {
        Span<byte> change = stackalloc byte[s_stride];
        change.Clear();
        MemoryMarshal.Write(change, (uint)events);
        MemoryMarshal.Write(change[(s_stride - sizeof(ulong))..], tag);
        fixed (byte* pointer = change)
        {
            if (Libc.EpollControl(_handle, operation, socket, pointer) != 0)
            {
                throw new Win32Exception();
            }
        }
    }
}
