using System.Runtime.InteropServices;

namespace Appliance.Native;

/// <summary>Lets one thread end another's wait in poll(2): an eventfd(2). Thread-safe.</summary>
public sealed unsafe partial class WakeUp : IDisposable
{
    private const int NonBlocking = 0x800; // EFD_NONBLOCK
    private const int CloseOnExec = 0x80000; // EFD_CLOEXEC

    private readonly Net.FileDescriptorHandle _event = new(EventFd(0, NonBlocking | CloseOnExec));

    /// <summary>For poll(2): readable from <see cref="Set"/> until <see cref="Reset"/>.</summary>
    public int Descriptor => (int)_event.DangerousGetHandle();

    /// <summary>Ends the wait, or the next one.</summary>
    public void Set()
    {
        var one = 1UL;
        Net.LibC.Write(_event, (byte*)&one, sizeof(ulong));
    }

    /// <summary>The wait has ended.</summary>
    public void Reset()
    {
        ulong count;
        Net.LibC.Read(_event, (byte*)&count, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint value, int flags);
}
