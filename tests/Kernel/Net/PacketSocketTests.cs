using System.Net;
using System.Net.NetworkInformation;
using Appliance.Net;
using static Appliance.Tests.Kernel.Net.NetworkNamespaceScope;

namespace Appliance.Tests.Kernel.Net;

[TestClass]
public sealed class PacketSocketTests
{
    [TestMethod]
    [DataRow("10.1.2.3")]
    [DataRow("2001:db8::3")]
    public void An_announcement_moves_the_neighbour_entry_of_the_other_side(string text) => Run(() =>
    {
        var address = IPAddress.Parse(text);
        var stale = PhysicalAddress.Parse("02AABBCCDDEE");
        using var netlink = new RtNetlink();
        Command("ip", "link add left type veth peer name right");
        netlink.SetLinkUp(netlink.FindLink("left")!.Index, up: true);
        netlink.SetLinkUp(netlink.FindLink("right")!.Index, up: true);
        var (left, right) = (netlink.FindLink("left")!, netlink.FindLink("right")!);
        Command("ip", $"neigh add {text} lladdr 02:aa:bb:cc:dd:ee nud reachable dev right");
        Assert.AreEqual(stale, netlink.FindNeighbour(right.Index, address));

        using var socket = PacketSocket.Open(left.Index);
        Span<byte> frame = stackalloc byte[Announcement.LongestFrame];
        var length = Announcement.Write(frame, address, left.Mac.GetAddressBytes());
        Assert.AreEqual(FrameOutcome.Accepted, socket.Send(frame[..length]));
        TapDeviceTests.Eventually(
            () => left.Mac.Equals(netlink.FindNeighbour(right.Index, address)), "neighbour entry with the new MAC");
    });

    [TestMethod]
    public void Failures_are_told_apart() => Run(static () =>
    {
        using var netlink = new RtNetlink();
        Command("ip", "link add left type veth peer name right");
        using var socket = PacketSocket.Open(netlink.FindLink("left")!.Index);
        Assert.AreEqual(FrameOutcome.DeviceDown, socket.Send(new byte[60]));
        netlink.SetLinkUp(socket.InterfaceIndex, up: true);
        Assert.AreEqual(FrameOutcome.Rejected, socket.Send(new byte[9000]), "longer than the MTU");
        Command("ip", "link del left");
        Assert.AreEqual(FrameOutcome.DeviceDown, socket.Send(new byte[60]));
        Assert.ThrowsExactly<IOException>(static () => PacketSocket.Open(4711));
    });
}
