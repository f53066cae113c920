using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Native;
using Appliance.Net;
using Appliance.Tests.Kernel.Fixtures;

namespace Appliance.Tests.Kernel.Node;

/// <summary>A listener that goes wakes the agent, and so does a process that dies with one.</summary>
[TestClass]
public sealed class ListenerTests
{
    [TestMethod]
    public void The_end_of_a_listener_is_told_at_once()
    {
        using var rig = new NodeRig();
        using var tracepoint = RawTracepoint.Attach(rig.Object, "listener_gone", "inet_sock_set_state");
        using var gone = new RingLog(rig.Object, "listeners_gone");
        var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
        listener.Start();
        listener.Stop();
        Assert.IsTrue(IsReadable(gone));
        gone.Clear();
        Assert.AreEqual(gone.Produced, gone.Released);
    }

    [TestMethod]
    [DataRow("", true, DisplayName = "the only process that has it")]
    [DataRow("pipe(R, W); if (!fork()) { close(S); close(W); sleep 60; exit } close(W); <R>", true, DisplayName = "a child has let go of it")]
    [DataRow("if (!fork()) { sleep 60; exit }", false, DisplayName = "a child has it, too")]
    [DataRow("open(T, '>&', S)", false, DisplayName = "there is another descriptor")]
    [DataRow("shutdown(S, 2)", false, DisplayName = "it does not listen any more")]
    public void A_process_that_dies_with_its_listener_is_told_before_the_listener_is_gone(string deed, bool isTold)
    {
        using var rig = new NodeRig();
        using var tracepoint = RawTracepoint.Attach(rig.Object, "process_exit", "sched_process_exit");
        using var gone = new RingLog(rig.Object, "listeners_gone");
        using var server = Process.Start(new ProcessStartInfo("perl", ["-e", Program(deed)]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var port = int.Parse(server.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
        var cookie = CookieOf(port);
        gone.Clear();
        var children = ChildrenOf(server.Id);
        server.Kill();
        server.WaitForExit();
        Assert.AreEqual(isTold, Told(gone).Contains(cookie));
        foreach (var child in children)
        {
            using var process = Process.GetProcessById(child);
            process.Kill();
        }
    }

    [TestMethod]
    public void A_tracepoint_that_the_kernel_lacks_is_named()
    {
        using var rig = new NodeRig();
        var e = Assert.ThrowsExactly<BpfException>(() => RawTracepoint.Attach(rig.Object, "listener_gone", "no_such_tracepoint"));
        Assert.Contains("no_such_tracepoint", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Listens, does something with the listener, says where it is, and waits for its end.</summary>
    private static string Program(string deed) =>
        "use Socket; $| = 1; socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(0, INADDR_LOOPBACK)); listen(S, 5); "
        + $"$port = (sockaddr_in(getsockname(S)))[0]; {deed}; print($port, \"\\n\"); sleep 60";

    /// <summary>Once the process is not there any more, everything was told.</summary>
    private static HashSet<ulong> Told(RingLog gone)
    {
        var cookies = new HashSet<ulong>();
        while (gone.TryPeek(out var cookie))
        {
            cookies.Add(MemoryMarshal.Read<ulong>(cookie));
            gone.Advance();
        }
        return cookies;
    }

    /// <summary>Of the listener, or of nothing: 1 is no cookie of a socket that was just made.</summary>
    private static ulong CookieOf(int port)
    {
        using var sockets = new SocketDiagnostics();
        var entries = new List<SocketEntry>();
        for (var i = 0; i < 10; i++)
        {
            Assert.IsTrue(sockets.List(SocketDiagnostics.Listening, entries).IsOk);
            if (entries.FirstOrDefault(entry => entry.Id.LocalPort == port) is { Id.LocalPort: > 0 } entry)
            {
                return entry.Id.Cookie;
            }
        }
        return 1;
    }

    private static List<int> ChildrenOf(int pid)
    {
        var children = File.ReadAllText($"/proc/{pid}/task/{pid}/children");
        return [.. children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, System.Globalization.CultureInfo.InvariantCulture))];
    }

    private static bool IsReadable(RingLog ring)
    {
        var poller = new DescriptorPoller();
        var index = poller.Add(ring.Descriptor, write: false);
        poller.Wait(TimeSpan.FromSeconds(5));
        return poller.IsReadable(index);
    }
}
