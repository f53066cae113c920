using Appliance.Gateway.Control;
using Appliance.Gateway.Failover;

namespace Appliance.Gateway.Otlp;

/// <summary>A change of assignment as a trace: what it consisted of, and when.</summary>
public static class FailoverTimeline
{
    /// <summary>Does the service move by a change with this cause?</summary>
    public static bool IsFailover(Cause cause) => cause is
        Cause.ActiveSilent or Cause.ServerEnded or Cause.ServerHangs or Cause.ServerCloses or Cause.ServerFails or Cause.Forced or Cause.Planned or Cause.NodeDrained;

    /// <summary>
    /// The phases, in order. The new active node's times are by its own clock, so only the difference between them counts: they
    /// are shown as if it had received the order when that was sent.
    /// </summary>
    public static IReadOnlyList<FailoverPhase> PhasesOf(GatewayEvent change)
    {
        var phases = new List<FailoverPhase>();
        if (change.Cause == Cause.ActiveSilent && change.LastHeardNs != 0)
        {
            Add("detect", change.LastHeardNs, change.DecidedNs);
        }
        Add("fence", change.DecidedNs, change.FencedNs);
        Add("order", change.FencedNs, change.OrderedNs);
        if (change.FirstSegmentNs > change.ReceivedNs && change.ReceivedNs != 0)
        {
            Add("take over", change.OrderedNs, change.OrderedNs + (change.FirstSegmentNs - change.ReceivedNs));
        }
        return phases;

        void Add(string name, ulong start, ulong end)
        {
            if (end >= start && start != 0)
            {
                phases.Add(new FailoverPhase(name, At(start), At(end)));
            }
        }

        DateTimeOffset At(ulong ns) => change.At + TimeSpan.FromTicks((long)(ns - change.DecidedNs) / (1_000_000 / TimeSpan.TicksPerMillisecond));
    }
}
