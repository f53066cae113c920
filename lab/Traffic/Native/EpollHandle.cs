using Microsoft.Win32.SafeHandles;

namespace Appliance.Lab.Traffic.Native;

/// <summary>Owns the file descriptor of an epoll instance.</summary>
internal sealed class EpollHandle : SafeHandleMinusOneIsInvalid
{
    public EpollHandle(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close(handle) == 0;
}
