namespace Appliance.Lab.Topology;

/// <summary>Kernel settings that an administrator makes on each machine before the appliance is started.</summary>
public static class SysctlPlan
{
    private static readonly (string Path, string Value)[] Everywhere =
    [
        // Addresses are usable at once, and only the ones given here are.
        ("net/ipv6/conf/all/accept_dad", "0"),
        ("net/ipv6/conf/default/accept_dad", "0"),
        ("net/ipv6/conf/all/accept_ra", "0"),
        ("net/ipv6/conf/default/accept_ra", "0"),
        ("net/ipv4/conf/all/rp_filter", "0"),
        ("net/ipv4/conf/default/rp_filter", "0"),
        ("net/core/somaxconn", "65535"),
    ];

    private static readonly (string Path, string Value)[] Client =
    [
        ("net/ipv4/ip_local_port_range", "10000 65000"),
    ];

    private static readonly (string Path, string Value)[] Gateway =
    [
        ("net/ipv4/ip_forward", "1"),
        ("net/ipv6/conf/all/forwarding", "1"),
        ("net/ipv6/conf/default/forwarding", "1"),
    ];

    private static readonly (string Path, string Value)[] Switch =
    [
        // The switch only forwards; it has no voice in the LAN.
        ("net/ipv6/conf/all/disable_ipv6", "1"),
        ("net/ipv6/conf/default/disable_ipv6", "1"),
        // Nor does it send frames through a packet filter, where the host has loaded that.
        ("net/bridge/bridge-nf-call-iptables", "0"),
        ("net/bridge/bridge-nf-call-ip6tables", "0"),
        ("net/bridge/bridge-nf-call-arptables", "0"),
    ];

    private static readonly (string Path, string Value)[] Node =
    [
        ("net/mptcp/enabled", "0"),
        ("net/ipv4/tcp_rmem", "4096 16777216 33554432"),
        ("net/ipv4/tcp_wmem", "4096 262144 33554432"),
        ("net/ipv4/tcp_max_syn_backlog", "65535"),
    ];

    /// <summary>Paths below <c>/proc/sys</c> and their values, to be written inside the host's namespace before it has links.</summary>
    public static IReadOnlyList<(string Path, string Value)> For(LabHost host) => host switch
    {
        LabHost.Client => [.. Everywhere, .. Client],
        LabHost.Gateway => [.. Everywhere, .. Gateway],
        LabHost.Switch => [.. Everywhere, .. Switch],
        LabHost.Node1 or LabHost.Node2 => [.. Everywhere, .. Node],
        _ => throw new ArgumentOutOfRangeException(nameof(host)),
    };
}
