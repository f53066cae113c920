namespace Appliance.Lab.Topology;

/// <summary>The addresses of every lab. Labs are separate networks, so all use the same ones except for management.</summary>
public static class LabAddresses
{
    /// <summary>The service's address, which the node agents place and move.</summary>
    public const string Vip4 = "10.0.2.100";

    /// <inheritdoc cref="Vip4"/>
    public const string Vip6 = "fd00:2::100";

    /// <summary>The client, in the client network.</summary>
    public const string Client4 = "10.0.1.2";

    /// <inheritdoc cref="Client4"/>
    public const string Client6 = "fd00:1::2";

    /// <summary>The gateway, in the client network.</summary>
    public const string GatewayOuter4 = "10.0.1.1";

    /// <inheritdoc cref="GatewayOuter4"/>
    public const string GatewayOuter6 = "fd00:1::1";

    /// <summary>The gateway, in the LAN.</summary>
    public const string GatewayInner4 = "10.0.2.1";

    /// <inheritdoc cref="GatewayInner4"/>
    public const string GatewayInner6 = "fd00:2::1";

    /// <summary>UDP port of the heartbeats at the gateway.</summary>
    public const int HeartbeatPort = 7400;

    /// <summary>TCP port of the gateway's REST interface.</summary>
    public const int ApiPort = 8080;

    /// <summary>TCP port of the node agents' own interfaces.</summary>
    public const int NodeApiPort = 7401;

    /// <summary>Highest index of a management link, and so the most labs at a time.</summary>
    public const int LastIndex = 254;

    /// <summary>A node's own IPv4 address in the LAN.</summary>
    public static string Node4(LabHost node) => node switch
    {
        LabHost.Node1 => "10.0.2.10",
        LabHost.Node2 => "10.0.2.11",
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    /// <summary>A node's own IPv6 address in the LAN.</summary>
    public static string Node6(LabHost node) => node switch
    {
        LabHost.Node1 => "fd00:2::10",
        LabHost.Node2 => "fd00:2::11",
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    /// <summary>The root namespace's end of the management link.</summary>
    public static string ManagementRoot(int index) => $"198.18.{index}.1";

    /// <summary>The gateway's end of the management link.</summary>
    public static string ManagementGateway(int index) => $"198.18.{index}.2";

    /// <summary>The gateway's REST interface as seen from the root namespace.</summary>
    public static Uri ApiUrl(int index) => new($"http://{ManagementGateway(index)}:{ApiPort}");
}
