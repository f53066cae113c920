namespace Appliance.Bench.Baseline;

/// <summary>How new connections fared around a crash.</summary>
/// <param name="GapMs">Longest time around or after the crash in which no new connection was served, in milliseconds; null when service never returned.</param>
/// <param name="SlowestMs">What the unluckiest new connection took that was served in the end, in milliseconds.</param>
/// <param name="Attempts">Connections attempted.</param>
/// <param name="Failed">Of these, the ones that were refused, reset or not served in time.</param>
public sealed record ProbeResult(double? GapMs, double SlowestMs, int Attempts, int Failed)
{
    /// <summary>Reads the attempts of a run.</summary>
    /// <param name="attempts">All attempts, in any order.</param>
    /// <param name="crashNs">The instant of the crash.</param>
    public static ProbeResult From(IReadOnlyCollection<ProbeAttempt> attempts, long crashNs)
    {
        long[] served = [.. attempts.Where(attempt => attempt.DoneNs is not null).Select(attempt => attempt.DoneNs!.Value).Order()];
        double? gap = null;
        for (var i = 1; i < served.Length; i++)
        {
            if (served[i] >= crashNs)
            {
                gap = Math.Max(gap ?? 0, (served[i] - served[i - 1]) / 1e6);
            }
        }

        var slowest = attempts.Where(attempt => attempt.DoneNs is not null).Select(attempt => attempt.DoneNs!.Value - attempt.StartNs).DefaultIfEmpty().Max();
        return new ProbeResult(gap, slowest / 1e6, attempts.Count, attempts.Count(attempt => attempt.DoneNs is null));
    }
}
