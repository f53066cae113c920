using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Lab.Namespaces;

/// <summary>The few calls into the C library that .NET does not offer.</summary>
internal static partial class NativeMethods
{
    internal const int CloneNewNet = 0x40000000;
    internal const nuint GetInterfaceFlags = 0x8913;
    internal const nuint SetInterfaceFlags = 0x8914;
    internal const short InterfaceUp = 0x1;
    internal const int SetMask = 2;
    internal const int SigPipe = 13;

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    internal static partial int SetNamespace(SafeFileHandle descriptor, int kind);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int InterfaceControl(SafeHandle socket, nuint request, ref InterfaceRequest argument);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUserId();

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    internal static partial nint SetSignalHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    internal static unsafe partial int SetSignalMask(int how, byte* set, nint previous);

    /// <summary>Replaces this process; returns only on failure. The last element of <paramref name="arguments"/> is null.</summary>
    [LibraryImport("libc", EntryPoint = "execvp", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Execute(string file, string?[] arguments);

    /// <summary>C's <c>struct ifreq</c> as used for interface flags.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    internal unsafe struct InterfaceRequest
    {
        internal fixed byte Name[16];
        internal short Flags;
    }
}
