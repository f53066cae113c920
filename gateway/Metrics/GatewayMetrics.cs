using System.Text.Json;
using Appliance.Gateway.Api.Status;
using Appliance.Gateway.Failover;
using Appliance.Gateway.Recording.Store;

namespace Appliance.Gateway.Metrics;

/// <summary>All metrics of the gateway, for Prometheus and for OpenTelemetry alike.</summary>
public sealed class GatewayMetrics(StatusReader reader, FailoverMeter failovers)
{
    private static readonly string[] Roles = ["active", "replica", "syncing", "drained", "down"];

    /// <summary>As of now.</summary>
    public IReadOnlyList<Metric> Read() => Of(reader.Read(), failovers);

    /// <summary>What a status says, in metrics.</summary>
    public static IReadOnlyList<Metric> Of(StatusDocument status, FailoverMeter failovers) =>
        [.. OfService(status, failovers), .. OfNodes(status), .. OfRecorder(status), .. OfPackets(status)];

    private static IEnumerable<Metric> OfService(StatusDocument status, FailoverMeter failovers)
    {
        yield return Gauge("appliance_ready", "1 while the service is held and every node that is not drained plays its part.", status.Ready ? 1 : 0);
        yield return Gauge("appliance_epoch", "Epoch in force.", status.Epoch);
        yield return Gauge("appliance_flows_open", "Connections open through the gateway.", status.Flows);
        yield return Gauge("appliance_flows_unprotected", "Open connections that would not survive a failover.", status.Unprotected);
        yield return new Metric("appliance_flows", MetricKind.Gauge, "Open connections by state of protection.",
            [.. status.Recorder.States.Select(s => Point(s.Value, ("state", JsonNamingPolicy.CamelCase.ConvertName(s.Key.ToString()))))]);
        yield return new Metric("appliance_service_in_agreement", MetricKind.Gauge, "0 when so many of the service's connections or datagram flows diverge that none counts as protected.",
            [.. status.Services.Select(s => Point(s.InAgreement ? 1 : 0, ("service", s.Name)))]);
        yield return new Metric("appliance_service_hot", MetricKind.Gauge, "Connections of the service whose clients hear several nodes.",
            [.. status.Services.Select(s => Point(s.Hot, ("service", s.Name)))]);
        yield return new Metric("appliance_assignments_total", MetricKind.Counter, "Changes of assignment by cause.",
            [.. Enum.GetValues<Cause>().Select(c => Point(failovers.Count(c), ("cause", JsonNamingPolicy.CamelCase.ConvertName(c.ToString()))))]);
        yield return new Metric("appliance_detection_seconds", MetricKind.Histogram, "From the last heartbeat of the active node to the decision that it is dead.",
            [new MetricPoint([], 0, failovers.Detection)]);
        yield return new Metric("appliance_takeover_seconds", MetricKind.Histogram, "From the order's arrival at the new active node to its first segment to a client.",
            [new MetricPoint([], 0, failovers.Takeover)]);
    }

    private static IEnumerable<Metric> OfNodes(StatusDocument status)
    {
        yield return new Metric("appliance_node_role", MetricKind.Gauge, "1 for the role that the node has.",
            [.. status.Nodes.SelectMany(n => Roles.Select(role => Point(n.Role == role ? 1 : 0, ("node", n.Name), ("role", role))))]);
        yield return OfEach("appliance_node_silence_seconds", "Since the node's last heartbeat.", n => (n.LastHeardMs ?? double.NaN) / 1000);
        yield return OfEach("appliance_node_detection_timeout_seconds", "How long the node may be silent now before it is suspected.", n => n.DetectionTimeoutMs / 1000);
        yield return OfEach("appliance_node_deaf", "1 while the node is heard and does not hear.", n => n.Deaf ? 1 : 0);
        yield return OfEach("appliance_node_server_ended", "1 when a server that the node had has ended.", n => n.ServerEnded ? 1 : 0);
        yield return OfEach("appliance_node_server_failing", "1 while a configured probe of its servers fails.", n => n.ServerFailing ? 1 : 0);
        yield return OfEach("appliance_node_server_stalled_seconds", "How long its servers have left all input unread.", n => n.ServerStalledMs / 1000);
        yield return OfEach("appliance_node_replicas", "Connections with a replica at the node.", n => n.Flows.Replicas);
        yield return OfEach("appliance_node_replicas_in_step", "Of these, the ones that have all that the active node has.", n => n.Flows.InStep);
        yield return OfEach("appliance_node_replicas_diverged", "Of these, the ones whose server says something else.", n => n.Flows.Diverged);
        yield return new Metric("appliance_node_lead_seconds", MetricKind.Histogram, "By how much the node was first with what another has said, too, to clients that hear several nodes: a sample.",
            [.. status.Nodes.Select(n => new MetricPoint([KeyValuePair.Create("node", n.Name)], 0, n.Lead.Seconds))]);
        yield return OfEach("appliance_node_segments_held", "Segments that wait at the node for output of its server.", n => n.Flows.Held);

        Metric OfEach(string name, string help, Func<NodeDocument, double> value) =>
            new(name, MetricKind.Gauge, help, [.. status.Nodes.Select(n => Point(value(n), ("node", n.Name)))]);
    }

    private static IEnumerable<Metric> OfRecorder(StatusDocument status)
    {
        var recorder = status.Recorder;
        yield return Counter("appliance_recorder_records_total", "Client segments read from the record ring.", recorder.Records);
        yield return Counter("appliance_recorder_bytes_total", "Their payload.", recorder.Bytes);
        yield return Gauge("appliance_recorder_ring_used_bytes", "Of the record ring.", recorder.RingUsed);
        yield return Gauge("appliance_recorder_ring_size_bytes", "Size of the record ring: when it is full, segments are dropped and clients send them again.", recorder.RingBytes);
        yield return Gauge("appliance_recorder_memory_used_bytes", "Of all windows.", recorder.MemoryUsed);
        yield return Gauge("appliance_recorder_memory_limit_bytes", "Bound of all windows.", recorder.MemoryBytes);
        yield return Counter("appliance_recorder_conflicting_bytes_total", "Bytes that came again with other content; the first ones count.", recorder.ConflictingBytes);
        yield return Counter("appliance_recorder_damaged_total", "Records with a wrong checksum.", recorder.Damaged);
        yield return Counter("appliance_recorder_evictions_total", "Windows that were given up for want of memory.", recorder.Evictions);
        yield return Gauge("appliance_recorder_held_back", "Connections whose clients see a narrowed window.", recorder.HeldBack);
        yield return Counter("appliance_recorder_repaired_bytes_total", "Sent to nodes whose replicas lacked them.", recorder.RepairedBytes);
        yield return Counter("appliance_recorder_refused_total", "Requests of nodes for what is not held any more.", recorder.Refused);
        yield return new Metric("appliance_repair_seconds", MetricKind.Histogram, "From when a node noticed a gap until it was filled.", [new MetricPoint([], 0, recorder.RepairSeconds)]);
        yield return new Metric("appliance_replica_lag_bytes", MetricKind.Histogram, "Replicas of open connections now, by the bytes that they lack.", [new MetricPoint([], 0, recorder.Lag.Replicas)]);
        yield return Gauge("appliance_store_ready", "1 while recordings are written to the store.", recorder.Store.State == StoreState.Ready ? 1 : 0);
        yield return Gauge("appliance_store_queued_operations", "That wait to be written.", recorder.Store.QueuedOperations);
        yield return Counter("appliance_store_operations_total", "That the store has answered.", recorder.Store.Operations);
        yield return Counter("appliance_store_errors_total", "Failed commands and attempts to connect.", recorder.Store.Errors);
        yield return Counter("appliance_agreement_agreed_bytes_total", "Output that passed when all nodes had said the same.", recorder.Agreement.AgreedBytes);
        yield return Counter("appliance_agreement_released_bytes_total", "Output that had waited for that, and passed as the active node said it.", recorder.Agreement.ReleasedBytes);
        yield return Gauge("appliance_agreement_waiting_flows", "Connections of which output waits for another node to say the same.", recorder.Agreement.Waiting);
        yield return Counter("appliance_agreement_unsent_total", "Times that the kernel did not take output on which all nodes had agreed.", recorder.Agreement.Unsent);
        yield return Counter("appliance_agreement_differences_total", "Connections whose nodes contradicted one another before the client was given either.", recorder.Agreement.Differences);
        yield return Counter("appliance_agreement_timeouts_total", "Times that the active node had waited for the others for too long.", recorder.Agreement.Timeouts);
        yield return Gauge("appliance_datagram_flows", "Clients' ends that have sent datagrams lately.", recorder.Datagrams.Flows);
        yield return Gauge("appliance_datagram_flows_compared", "Of these, the ones that both the active node and a replica have answered.", recorder.Datagrams.Compared);
        yield return Gauge("appliance_datagram_flows_diverged", "Of these, the ones that were answered in two ways.", recorder.Datagrams.Diverged);
        yield return Counter("appliance_datagram_divergences_total", "Times that a client's end began to be answered in two ways.", recorder.Datagrams.Divergences);
        yield return Counter("appliance_datagrams_repaired_total", "Datagrams sent to a node because it lacked them.", recorder.Datagrams.Repaired);
    }

    private static IEnumerable<Metric> OfPackets(StatusDocument status)
    {
        foreach (var (name, count) in status.Counters)
        {
            yield return Counter($"appliance_{name}_total", $"Counter {name} of the gateway's programs; docs/operations.md says what it means.", count);
        }
        yield return new Metric("appliance_ignored_datagrams_total", MetricKind.Counter, "Control datagrams that were ignored, by reason.",
            [.. status.IgnoredDatagrams.Select(i => Point(i.Value, ("reason", i.Key)))]);
    }

    private static Metric Gauge(string name, string help, double value) => new(name, MetricKind.Gauge, help, [Point(value)]);

    private static Metric Counter(string name, string help, double value) => new(name, MetricKind.Counter, help, [Point(value)]);

    private static MetricPoint Point(double value, params (string Name, string Value)[] labels) => new([.. labels.Select(l => KeyValuePair.Create(l.Name, l.Value))], value);
}
