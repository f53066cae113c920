using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Appliance.Net;

namespace Appliance.Tests.Kernel.Net;

/// <summary>
/// Runs a test on a thread of its own in a fresh network namespace with lo up. Sockets, /proc/sys/net and child processes that
/// the test's thread starts are of that namespace; it vanishes with the thread and the test's descriptors. Nothing of the host's
/// network is touched. Work handed to other threads (tasks, asynchronous I/O) would run in the host's: stay synchronous.
/// </summary>
internal static partial class NetworkNamespaceScope
{
    private const int CLONE_NEWNET = 0x40000000;

    /// <summary>Runs <paramref name="test"/> and rethrows what it throws; inconclusive without CAP_SYS_ADMIN.</summary>
    public static void Run(Action test)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                test();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Runs a command without a shell in the calling thread's namespace; its standard output, or an assertion failure.</summary>
    public static string Command(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, $"{program} {arguments}: {error}");
        return output;
    }

    private static void Enter()
    {
        if (Unshare(CLONE_NEWNET) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            Assert.Inconclusive($"unshare(CLONE_NEWNET): {Marshal.GetPInvokeErrorMessage(errno)}; run as root.");
        }

        using var netlink = new RtNetlink();
        netlink.SetLinkUp(netlink.FindLink("lo")!.Index, up: true);
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);
}
