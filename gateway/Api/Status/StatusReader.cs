using System.Diagnostics;
using Appliance.Configuration;
using Appliance.Gateway.Control;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Recording;
using Appliance.Native;

namespace Appliance.Gateway.Api.Status;

/// <summary>Puts the status document together.</summary>
public sealed class StatusReader(GatewayOptions options, ControlLoop control, GatewayDataPath dataPath, Recorder recorder, FlowSweeper flows, TimeProvider time)
{
    private static readonly string Version = typeof(StatusReader).Assembly.GetName().Version!.ToString(3);
    private static readonly DateTimeOffset StartedAt = new(Process.GetCurrentProcess().StartTime);

    /// <summary>As of now.</summary>
    public StatusDocument Read()
    {
        var status = control.Status;
        var now = MonotonicClock.Now;
        var recording = recorder.Status;
        var nodes = options.Nodes.Select((n, i) =>
        {
            var view = status.Nodes[i];
            double? heard = view.LastHeardNs == 0 ? null : Math.Round(((double)now - view.LastHeardNs) / 1e6, 3);
            return new NodeDocument(n.Name, n.Address.ToString(), RoleOf(status, i, recording.Reporting), status.IsDrained(i), view.Epoch, heard, Math.Round(view.SilenceLimitNs / 1e6, 1), view.Mac.ToString(), view.IsDeaf, view.Servers.Ended != 0, view.Servers.IsFailing, Math.Round(view.Servers.Stalled.TotalMilliseconds), dataPath.Leads.Read(i), view.Flows);
        }).ToList();
        return new StatusDocument(
            status.Assignment.Epoch,
            IsReady(nodes),
            options.Output,
            flows.Open,
            Unprotected(recording, flows.Open),
            Version,
            time.GetUtcNow(),
            StartedAt,
            [.. options.Services.Select((s, i) => ServiceDocument.Of(s, recording.Services[i], recording.Outputs[i], recording.Answers[i]))],
            now,
            nodes,
            status.Events,
            recording,
            dataPath.Counters.Snapshot(),
            status.Ignored.ToDictionary(i => i.Key.ToString().ToLowerInvariant(), i => i.Value, StringComparer.Ordinal));
    }

    /// <summary>Open connections that a switchover now would cost: without a replica, or with one that diverged.</summary>
    public int Unprotected() => Unprotected(recorder.Status, flows.Open);

    /// <summary>From counts of at most a second ago on either side, so a burst of new connections may show for a moment.</summary>
    private static int Unprotected(RecorderStatus recorder, int open) => Math.Max(
        0, open - recorder.States.GetValueOrDefault(FlowState.Protected) - recorder.States.GetValueOrDefault(FlowState.Repairing));

    private static bool IsReady(List<NodeDocument> nodes) =>
        nodes.Count(n => n.Role == "active") == 1 && nodes.All(n => n.Role is "active" or "replica" || n.Drained);

    /// <summary>A node whose replicas the recorder knows nothing of protects nobody yet.</summary>
    private static string RoleOf(ControlStatus status, int index, uint reporting)
    {
        var view = status.Nodes[index];
        if (!view.IsAlive)
        {
            return "down";
        }
        if (status.IsDrained(index))
        {
            return "drained";
        }
        if (view.Epoch != status.Assignment.Epoch || view.Role != status.Assignment.RoleOf(index))
        {
            return "syncing";
        }
        return index == status.Assignment.Active ? "active" : status.Assignment.IsReplica(index) && (reporting & (1u << index)) != 0 ? "replica" : "syncing";
    }
}
