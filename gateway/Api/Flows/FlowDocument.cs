using System.Text.Json.Serialization;
using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Recording;
using Appliance.Native;

namespace Appliance.Gateway.Api.Flows;

/// <summary>One connection in <c>GET /api/v1/flows</c>.</summary>
/// <param name="Key">Its two ends.</param>
/// <param name="ClientBytes">Payload from the client, retransmissions included.</param>
/// <param name="ServerBytes">Payload from the server, retransmissions included.</param>
/// <param name="State">How it would fare if the active node died now.</param>
/// <param name="RecordedBytes">Length of the client's stream so far, FIN included.</param>
/// <param name="Replicas">Of the nodes that should have one.</param>
public sealed record FlowDocument(
    [property: JsonIgnore] FlowKey Key,
    FlowState State, double AgeSeconds, double IdleSeconds, ulong ClientBytes, ulong ServerBytes, long RecordedBytes, IReadOnlyList<ReplicaDocument> Replicas)
{
    /// <summary>client address:port-&gt;service address:port. Written anew each time: of thousands of connections one page is shown.</summary>
    [JsonPropertyOrder(-1)]
    public string Flow => Key.ToString();

    /// <summary>All open connections.</summary>
    public static async Task<IReadOnlyList<FlowDocument>> ReadAllAsync(GatewayDataPath dataPath, Recorder recorder, GatewayOptions options)
    {
        var readings = await recorder.ReadFlowsAsync();
        var keys = new List<FlowKey>();
        var flows = new List<Flow>();
        dataPath.Flows.CopyTo(keys, flows);
        var now = MonotonicClock.Now;
        return [.. keys.Zip(flows)
            .Where(f => !f.Second.IsOver)
            .Select(f => Of(f.First, f.Second, readings.GetValueOrDefault(f.First, FlowReading.Unknown), options, now))];
    }

    private static FlowDocument Of(in FlowKey key, in Flow flow, FlowReading reading, GatewayOptions options, ulong nowNs) => new(
        key, reading.State, Seconds(flow.OpenedNs, nowNs), Seconds(flow.LastNs, nowNs), flow.ClientBytes, flow.ServerBytes, reading.RecordedBytes,
        [.. reading.Replicas.Select(r => new ReplicaDocument(options.Nodes[r.Node].Name, r.State, r.LagBytes))]);

    private static double Seconds(ulong sinceNs, ulong nowNs) => nowNs > sinceNs ? Math.Round((nowNs - sinceNs) / 1e9, 3) : 0;
}

/// <summary>One node's replica in <see cref="FlowDocument"/>.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="State">How it is.</param>
/// <param name="LagBytes">What it has not confirmed of the client's stream; null where there is no replica.</param>
public sealed record ReplicaDocument(string Node, ReplicaState State, long? LagBytes);
