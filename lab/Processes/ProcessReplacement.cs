using System.ComponentModel;
using System.Runtime.InteropServices;
using Appliance.Lab.Namespaces;

namespace Appliance.Lab.Processes;

/// <summary>Turns this process into another program, so that standard streams, signals and exit code are that program's.</summary>
public static class ProcessReplacement
{
    /// <summary>Becomes <paramref name="command"/>, found along PATH. Returns only by an exception.</summary>
    /// <exception cref="LabException">The program cannot be executed.</exception>
    public static unsafe void Become(IReadOnlyList<string> command)
    {
        // The runtime ignores SIGPIPE, and ignored signals and the signal mask survive execve: put the defaults back.
        NativeMethods.SetSignalHandler(NativeMethods.SigPipe, 0);
        var none = stackalloc byte[128];
        new Span<byte>(none, 128).Clear();
        _ = NativeMethods.SetSignalMask(NativeMethods.SetMask, none, 0);

        NativeMethods.Execute(command[0], [.. command, null]);
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        throw new LabException(LabFailure.MissingTool, $"Cannot start {command[0]}: {error.Message}", error);
    }
}
