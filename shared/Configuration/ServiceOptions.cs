using System.Globalization;
using System.Net;
using Appliance.Bpf.Layout;

namespace Appliance.Configuration;

/// <summary>A protected service: its virtual addresses and ports.</summary>
/// <param name="Name">For people and metrics.</param>
/// <param name="Addresses">Virtual IP addresses, both families.</param>
/// <param name="Ports">Inclusive ranges; <c>any</c> is 1–65535.</param>
/// <param name="Protocol">What is protected on these ports.</param>
/// <param name="Divergence">What becomes of connections whose replica has diverged.</param>
/// <param name="Output">Whose output reaches clients; null: as the gateway's file says for all.</param>
/// <param name="Delivery">In which order a replica's server gets what different clients send.</param>
/// <param name="Comparison">How much of what both nodes say is compared.</param>
public sealed record ServiceOptions(
    string Name, IReadOnlyList<IPAddress> Addresses, IReadOnlyList<PortRange> Ports, ServiceProtocol Protocol = ServiceProtocol.Any,
    DivergencePolicy Divergence = DivergencePolicy.Reset, OutputPolicy? Output = null,
    DeliveryOrder Delivery = DeliveryOrder.Causal, Comparison Comparison = Comparison.Samples)
{
    /// <summary>Does a TCP connection belong to it?</summary>
    public bool Covers(FlowKey key) => Protocol != ServiceProtocol.Udp && HasPort(key);

    /// <summary>Do a client's datagrams belong to it?</summary>
    public bool CoversDatagrams(FlowKey key) => Protocol != ServiceProtocol.Tcp && HasPort(key);

    /// <summary>Reads the list <c>services</c>, the same in the gateway's and the nodes' files.</summary>
    public static IReadOnlyList<ServiceOptions> ReadAll(ConfigNode root)
    {
        var services = new List<ServiceOptions>();
        foreach (var node in root.Sections("services", "what is protected, the same in the gateway's and the nodes' files"))
        {
            var service = new ServiceOptions(
                node.Text("name", "for people and metrics", example: "web"), node.Addresses("addresses", "virtual addresses of the service, both families", "[10.0.2.100]"), ReadPorts(node), ReadProtocol(node),
                node.Choice("divergence", "what a takeover does with connections whose replica has said something else than the active node: the client gets a reset, or the connection is carried on. Datagrams go on in either case; with reset, clients that were answered in two ways are told and counted", "reset", "reset", "carry") == "carry" ? DivergencePolicy.Carry : DivergencePolicy.Reset,
                ReadOutput(node), ReadDelivery(node), ReadComparison(node));
            node.RejectUnknown();
            RejectOverlaps(node, service, services);
            services.Add(service);
        }
        return services;
    }

    private bool HasPort(FlowKey key)
    {
        var (address, port) = (key.Service.ToIPAddress(), key.ServicePort);
        return Addresses.Contains(address) && Ports.Any(p => p.First <= port && port <= p.Last);
    }

    private static void RejectOverlaps(ConfigNode node, ServiceOptions service, List<ServiceOptions> earlier)
    {
        foreach (var other in earlier)
        {
            if (other.Name == service.Name)
            {
                node.Error("name", $"'{service.Name}' is the name of an earlier service");
            }
            foreach (var address in service.Addresses.Intersect(other.Addresses))
            {
                if (SharesProtocol(service, other) && service.Ports.Any(p => other.Ports.Any(p.Overlaps)))
                {
                    node.Error("addresses", $"{address} overlaps service '{other.Name}' on the same ports");
                }
            }
        }
    }

    private static bool SharesProtocol(ServiceOptions one, ServiceOptions other) =>
        one.Protocol == other.Protocol || one.Protocol == ServiceProtocol.Any || other.Protocol == ServiceProtocol.Any;

    private static OutputPolicy? ReadOutput(ConfigNode node) => node.Choice(
        "output", "as output of the gateway's file, for this service; default: as it says there. Nodes leave it to the gateway", "default", "default", "silent", "hot", "agree") switch
    {
        "silent" => OutputPolicy.Silent,
        "hot" => OutputPolicy.Hot,
        "agree" => OutputPolicy.Agree,
        _ => null,
    };

    private static DeliveryOrder ReadDelivery(ConfigNode node) => node.Choice("delivery", "in which order the servers get what different clients send: as it comes; the replica's in the order in which it passed the gateway; or both of them one request at a time, in one order", "causal", "causal", "ordered", "serial") switch
    {
        "ordered" => DeliveryOrder.Ordered,
        "serial" => DeliveryOrder.Serial,
        _ => DeliveryOrder.Causal,
    };

    private static Comparison ReadComparison(ConfigNode node) => node.Choice("comparison", "how much of what a replica says is compared with what the active node says: sampled everything up to some 20 MB/s of a connection, and of what is more a part; all everything, as long as the nodes are within 128 KiB of one another; off nothing: a replica that says something else is not noticed", "sampled", "sampled", "all", "off") switch
    {
        "all" => Comparison.All,
        "off" => Comparison.Nothing,
        _ => Comparison.Samples,
    };

    private static ServiceProtocol ReadProtocol(ConfigNode node) => node.Choice("protocol", "what is protected on these ports", "any", "any", "tcp", "udp") switch
    {
        "tcp" => ServiceProtocol.Tcp,
        "udp" => ServiceProtocol.Udp,
        _ => ServiceProtocol.Any,
    };

    private static List<PortRange> ReadPorts(ConfigNode node)
    {
        var ranges = new List<PortRange>();
        var text = node.Text("ports", "any, or ports and ranges: 443, 5000-5100", "any");
        if (text == "any")
        {
            return [new PortRange(1, ushort.MaxValue)];
        }
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-');
            if (ends.Length <= 2 && TryPort(ends[0], out var first) && TryPort(ends[^1], out var last) && first <= last)
            {
                ranges.Add(new PortRange(first, last));
            }
            else
            {
                node.Error("ports", $"'{part}' is not a port or a range: write any, 443 or 5000-5100, separated by commas");
            }
        }
        return ranges;
    }

    private static bool TryPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port > 0;
}
