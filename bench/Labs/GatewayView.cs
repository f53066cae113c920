using System.Text.Json;

namespace Appliance.Bench.Labs;

/// <summary>What the benches read of the gateway's <c>GET /api/v1/status</c>.</summary>
/// <param name="Flows">Connections open through the gateway.</param>
/// <param name="Nodes">The nodes.</param>
/// <param name="Events">Changes of roles, oldest first.</param>
public sealed record GatewayView(int Flows, IReadOnlyList<NodeFlows> Nodes, IReadOnlyList<FailoverEvent> Events)
{
    /// <summary>What it says of its recorder.</summary>
    public RecorderView Recorder { get; init; } = RecorderView.Nothing;

    /// <summary>Reads the answer; what is missing in it is 0 or empty.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static GatewayView Parse(string json)
    {
        var root = JsonElement.Parse(json);
        return new GatewayView(
            (int)Number(root, "flows"),
            [.. Items(root, "nodes").Select(Node)],
            [.. Items(root, "events").Select(Event)])
        {
            Recorder = RecorderView.Parse(root),
        };
    }

    /// <summary>The first change after an instant of CLOCK_MONOTONIC that gave the service to a node.</summary>
    public FailoverEvent? TakeoverAfter(long instantNs, string node) => Events.FirstOrDefault(
        change => change.DecidedNs >= instantNs && string.Equals(change.Active, node, StringComparison.Ordinal));

    /// <summary>How often the roles changed before an instant although nothing had happened, the start left out.</summary>
    public int FalseAlarmsBefore(long instantNs) => Events.Count(
        change => change.DecidedNs < instantNs && !string.Equals(change.Cause, "start", StringComparison.OrdinalIgnoreCase));

    /// <summary>A node by its name.</summary>
    public NodeFlows? Find(string node) => Nodes.FirstOrDefault(candidate => string.Equals(candidate.Name, node, StringComparison.Ordinal));

    private static NodeFlows Node(JsonElement node)
    {
        var flows = node.TryGetProperty("flows", out var member) ? member : default;
        return new NodeFlows(
            Text(node, "name"),
            Text(node, "role"),
            (int)Number(flows, "replicas"),
            (int)Number(flows, "inStep"),
            (int)Number(flows, "diverged"),
            (int)Number(flows, "held"));
    }

    private static FailoverEvent Event(JsonElement change) => new(
        Number(change, "epoch"),
        Text(change, "cause"),
        Text(change, "active"),
        Number(change, "decidedNs"),
        Number(change, "orderedNs"),
        Number(change, "receivedNs"),
        Number(change, "firstSegmentNs"));

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Array ? member.EnumerateArray() : default;

    private static long Number(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member)
            && member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out var value) ? value : 0;

    private static string Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member) ? member.ToString() : "";
}
