using System.Runtime.InteropServices;

namespace Appliance.Host;

/// <summary>SIGHUP, when a parent had it ignored (nohup(1)): that outlives execve(2), and .NET installs no handler over it.</summary>
internal static partial class HangUp
{
    private const int Number = 1;
    private const nint Default = 0;

    /// <summary>Takes the signal back to its default action, so that a handler can be registered.</summary>
    public static void Restore() => Signal(Number, Default);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint action);
}
