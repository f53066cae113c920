using Appliance.Net;
using Appliance.Tests.Kernel.Net;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>A veth pair in the calling thread's namespace, both ends up, on which the kernel says nothing of its own.</summary>
internal sealed class Cable : IDisposable
{
    public Cable()
    {
        NetworkNamespaceScope.Command("ip", "link add lan type veth peer name far");
        using var netlink = new RtNetlink();
        (Far, Lan) = (Up("far"), Up("lan"));

        // The end that came up second is ready; the kernel brings the first to life a moment later (linkwatch).
        using var socket = PacketSocket.Open(Far);
        TapDeviceTests.Eventually(() => socket.Send(new byte[60]) == FrameOutcome.Accepted, "carrier");

        int Up(string name)
        {
            Sysctl.Write($"net.ipv6.conf.{name}.disable_ipv6", "1");
            var index = netlink.FindLink(name)!.Index;
            netlink.SetLinkUp(index, up: true);
            return index;
        }
    }

    /// <summary>Interface of the programs.</summary>
    public int Lan { get; }

    /// <summary>Interface of the others.</summary>
    public int Far { get; }

    public void Dispose() => NetworkNamespaceScope.Command("ip", "link del lan");
}
