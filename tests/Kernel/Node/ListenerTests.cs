using System.Net;
using System.Net.Sockets;
using Appliance.Bpf;
using Appliance.Native;
using Appliance.Tests.Kernel.Fixtures;

namespace Appliance.Tests.Kernel.Node;

/// <summary>A listener that goes wakes the agent.</summary>
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
    public void A_tracepoint_that_the_kernel_lacks_is_named()
    {
        using var rig = new NodeRig();
        var e = Assert.ThrowsExactly<BpfException>(() => RawTracepoint.Attach(rig.Object, "listener_gone", "no_such_tracepoint"));
        Assert.Contains("no_such_tracepoint", e.Message, StringComparison.Ordinal);
    }

    private static bool IsReadable(RingLog ring)
    {
        var poller = new DescriptorPoller();
        var index = poller.Add(ring.Descriptor, write: false);
        poller.Wait(TimeSpan.FromSeconds(5));
        return poller.IsReadable(index);
    }
}
