using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Tests.Lab.Support;

/// <summary>What a program of the appliance changes on a host, as text: two are equal when nothing was left behind.</summary>
/// <param name="Network">Links, addresses, rules, routes, neighbours and hooks.</param>
/// <param name="Settings">Kernel settings.</param>
internal sealed record HostSnapshot(string Network, string Settings)
{
    private static readonly string[] s_queries =
    [
        "ip -o link", "ip -o address", "ip rule", "ip -6 rule", "ip route show table all", "ip -6 route show table all",
        "ip neigh show nud permanent", "tc filter show dev lan0 ingress", "tc filter show dev lan0 egress",
    ];

    private static readonly string[] s_settings =
    [
        "ipv4/conf/all/rp_filter", "ipv4/conf/lan0/rp_filter", "ipv4/conf/lan0/arp_ignore", "ipv4/conf/lan0/arp_announce", "ipv4/tcp_thin_linear_timeouts",
    ];

    /// <summary>Looks at a host.</summary>
    public static async Task<HostSnapshot> TakeAsync(Laboratory lab, LabHost host)
    {
        var network = await CommandRunner.RequireAsync(lab.CommandOn(host, ["sh", "-c", string.Join("; ", s_queries.Select(query => $"echo '# {query}'; {query}"))]));
        var settings = NetworkNamespace.Run(
            lab.Namespace(host),
            () => s_settings.Select(setting => $"{setting} = {File.ReadAllText($"/proc/sys/net/{setting}").Trim()}").ToList());

        // An address is tentative for a while after its interface came up.
        return new HostSnapshot(network.Output.Replace(" tentative", "", StringComparison.Ordinal), string.Join('\n', settings));
    }
}
