using System.Security.Cryptography;
using Appliance.Lab.State;
using Appliance.Lab.Text;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Daemons;

/// <summary>The configuration files of gateway and nodes, as an administrator would write them for this network.</summary>
/// <param name="Gateway">The text of <c>gateway.yaml</c>.</param>
/// <param name="Nodes">The text of each node's file.</param>
public sealed record DaemonConfiguration(string Gateway, IReadOnlyDictionary<LabHost, string> Nodes)
{
    private const int SecretBytes = 32;

    /// <summary>
    /// Composes the files: the lab's defaults, over them the user's file, over that the options given by name. Interval
    /// and services, which the nodes have to agree on with the gateway, are taken from the result.
    /// </summary>
    /// <param name="paths">Where the secret will be.</param>
    /// <param name="options">The options of <c>lab up</c>.</param>
    /// <param name="overlay">The content of the user's file, if there is one.</param>
    /// <param name="nodeOverlay">The same for the nodes.</param>
    public static DaemonConfiguration Compose(LabPaths paths, LabOptions options, string? overlay, string? nodeOverlay = null)
    {
        var gateway = ConfigurationTree.Parse(GatewayDefaults(paths), "gateway defaults");
        gateway.Overlay(ConfigurationTree.Parse(overlay ?? "", options.ConfigurationFile ?? "configuration"));
        if (options.Output is { } output)
        {
            gateway.Set("output", output.ToString().ToLowerInvariant());
        }

        if (options.Heartbeat is { } interval)
        {
            gateway.Set("heartbeat.interval", Durations.Format(interval));
        }

        if (options.DetectionTimeout is { } timeout)
        {
            gateway.Set("heartbeat.timeout", Durations.Format(timeout));
        }

        var nodes = ConfigurationTree.Parse(nodeOverlay ?? "", options.NodeConfigurationFile ?? "configuration of the nodes");
        return new DaemonConfiguration(
            gateway.ToString(),
            LabNames.Nodes.ToDictionary(node => node, node => ComposeNode(paths, node, gateway, nodes)));
    }

    /// <summary>Writes the files and a new secret that only root can read.</summary>
    public void Write(LabPaths paths)
    {
        WriteSecret(paths.SecretFile);
        File.WriteAllText(paths.Configuration(LabHost.Gateway), Gateway);
        foreach (var (node, text) in Nodes)
        {
            File.WriteAllText(paths.Configuration(node), text);
        }
    }

    private static void WriteSecret(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var secret = new StreamWriter(path, options);
        secret.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)));
    }

    private static string ComposeNode(LabPaths paths, LabHost node, ConfigurationTree gateway, ConfigurationTree overlay)
    {
        var tree = ConfigurationTree.Parse(NodeDefaults(paths, node), "node defaults");
        tree.Overlay(overlay);
        tree.CopyFrom(gateway, "heartbeat.interval");
        tree.CopyFrom(gateway, "services");
        return tree.ToString();
    }

    private static string GatewayDefaults(LabPaths paths) => $$"""
        lanInterface: lan0
        listen: http://0.0.0.0:{{LabAddresses.ApiPort}}
        api: { anonymous: operate }
        secretFile: {{paths.SecretFile}}
        heartbeat: { bind: ["{{LabAddresses.GatewayInner4}}:{{LabAddresses.HeartbeatPort}}"], interval: 10ms, timeout: 30ms }
        output: silent
        services:
          - { name: all, addresses: ["{{LabAddresses.Vip4}}", "{{LabAddresses.Vip6}}"], ports: any }
        nodes:
          - { name: node1, address: {{LabAddresses.Node4(LabHost.Node1)}}, api: "{{LabAddresses.Node4(LabHost.Node1)}}:{{LabAddresses.NodeApiPort}}" }
          - { name: node2, address: {{LabAddresses.Node4(LabHost.Node2)}}, api: "{{LabAddresses.Node4(LabHost.Node2)}}:{{LabAddresses.NodeApiPort}}" }
        initialActive: node1
        recorder: { dataDirectory: {{paths.Data(LabHost.Gateway)}} }
        """;

    private static string NodeDefaults(LabPaths paths, LabHost node) => $$"""
        name: {{LabNames.Of(node)}}
        lanInterface: lan0
        listen: {{LabAddresses.Node4(node)}}:{{LabAddresses.NodeApiPort}}
        secretFile: {{paths.SecretFile}}
        heartbeat: { gateways: ["{{LabAddresses.GatewayInner4}}:{{LabAddresses.HeartbeatPort}}"] }
        nextHops: ["{{LabAddresses.GatewayInner4}}", "{{LabAddresses.GatewayInner6}}"]
        """;
}
