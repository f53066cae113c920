using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Appliance.Configuration;
using Appliance.Host;
using Appliance.Net;

namespace Appliance.Node;

/// <summary>
/// The node's side of the service's addresses: always local (on lo, silent), on the LAN interface only while the node is
/// active; and a route of their own, so that their packets return through the gateway whatever the host's default route is.
/// </summary>
public sealed class NodeNetwork : IDisposable
{
    private const int RulePriority = 8201;

    private readonly NodeOptions _options;
    private readonly RtNetlink _netlink;
    private readonly SysctlScope _sysctls = new();
    private readonly int _loopback;
    private readonly byte[] _mac;
    private readonly List<IPAddress> _addresses;
    private bool _quick;

    /// <summary>Sets everything up, silent.</summary>
    /// <exception cref="StartupException">A kernel setting cannot be made.</exception>
    public NodeNetwork(NodeOptions options, RtNetlink netlink, LinkInfo lan)
    {
        _options = options;
        _netlink = netlink;
        Lan = lan;
        _mac = lan.Mac.GetAddressBytes();
        _addresses = [.. options.VirtualAddresses];
        _loopback = netlink.FindLink("lo")?.Index ?? throw new StartupException("there is no interface 'lo'");
        try
        {
            foreach (var (name, value) in Settings(lan.Name))
            {
                _sysctls.Set(name, value);
            }
            StartupException.ThrowIfAny(_sysctls.Remedies);
            foreach (var address in _addresses)
            {
                netlink.AddAddress(_loopback, address, HostPrefix(address));
                netlink.RemoveAddress(lan.Index, address, HostPrefix(address));
                netlink.AddRule(RulePriority, address, HostPrefix(address), options.RoutingTable);
            }
            UseQuickRetransmission(true);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The LAN interface.</summary>
    public LinkInfo Lan { get; }

    /// <summary>The kernel settings that the agent makes while it runs.</summary>
    public static IReadOnlyList<(string Name, string Value)> Settings(string lan) =>
    [
        // The addresses live on lo: without these the node would answer ARP for them on the LAN.
        .. UnlessForAll(lan, "arp_ignore", "1"),
        .. UnlessForAll(lan, "arp_announce", "2"),
        // A socket in TIME_WAIT has to make way for the replica of a new connection: by a reset.
        ("net.ipv4.tcp_rfc1337", "0"),
        // Clients are not where the LAN interface leads when they come by the TAP.
        (Sysctl.ForInterface("ipv4", lan, "rp_filter"), "0"),
        (TapDevice.FilterOfAll, "0"),
    ];

    /// <summary>
    /// Puts the addresses on the LAN interface and announces them (gratuitous ARP, RFC 5227; unsolicited neighbour
    /// advertisement, RFC 4861 section 7.2.6), or takes them off it.
    /// </summary>
    public void HoldAddresses(bool hold)
    {
        Span<byte> frame = stackalloc byte[Announcement.LongestFrame];
        using var packets = PacketSocket.Open(Lan.Index);
        foreach (var address in _addresses)
        {
            var length = Announcement.Write(frame, address, _mac);
            if (hold)
            {
                _netlink.AddAddress(Lan.Index, address, HostPrefix(address));
                packets.Send(frame[..length]);
            }
            else
            {
                _netlink.RemoveAddress(Lan.Index, address, HostPrefix(address));
            }
        }
    }

    /// <summary>
    /// A small retransmission timeout that hardly backs off, so that the stack itself re-sends at once what clients lack
    /// after a takeover; or the usual one, for delayed acknowledgements and long paths.
    /// </summary>
    public void UseQuickRetransmission(bool quick)
    {
        _quick = quick;
        foreach (var nextHop in _options.NextHops)
        {
            _netlink.ReplaceDefaultRoute(_options.RoutingTable, nextHop.AddressFamily, Lan.Index, nextHop, quick ? _options.TakeoverRtoMin : null);
        }
        Sysctl.Write("net.ipv4.tcp_thin_linear_timeouts", quick ? "1" : "0");
    }

    /// <summary>Takes everything back.</summary>
    public void Dispose()
    {
        foreach (var address in _addresses)
        {
            _netlink.RemoveAddress(Lan.Index, address, HostPrefix(address));
            _netlink.RemoveAddress(_loopback, address, HostPrefix(address));
            _netlink.RemoveRule(RulePriority, address, HostPrefix(address), _options.RoutingTable);
        }
        foreach (var nextHop in _options.NextHops)
        {
            _netlink.RemoveDefaultRoute(_options.RoutingTable, nextHop.AddressFamily);
        }
        if (_quick)
        {
            Sysctl.Write("net.ipv4.tcp_thin_linear_timeouts", "0");
        }
        _sysctls.Dispose();
    }

    /// <summary>
    /// Of these settings the kernel takes the greater of <c>all</c> and the interface's. A container, which cannot write either, can be
    /// given the first from outside, before it has an interface.
    /// </summary>
    private static IEnumerable<(string Name, string Value)> UnlessForAll(string lan, string setting, string value) =>
        Sysctl.Read(Sysctl.ForInterface("ipv4", "all", setting), out var forAll) == SysctlStatus.Ok && forAll == value
            ? []
            : [(Sysctl.ForInterface("ipv4", lan, setting), value)];

    private static int HostPrefix(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
}
