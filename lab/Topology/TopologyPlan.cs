namespace Appliance.Lab.Topology;

/// <summary>
/// The lab's network as lines for <c>ip -batch</c>: a pure function of the names, so that it can be read and tested
/// without making anything. The order is: namespaces, sysctls (<see cref="SysctlPlan"/>), links, hosts.
/// </summary>
/// <remarks>
/// Interface numbers are fixed so that the two ends of a cable never have the same one: the kernel takes such a pair for
/// one ordinary device and may report its carrier a second late.
/// </remarks>
public static class TopologyPlan
{
    private const int FirstManagementNumber = 1_000_000;

    /// <summary>Lines that create the namespaces, for the root namespace.</summary>
    public static IReadOnlyList<string> Namespaces(LabNames names) =>
        [.. LabNames.Hosts.Select(host => Namespace(names, host))];

    /// <summary>Lines that create all cables except the management link, for the root namespace.</summary>
    public static IReadOnlyList<string> Links(LabNames names) =>
    [
        Cable(names, (LabHost.Client, "eth0 index 11 address 02:00:0a:00:01:02"), (LabHost.Gateway, "client0 index 21 address 02:00:0a:00:01:01")),
        Cable(names, (LabHost.Gateway, "lan0 index 22 address 02:00:0a:00:02:01"), (LabHost.Switch, SwitchEnd(LabHost.Gateway))),
        .. LabNames.Nodes.Select(node => NodeLink(names, node)),
    ];

    /// <summary>Creates one namespace, for the root namespace.</summary>
    public static string Namespace(LabNames names, LabHost host) => $"netns add {names.Namespace(host)}";

    /// <summary>
    /// Creates a node's cable to the switch, for the root namespace. The hardware address is fixed: a machine that was
    /// rebooted comes back with the one it had.
    /// </summary>
    public static string NodeLink(LabNames names, LabHost node) => Cable(
        names,
        (node, $"lan0 index 41 address {(node == LabHost.Node1 ? "02:00:0a:00:02:0a" : "02:00:0a:00:02:0b")}"),
        (LabHost.Switch, SwitchEnd(node)));

    /// <summary>Creates the management link, for the root namespace. It fails when the index is taken.</summary>
    public static string ManagementLink(LabNames names, int index) =>
        $"link add name {LabNames.ManagementPrefix}{index} index {FirstManagementNumber + index} "
        + $"type veth peer name mgmt0 index 23 netns {names.Namespace(LabHost.Gateway)}";

    /// <summary>Lines that configure the management link's end in the root namespace.</summary>
    public static IReadOnlyList<string> ManagementRoot(int index) =>
    [
        $"addr add {LabAddresses.ManagementRoot(index)}/30 dev {LabNames.ManagementPrefix}{index}",
        $"link set {LabNames.ManagementPrefix}{index} up",
    ];

    /// <summary>Lines that configure one host, for its own namespace.</summary>
    /// <param name="host">The host.</param>
    /// <param name="index">Index of the management link, which ends in the gateway.</param>
    public static IReadOnlyList<string> Host(LabHost host, int index) => host switch
    {
        LabHost.Client =>
        [
            "link set lo up",
            .. Interface("eth0", LabAddresses.Client4, LabAddresses.Client6),
            DefaultRoute(LabAddresses.GatewayOuter4),
            DefaultRoute(LabAddresses.GatewayOuter6),
        ],
        LabHost.Gateway =>
        [
            "link set lo up",
            .. Interface("client0", LabAddresses.GatewayOuter4, LabAddresses.GatewayOuter6),
            .. Interface("lan0", LabAddresses.GatewayInner4, LabAddresses.GatewayInner6),
            $"addr add {LabAddresses.ManagementGateway(index)}/30 dev mgmt0",
            "link set mgmt0 up",
        ],
        LabHost.Switch =>
        [
            "link add name lan type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
            "link set lan up",
            SwitchPort(LabHost.Gateway),
            .. LabNames.Nodes.Select(SwitchPort),
        ],
        LabHost.Node1 or LabHost.Node2 =>
        [
            "link set lo up",
            .. Interface("lan0", LabAddresses.Node4(host), LabAddresses.Node6(host)),
            DefaultRoute(LabAddresses.GatewayInner4),
            DefaultRoute(LabAddresses.GatewayInner6),
        ],
        _ => throw new ArgumentOutOfRangeException(nameof(host)),
    };

    /// <summary>Plugs a host's cable into the switch, for the switch's namespace.</summary>
    public static string SwitchPort(LabHost host) => $"link set {LabNames.SwitchPort(host)} master lan up";

    private static IEnumerable<string> Interface(string device, string address4, string address6) =>
    [
        $"addr add {address4}/24 dev {device}",
        $"addr add {address6}/64 dev {device} nodad",
        $"link set {device} up",
    ];

    /// <summary>
    /// CUBIC (RFC 9438), whatever this machine's default is: a gap is to come from what the lab does to a connection, and
    /// BBR pauses one that is ten seconds old by itself (PROBE_RTT: four segments in flight for 200 ms). The route tells
    /// it because a namespace's own <c>tcp_congestion_control</c> takes only what the machine allows everybody.
    /// </summary>
    private static string DefaultRoute(string gateway) => $"route add default via {gateway} congctl cubic";

    private static string SwitchEnd(LabHost host) => $"{LabNames.SwitchPort(host)} index {31 + (int)host}";

    private static string Cable(LabNames names, (LabHost Host, string Device) one, (LabHost Host, string Device) other) =>
        $"link add name {one.Device} netns {names.Namespace(one.Host)} "
        + $"type veth peer name {other.Device} netns {names.Namespace(other.Host)}";
}
