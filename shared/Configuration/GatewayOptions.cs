using System.Net;

namespace Appliance.Configuration;

/// <summary>The gateway's configuration file.</summary>
public sealed record GatewayOptions
{
    /// <summary>The interface towards the nodes.</summary>
    public required string LanInterface { get; init; }

    /// <summary>Where the REST interface listens, such as <c>http://0.0.0.0:8080</c>.</summary>
    public required string Listen { get; init; }

    /// <summary>Who may use it.</summary>
    public required ApiOptions Api { get; init; }

    /// <summary>Key of the heartbeats' HMAC-SHA256.</summary>
    public required byte[] Secret { get; init; }

    /// <summary>Addresses on which heartbeats arrive; one per redundant link.</summary>
    public required IReadOnlyList<IPEndPoint> HeartbeatBind { get; init; }

    /// <summary>How often nodes send a heartbeat.</summary>
    public required TimeSpan HeartbeatInterval { get; init; }

    /// <summary>How long a node may be silent on all links before it is suspected.</summary>
    public required TimeSpan DetectionTimeout { get; init; }

    /// <summary>The same on a host whose heartbeats come late; <see cref="DetectionTimeout"/> where that is fixed.</summary>
    public required TimeSpan MostDetectionTimeout { get; init; }

    /// <summary>How long an active node may speak without having heard the gateway.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>How long an active server may leave all of its input unread while a replica's does not; zero is for ever.</summary>
    public required TimeSpan ServerHangTimeout { get; init; }

    /// <summary>How long a close by the active node waits for that of a live replica.</summary>
    public required TimeSpan CloseTimeout { get; init; }

    /// <summary>Whose output reaches clients, of services that do not say it themselves.</summary>
    public required OutputPolicy Output { get; init; }

    /// <summary>How nodes agree, where they have to.</summary>
    public required AgreementOptions Agreement { get; init; }

    /// <summary>Protected services.</summary>
    public required IReadOnlyList<ServiceOptions> Services { get; init; }

    /// <summary>The nodes, at least one; their order is their index.</summary>
    public required IReadOnlyList<NodeEntry> Nodes { get; init; }

    /// <summary>Who starts as the active node when nobody holds the service yet.</summary>
    public required string InitialActive { get; init; }

    /// <summary>Most flows that are tracked and protected.</summary>
    public required int MaxFlows { get; init; }

    /// <summary>A node as the gateway knows it.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Address">Its own address on the LAN.</param>
    /// <param name="Api">Where its agent's HTTP interface is; null for none.</param>
    public sealed record NodeEntry(string Name, IPAddress Address, IPEndPoint? Api = null);

    /// <summary>The recorder and its store.</summary>
    public required RecorderOptions Recorder { get; init; }

    /// <summary>Where metrics, traces and logs are sent; null for nowhere.</summary>
    public required OtlpOptions? Otlp { get; init; }

    /// <summary>Reads the file.</summary>
    /// <exception cref="ConfigurationException">With every error in it.</exception>
    public static GatewayOptions Load(string path) => ConfigFile.Read(path, Read);

    /// <summary>Reads and validates a root mapping.</summary>
    public static GatewayOptions Read(ConfigNode root)
    {
        var heartbeat = root.Section("heartbeat", "how nodes are heard, and when one counts as dead");
        var interval = heartbeat.Duration("interval", "how often nodes speak", TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(30));
        var timeout = heartbeat.Duration("timeout", "silence on all links after which a node is suspected: three intervals unless given, at least 1.5", 3 * interval, TimeSpan.FromMilliseconds(2), TimeSpan.FromMinutes(5));
        if (timeout < interval * 1.5)
        {
            heartbeat.Error("timeout", $"{Durations.Format(timeout)} must be at least 1.5 times heartbeat.interval ({Durations.Format(interval)})");
        }
        var most = heartbeat.Duration("maxTimeout", "above timeout (unless given the same), the silence that is allowed follows the host: twice the longest gap between its heartbeats in the last minutes, from timeout up to this (docs/failure-detector.md)", timeout, TimeSpan.FromMilliseconds(2), TimeSpan.FromMinutes(5));
        if (most < timeout)
        {
            heartbeat.Error("maxTimeout", $"{Durations.Format(most)} must be at least heartbeat.timeout ({Durations.Format(timeout)})");
        }
        var listen = root.Text("listen", "REST interface and dashboard; https:// with api.certificateFile and api.keyFile", "http://127.0.0.1:8080");
        if (!Uri.TryCreate(listen, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            root.Error("listen", $"'{listen}' is not an address such as http://0.0.0.0:8080");
        }
        var options = new GatewayOptions
        {
            LanInterface = root.Text("lanInterface", "interface towards the nodes: its name, or an address of it", example: "eth1"),
            Listen = listen,
            Api = ApiOptions.Read(root, isSecure: uri?.Scheme == "https"),
            Secret = SecretFile.Read(root),
            HeartbeatBind = heartbeat.EndPoints("bind", "where heartbeats (UDP) and repair (TCP) arrive: one per redundant link", "[10.0.2.1:7400]"),
            HeartbeatInterval = interval,
            DetectionTimeout = timeout,
            MostDetectionTimeout = most,
            Lease = heartbeat.Duration("lease", "how long an active node may speak without the gateway: longer than a restart of it takes, at least two intervals", interval > TimeSpan.FromMilliseconds(1500) ? 2 * interval : TimeSpan.FromSeconds(3), 2 * interval, TimeSpan.FromMinutes(5)),
            ServerHangTimeout = root.Duration("serverHangTimeout", "how long an active server may leave all of its input unread while a replica's takes its own; 0s is for ever", TimeSpan.FromMilliseconds(500), TimeSpan.Zero, TimeSpan.FromHours(1)),
            CloseTimeout = root.Duration("closeTimeout", "how long a server's close waits for the replica's before it passes", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            Output = root.Choice("output", "whose output reaches clients: silent only the active node's; hot the first copy of each byte, whichever node it comes from (docs/decisions/0012-the-first-copy-wins.md); agree what all nodes have said alike (0014-what-all-have-said.md). services[].output says it for one service", "silent", "silent", "hot", "agree") switch
            {
                "hot" => OutputPolicy.Hot,
                "agree" => OutputPolicy.Agree,
                _ => OutputPolicy.Silent,
            },
            Agreement = AgreementOptions.Read(root),
            Services = ServiceOptions.ReadAll(root),
            Nodes = ReadNodes(root),
            InitialActive = root.Text("initialActive", "who holds the service when nobody does yet; the first node that is alive unless given", string.Empty, "node1"),
            MaxFlows = root.Integer("maxFlows", "most connections that are tracked", 131_072, 1024, 4_194_304),
            Recorder = RecorderOptions.Read(root),
            Otlp = OtlpOptions.Read(root),
        };
        heartbeat.RejectUnknown();
        root.RejectUnknown();
        if (options.InitialActive.Length > 0 && options.Nodes.All(n => n.Name != options.InitialActive))
        {
            root.Error("initialActive", $"'{options.InitialActive}' is not the name of a node");
        }
        return options;
    }

    private static List<NodeEntry> ReadNodes(ConfigNode root)
    {
        const int Most = Bpf.Layout.GatewayState.MaxNodes;
        var nodes = new List<NodeEntry>();
        foreach (var node in root.Sections("nodes", $"the machines with the servers, an entry each; at most {Most}"))
        {
            var name = NodeName.Read(node, "the node's name, as in its own file", "node1");
            var address = node.Address("address", "its own address on the LAN", "10.0.2.10") ?? IPAddress.None;
            var api = node.EndPoint("api", "where its agent's own interface is: listen in its file", "10.0.2.10:7401");
            node.RejectUnknown();
            if (nodes.Any(n => n.Name == name || n.Address.Equals(address)))
            {
                node.Error("name", $"'{name}' or its address {address} belongs to an earlier node");
            }
            nodes.Add(new NodeEntry(name, address, api));
        }
        if (nodes.Count > Most)
        {
            root.Error("nodes", $"{nodes.Count} nodes; at most {Most} are possible");
        }
        return nodes;
    }
}
