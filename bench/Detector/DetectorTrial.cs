using Appliance.Gateway.Failover;

namespace Appliance.Bench.Detector;

/// <summary>What a detector would have made of a trace.</summary>
/// <param name="FalsePerHour">Times per hour that the living node would have been suspected.</param>
/// <param name="DetectionMs">Mean time from a crash, at any moment, to its suspicion.</param>
/// <param name="WorstDetectionMs">The 99th percentile of it.</param>
public sealed record DetectorTrial(double FalsePerHour, double DetectionMs, double WorstDetectionMs)
{
    /// <summary>Lets the gateway's own code judge a trace.</summary>
    public static DetectorTrial Of(ArrivalTrace trace, TimeSpan least, TimeSpan most)
    {
        var limit = new SilenceLimit(TimeSpan.FromMilliseconds(ArrivalTrace.IntervalMs), least, most);
        var suspicions = 0;
        var limits = new double[trace.ArrivalsMs.Count];
        var allowed = double.MaxValue;
        for (var i = 0; i < limits.Length; i++)
        {
            suspicions += i > 0 && trace.ArrivalsMs[i] - trace.ArrivalsMs[i - 1] > allowed ? 1 : 0;
            limit.OnHeartbeat((ulong)((trace.ArrivalsMs[i] + 1000) * 1e6));
            limits[i] = allowed = limit.Ns / 1e6;
        }

        // The node crashes somewhere between this heartbeat and the next, which would have come an interval later.
        Array.Sort(limits);
        var mean = limits.Average() - (ArrivalTrace.IntervalMs / 2);
        return new DetectorTrial(suspicions / trace.Hours, mean, limits[(int)(0.99 * (limits.Length - 1))]);
    }
}
