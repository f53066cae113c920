using Appliance.Gateway.Control;
using Appliance.Gateway.Failover;

namespace Appliance.Gateway.Metrics;

/// <summary>Counts changes of assignment by cause, and how long failovers took. One caller looks.</summary>
public sealed class FailoverMeter
{
    private readonly Histogram _detection = new(0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5);
    private readonly Histogram _takeover = new(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1);
    private readonly long[] _causes = new long[Enum.GetValues<Cause>().Length];
    private ulong _counted;
    private ulong _timed;

    /// <summary>From the last heartbeat of a node to the decision that it is dead, seconds.</summary>
    public HistogramReading Detection => _detection.Read();

    /// <summary>From the arrival of the order at the new active node to its first segment to a client, seconds, by its own clock.</summary>
    public HistogramReading Takeover => _takeover.Read();

    /// <summary>Changes with a cause.</summary>
    public long Count(Cause cause) => Volatile.Read(ref _causes[(int)cause]);

    /// <summary>Takes in what is new.</summary>
    /// <param name="events">The last changes, oldest first.</param>
    public void Look(IReadOnlyList<GatewayEvent> events)
    {
        foreach (var change in events)
        {
            if (change.Epoch > _counted)
            {
                _counted = change.Epoch;
                Volatile.Write(ref _causes[(int)change.Cause], _causes[(int)change.Cause] + 1);
                if (change.Cause == Cause.ActiveSilent && change.LastHeardNs != 0)
                {
                    _detection.Add((change.DecidedNs - change.LastHeardNs) / 1e9);
                }
            }
            if (change.Epoch > _timed && change.ReceivedNs != 0 && change.FirstSegmentNs > change.ReceivedNs)
            {
                _timed = change.Epoch;
                _takeover.Add((change.FirstSegmentNs - change.ReceivedNs) / 1e9);
            }
        }
    }
}
