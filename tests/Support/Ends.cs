using System.Net;
using System.Net.Sockets;
using Appliance.Bpf.Layout;

namespace Appliance.Tests.Support;

/// <summary>The two ends of the connection that a test looks at.</summary>
internal sealed record Ends(string Name, IPEndPoint Client, IPEndPoint Service)
{
    public static Ends V4 { get; } = new("IPv4", IPEndPoint.Parse("10.0.1.2:40000"), IPEndPoint.Parse("10.0.2.100:5432"));

    public static Ends V6 { get; } = new("IPv6", IPEndPoint.Parse("[fd00:1::2]:40000"), IPEndPoint.Parse("[fd00:2::100]:5432"));

    public static IReadOnlyList<Ends> Both { get; } = [V4, V6];

    public FlowKey Key => new(Client, Service);

    public bool IsV6 => Client.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>A segment as it leaves the gateway's kernel towards the nodes, or arrives at one.</summary>
    public Packet FromClient() => new Packet(Client, Service).From(Scene.GatewayMac).To(Scene.Router);

    /// <summary>A segment from the first node to the gateway.</summary>
    public Packet FromService() => new Packet(Service, Client).From(Scene.Node0).To(Scene.GatewayMac);

    public Ends At(int servicePort) => this with { Service = new IPEndPoint(Service.Address, servicePort) };

    public override string ToString() => Name;
}
