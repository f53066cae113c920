using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Appliance.Native;

/// <summary>Waits for several sockets at once, without allocating: poll(2), with ppoll's resolution.</summary>
public sealed unsafe class Poller(IReadOnlyList<Socket> sockets)
{
    private const short Readable = 1;

    private readonly PollFd[] _descriptors =
        [.. sockets.Select(s => new PollFd { Descriptor = (int)s.SafeHandle.DangerousGetHandle(), Events = Readable })];

    /// <summary>True when at least one has something to read.</summary>
    public bool Wait(TimeSpan timeout)
    {
        var ticks = Math.Max(timeout.Ticks, 0);
        var limit = new TimeSpec { Seconds = ticks / TimeSpan.TicksPerSecond, Nanoseconds = ticks % TimeSpan.TicksPerSecond * 100 };
        fixed (PollFd* descriptors = _descriptors)
        {
            return Libc.PPoll(descriptors, (nuint)_descriptors.Length, &limit, nint.Zero) > 0;
        }
    }

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
}
