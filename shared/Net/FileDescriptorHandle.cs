using Microsoft.Win32.SafeHandles;

namespace Appliance.Net;

/// <summary>Owns one Linux file descriptor and closes it exactly once.</summary>
/// <remarks>
/// Descriptors come back from libc as a 32-bit int. They are wrapped by hand instead of being returned as a SafeHandle by the
/// marshaller, which would read a full register whose upper half the C ABI leaves undefined.
/// </remarks>
public sealed class FileDescriptorHandle : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes ownership of <paramref name="descriptor"/>; −1 makes an invalid handle.</summary>
    public FileDescriptorHandle(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;
}
