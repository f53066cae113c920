using System.Net;
using System.Net.Sockets;

namespace Appliance.Configuration;

/// <summary>A node's configuration file; the same for primary and backup.</summary>
public sealed record NodeOptions
{
    /// <summary>The node's name, as the gateway's file calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The interface towards the gateway.</summary>
    public required string LanInterface { get; init; }

    /// <summary>Key of the heartbeats' HMAC-SHA256.</summary>
    public required byte[] Secret { get; init; }

    /// <summary>The gateway's heartbeat addresses; one per redundant link.</summary>
    public required IReadOnlyList<IPEndPoint> Gateways { get; init; }

    /// <summary>How often a heartbeat is sent.</summary>
    public required TimeSpan HeartbeatInterval { get; init; }

    /// <summary>The gateway's LAN addresses: where the service's packets go, at most one per family.</summary>
    public required IReadOnlyList<IPAddress> NextHops { get; init; }

    /// <summary>Protected services.</summary>
    public required IReadOnlyList<ServiceOptions> Services { get; init; }

    /// <summary>How the node's own servers are asked whether they work; may be empty.</summary>
    public required IReadOnlyList<ProbeOptions> Probes { get; init; }

    /// <summary>Smallest retransmission timeout of the service's connections while the node is silent and at a takeover.</summary>
    public required TimeSpan TakeoverRtoMin { get; init; }

    /// <summary>Routing table that holds the route of the service's packets.</summary>
    public required int RoutingTable { get; init; }

    /// <summary>Most flows that are replicated.</summary>
    public required int MaxFlows { get; init; }

    /// <summary>Where the agent's own HTTP interface listens, for the gateway; null for none.</summary>
    public required IPEndPoint? Listen { get; init; }

    /// <summary>The log file of the node's server, which that interface shows; null for none.</summary>
    public required string? ServerLog { get; init; }

    /// <summary>All protected addresses.</summary>
    public IEnumerable<IPAddress> VirtualAddresses => Services.SelectMany(s => s.Addresses).Distinct();

    /// <summary>Reads the file.</summary>
    /// <exception cref="ConfigurationException">With every error in it.</exception>
    public static NodeOptions Load(string path) => ConfigFile.Read(path, Read);

    /// <summary>Reads and validates a root mapping.</summary>
    public static NodeOptions Read(ConfigNode root)
    {
        var heartbeat = root.Section("heartbeat", "how the gateway hears of this node");
        var options = new NodeOptions
        {
            Name = NodeName.Read(root, "the node's name, as in nodes of the gateway's file", "node1"),
            LanInterface = root.Text("lanInterface", "interface towards the gateway: its name, or an address of it", example: "eth0"),
            Secret = SecretFile.Read(root),
            Gateways = heartbeat.EndPoints("gateways", "heartbeat.bind of the gateway: one per redundant link", "[10.0.2.1:7400]"),
            HeartbeatInterval = heartbeat.Duration("interval", "how often a heartbeat is sent; the gateway's heartbeat.interval", TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(30)),
            NextHops = root.Addresses("nextHops", "the gateway's LAN addresses, at most one per family", "[10.0.2.1]"),
            Services = ServiceOptions.ReadAll(root),
            Probes = ProbeOptions.ReadAll(root),
            TakeoverRtoMin = root.Duration("takeoverRtoMin", "smallest retransmission timeout while silent and at a takeover", TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1)),
            RoutingTable = root.Integer("routingTable", "routing table for the packets of the virtual addresses", 8201, 1, int.MaxValue),
            MaxFlows = root.Integer("maxFlows", "most connections that are replicated", 131_072, 1024, 4_194_304),
            Listen = root.EndPoint("listen", "address of the node's own, where the agent's interface is served to the gateway", "10.0.2.10:7401"),
            ServerLog = root.Text("serverLog", "log file of the node's server, which that interface shows the end of", string.Empty, "/var/log/nginx/error.log") is { Length: > 0 } log ? log : null,
        };
        heartbeat.RejectUnknown();
        root.RejectUnknown();
        if (options.Listen is { } listen && (options.VirtualAddresses.Contains(listen.Address) || listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any)))
        {
            root.Error("listen", $"{listen.Address} is, or includes, a virtual address: give the node's own");
        }
        foreach (var family in options.NextHops.GroupBy(a => a.AddressFamily).Where(g => g.Count() > 1))
        {
            root.Error("nextHops", $"{family.Count()} addresses of one family; at most one each");
        }
        foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
        {
            if (options.VirtualAddresses.Any(a => a.AddressFamily == family) && options.NextHops.All(a => a.AddressFamily != family))
            {
                root.Error("nextHops", $"a service has {(family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} addresses, but no next hop of that family is given");
            }
        }
        return options;
    }
}
