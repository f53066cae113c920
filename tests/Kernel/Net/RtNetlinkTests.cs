using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;
using Appliance.Net;
using Appliance.Tests.Support;
using static Appliance.Tests.Kernel.Net.NetworkNamespaceScope;

namespace Appliance.Tests.Kernel.Net;

[TestClass]
public sealed class RtNetlinkTests
{
    private static readonly PhysicalAddress Mac = PhysicalAddress.Parse("02AABBCCDDEE");
    private static readonly PhysicalAddress OtherMac = PhysicalAddress.Parse("02AABBCCDDEF");

    [TestMethod]
    public void Links_are_listed_and_found_by_name() => OnVethPair(static (netlink, left) =>
    {
        CollectionAssert.AreEquivalent(
            new[] { "lo", "left", "right" }, netlink.Links().Select(static link => link.Name).ToArray());
        Assert.AreEqual(left, netlink.Links().Single(static link => link.Name is "left"));
        Assert.IsTrue(left.IsUp);
        Assert.IsTrue(left.HasCarrier);
        Assert.AreEqual(1500, left.Mtu);
        using var expected = Ip("link show left");
        Assert.AreEqual(expected.RootElement[0].GetProperty("ifindex").GetInt32(), left.Index);
        Assert.AreEqual(PhysicalAddress.Parse(expected.RootElement[0].GetProperty("address").GetString()), left.Mac);

        Assert.IsNull(netlink.FindLink("nobody"));
        Assert.IsNull(netlink.FindLink(""));
        Assert.IsNull(netlink.FindLink("sixteen-letters-"));
    });

    [TestMethod]
    public void A_link_goes_down_and_its_peer_loses_carrier() => OnVethPair(static (netlink, left) =>
    {
        netlink.SetLinkUp(left.Index, up: false);
        netlink.SetLinkUp(left.Index, up: false);
        Assert.IsFalse(netlink.FindLink("left")!.IsUp);
        Assert.IsTrue(netlink.FindLink("right")!.IsUp);
        Assert.IsFalse(netlink.FindLink("right")!.HasCarrier);

        netlink.SetLinkMtu(left.Index, 9000);
        Assert.AreEqual(9000, netlink.FindLink("left")!.Mtu);
    });

    [TestMethod]
    [DataRow("10.1.2.3", 32)]
    [DataRow("10.1.2.3", 24)]
    [DataRow("2001:db8::3", 128)]
    [DataRow("2001:db8::3", 64)]
    public void Addresses_are_added_and_removed_idempotently(string text, int prefixLength) =>
        OnVethPair((netlink, left) =>
        {
            var address = IPAddress.Parse(text);
            Assert.IsFalse(netlink.IsLocal(address));
            netlink.AddAddress(left.Index, address, prefixLength);
            netlink.AddAddress(left.Index, address, prefixLength);
            var added = netlink.Addresses(left.Index).Single(candidate => candidate.Address.Equals(address));
            Assert.AreEqual(prefixLength, added.PrefixLength);
            Assert.AreEqual(left.Index, added.InterfaceIndex);
            Assert.IsTrue(added.Flags.HasFlag(AddressFlags.NoPrefixRoute | AddressFlags.Permanent));
            Assert.IsFalse(added.Flags.HasFlag(AddressFlags.Tentative));
            TapDeviceTests.Eventually(() => netlink.IsLocal(address), "local route of the address");
            using (var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp))
            {
                socket.Bind(new IPEndPoint(address, 0));
            }

            var version = address.AddressFamily == AddressFamily.InterNetwork ? "-4" : "-6";
            Assert.DoesNotContain(text[..6], Command("ip", $"{version} route show table main"), StringComparison.Ordinal);

            netlink.RemoveAddress(left.Index, address, prefixLength);
            netlink.RemoveAddress(left.Index, address, prefixLength);
            Assert.IsFalse(netlink.Addresses(left.Index).Any(candidate => candidate.Address.Equals(address)));
            netlink.RemoveAddress(4711, address, prefixLength);
        });

    [TestMethod]
    public void Addresses_of_lo_hold_both_families() => OnVethPair(static (netlink, _) =>
    {
        var vip = IPAddress.Parse("10.1.2.3");
        netlink.AddAddress(1, vip, 32);
        CollectionAssert.AreEquivalent(
            new[] { IPAddress.Loopback, vip, IPAddress.IPv6Loopback },
            netlink.Addresses(1).Select(static address => address.Address).ToArray());
    });

    [TestMethod]
    [DataRow("10.1.2.3")]
    [DataRow("2001:db8::3")]
    public void Neighbours_are_permanent_and_replaced_in_place(string text) => OnVethPair((netlink, left) =>
    {
        var address = IPAddress.Parse(text);
        Assert.IsNull(netlink.FindNeighbour(left.Index, address));
        netlink.ReplacePermanentNeighbour(left.Index, address, Mac);
        netlink.ReplacePermanentNeighbour(left.Index, address, Mac);
        Assert.AreEqual(Mac, netlink.FindNeighbour(left.Index, address));
        netlink.ReplacePermanentNeighbour(left.Index, address, OtherMac);
        Assert.AreEqual(OtherMac, netlink.FindNeighbour(left.Index, address));
        using (var shown = Ip($"neigh show {text} dev left"))
        {
            Assert.AreEqual("PERMANENT", shown.RootElement[0].GetProperty("state")[0].GetString(), StringComparer.Ordinal);
        }

        netlink.RemoveNeighbour(left.Index, address);
        netlink.RemoveNeighbour(left.Index, address);
        Assert.IsNull(netlink.FindNeighbour(left.Index, address));
        netlink.RemoveNeighbour(4711, address);
    });

    [TestMethod]
    [DataRow("-4", "10.1.2.1", "10.1.2.2")]
    [DataRow("-6", "2001:db8::1", "2001:db8::2")]
    public void Default_route_equals_the_one_ip_makes(string version, string first, string second) => OnVethPair((netlink, left) =>
    {
        const int table = 1000;
        var family = IPAddress.Parse(first).AddressFamily;
        Command("ip", family == AddressFamily.InterNetwork
            ? "addr add 10.1.2.9/24 dev left"
            : "addr add 2001:db8::9/64 dev left nodad");
        netlink.RemoveDefaultRoute(table, family);

        netlink.ReplaceDefaultRoute(table, family, left.Index, IPAddress.Parse(second), rtoMin: null);
        var plain = Command("ip", $"{version} -j -d route show table {table}");
        Assert.DoesNotContain("rto_min", plain, StringComparison.Ordinal);
        netlink.ReplaceDefaultRoute(table, family, left.Index, IPAddress.Parse(first), TimeSpan.FromMilliseconds(5));
        netlink.ReplaceDefaultRoute(table, family, left.Index, IPAddress.Parse(first), TimeSpan.FromMilliseconds(5));
        var made = Command("ip", $"{version} -j -d route show table {table}");

        netlink.RemoveDefaultRoute(table, family);
        netlink.RemoveDefaultRoute(table, family);
        using (var gone = Ip($"{version} route show table {table}"))
        {
            Assert.AreEqual(0, gone.RootElement.GetArrayLength());
        }

        Command("ip", $"{version} route replace default via {first} dev left rto_min 5ms proto static table {table}");
        Assert.AreEqual(Command("ip", $"{version} -j -d route show table {table}"), made, StringComparer.Ordinal);
        Assert.Contains("lock", Command("ip", $"{version} route show table {table}"), StringComparison.Ordinal);
    });

    [TestMethod]
    [DataRow("-4", "10.1.2.3", 32)]
    [DataRow("-6", "2001:db8::", 64)]
    public void Rules_are_added_once_and_removed(string version, string text, int prefixLength) => OnVethPair((netlink, _) =>
    {
        var from = IPAddress.Parse(text);
        netlink.AddRule(500, from, prefixLength, 1000);
        netlink.AddRule(500, from, prefixLength, 1000);
        using (var rules = Ip($"{version} rule show priority 500"))
        {
            var rule = rules.RootElement.EnumerateArray().Single();
            Assert.AreEqual(text, rule.GetProperty("src").GetString(), StringComparer.Ordinal);
            Assert.AreEqual("1000", rule.GetProperty("table").GetString(), StringComparer.Ordinal);
        }

        netlink.RemoveRule(500, from, prefixLength, 1000);
        netlink.RemoveRule(500, from, prefixLength, 1000);
        Assert.AreEqual("", Command("ip", $"{version} rule show priority 500").Trim(), StringComparer.Ordinal);
    });

    [TestMethod]
    public void A_refusal_says_what_was_tried_and_what_the_kernel_says() => OnVethPair(static (netlink, left) =>
    {
        var exception = Assert.ThrowsExactly<NetlinkException>(
            () => netlink.AddAddress(4711, IPAddress.Parse("10.1.2.3"), 32));
        Assert.AreEqual(19, exception.Result.Errno);
        Assert.StartsWith(
            "Could not add address 10.1.2.3/32 to interface 4711: No such device (errno 19)",
            exception.Message,
            StringComparison.Ordinal);

        exception = Assert.ThrowsExactly<NetlinkException>(() => netlink.ReplaceDefaultRoute(
            1000, AddressFamily.InterNetwork, left.Index, IPAddress.Parse("192.0.2.1"), rtoMin: null));
        Assert.Contains("gateway", exception.Result.KernelMessage!, StringComparison.OrdinalIgnoreCase);

        // The socket is still good.
        Assert.IsNotNull(netlink.FindLink("left"));
    });

    [TestMethod]
    public void What_a_takeover_calls_allocates_nothing() => OnVethPair(static (netlink, left) =>
    {
        var vip = IPAddress.Parse("10.1.2.3");
        var gateway = IPAddress.Parse("10.1.2.1");
        var mac = Mac.GetAddressBytes();
        Command("ip", "addr add 10.1.2.9/24 dev left");
        netlink.AddAddress(left.Index, vip, 32);
        netlink.AddRule(500, vip, 32, 1000);
        Takeovers(1); // compiles everything
        Assert.AreEqual(0, AllocatedBytes.Of(() => Takeovers(50)));

        void Takeovers(int count)
        {
            for (var i = 0; i < count; i++)
            {
                netlink.RemoveAddress(left.Index, vip, 32);
                netlink.RemoveRule(500, vip, 32, 1000);
                netlink.AddAddress(left.Index, vip, 32);
                netlink.ReplacePermanentNeighbour(left.Index, vip, mac);
                netlink.ReplaceDefaultRoute(1000, AddressFamily.InterNetwork, left.Index, gateway, TimeSpan.FromMilliseconds(5));
                netlink.AddRule(500, vip, 32, 1000);
            }
        }
    });

    private static JsonDocument Ip(string arguments) => JsonDocument.Parse(Command("ip", "-j " + arguments));

    private static void OnVethPair(Action<RtNetlink, LinkInfo> test) => Run(() =>
    {
        Command("ip", "link add left type veth peer name right");
        using var netlink = new RtNetlink();
        netlink.SetLinkUp(netlink.FindLink("left")!.Index, up: true);
        netlink.SetLinkUp(netlink.FindLink("right")!.Index, up: true);
        test(netlink, netlink.FindLink("left")!);
    });
}
