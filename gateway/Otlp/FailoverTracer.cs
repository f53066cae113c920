using System.Diagnostics;
using System.Text.Json;
using Appliance.Gateway.Control;

namespace Appliance.Gateway.Otlp;

/// <summary>Makes a trace of every failover, once the new active node has said how it went. One caller looks.</summary>
public sealed class FailoverTracer(TimeProvider time)
{
    /// <summary>What the traces come from.</summary>
    public const string SourceName = "Appliance.Gateway";

    /// <summary>A node that has not told anything until then has nothing to tell: no client was owed anything.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private static readonly ActivitySource s_source = new(SourceName);

    private ulong _traced;

    /// <summary>Takes in what is new.</summary>
    /// <param name="events">The last changes, oldest first.</param>
    public void Look(IReadOnlyList<GatewayEvent> events)
    {
        foreach (var change in events.Where(e => e.Epoch > _traced))
        {
            if (!FailoverTimeline.IsFailover(change.Cause))
            {
                _traced = change.Epoch;
            }
            else if (change.FirstSegmentNs != 0 || time.GetUtcNow() - change.At > s_patience)
            {
                _traced = change.Epoch;
                Trace(change);
            }
            else
            {
                return; // not told yet; the later ones wait for it
            }
        }
    }

    private static void Trace(GatewayEvent change)
    {
        var phases = FailoverTimeline.PhasesOf(change);
        using var failover = phases.Count == 0 ? null : s_source.StartActivity("failover", ActivityKind.Internal, default(ActivityContext), startTime: phases[0].Start);
        if (failover is null)
        {
            return; // nothing to show, or nobody who looks
        }
        failover.SetTag("appliance.epoch", (long)change.Epoch);
        failover.SetTag("appliance.cause", JsonNamingPolicy.CamelCase.ConvertName(change.Cause.ToString()));
        failover.SetTag("appliance.node", change.Node);
        failover.SetTag("appliance.active", change.Active);
        failover.SetTag("appliance.flows", (long)change.Flows);
        foreach (var phase in phases)
        {
            using var span = s_source.StartActivity(phase.Name, ActivityKind.Internal, failover.Context, startTime: phase.Start);
            span?.SetEndTime(phase.End.UtcDateTime);
        }
        failover.SetEndTime(phases[^1].End.UtcDateTime);
    }
}
