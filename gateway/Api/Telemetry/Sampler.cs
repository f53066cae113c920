using Appliance.Gateway.Api.Status;
using Appliance.Gateway.Control;
using Appliance.Gateway.Recording;
using Appliance.Native;
using Appliance.Net;

namespace Appliance.Gateway.Api.Telemetry;

/// <summary>Makes samples of what the gateway counts. Used by one caller, at regular intervals.</summary>
public sealed class Sampler(ControlLoop control, LinkInfo lan, TimeProvider time)
{
    private Counts? _last;

    /// <summary>What has happened since the last call; null at the first.</summary>
    public Sample? Take(StatusDocument status)
    {
        var nowNs = MonotonicClock.Now;
        var now = new Counts(
            nowNs, status.Counters.GetValueOrDefault("to_active"), status.Counters.GetValueOrDefault("to_client"), (ulong)status.Recorder.Bytes, Statistic("rx_bytes"), Statistic("tx_bytes"));
        var nodes = status.Nodes.Select((node, i) =>
        {
            var (count, longestNs) = control.Heartbeats[i].Take(nowNs);
            return new NodeSample(node.Name, node.Role, count, Math.Round(longestNs / 1e6, 2), node.DetectionTimeoutMs);
        }).ToList();
        var was = _last;
        _last = now;
        if (was is null)
        {
            return null;
        }
        var seconds = (nowNs - was.AtNs) / 1e9;
        var states = status.Recorder.States;
        return new Sample(
            time.GetUtcNow(), status.Flows, states.GetValueOrDefault(FlowState.Protected), states.GetValueOrDefault(FlowState.Repairing), states.GetValueOrDefault(FlowState.Unprotected),
            states.GetValueOrDefault(FlowState.Diverged), Rate(now.ToActive, was.ToActive), Rate(now.ToClient, was.ToClient), Rate(now.Recorded, was.Recorded), Rate(now.Received, was.Received),
            Rate(now.Sent, was.Sent), status.Recorder.Lag.Largest, status.Recorder.HeldBack, status.Recorder.RepairP99Ms, nodes);

        double Rate(ulong current, ulong before) => current > before ? Math.Round((current - before) / seconds) : 0;
    }

    /// <summary>A counter of the LAN interface; 0 while it is gone.</summary>
    private ulong Statistic(string name)
    {
        try
        {
            return ulong.Parse(File.ReadAllText($"/sys/class/net/{lan.Name}/statistics/{name}"), System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }

    private sealed record Counts(ulong AtNs, ulong ToActive, ulong ToClient, ulong Recorded, ulong Received, ulong Sent);
}
