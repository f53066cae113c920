namespace Appliance.Lab.Demo.Reports;

/// <summary>A time without data on a connection that wanted some, in nanoseconds of CLOCK_MONOTONIC.</summary>
/// <param name="StartNs">When it began.</param>
/// <param name="EndNs">When data went on.</param>
public readonly record struct Wait(long StartNs, long EndNs)
{
    /// <summary>Its length in milliseconds.</summary>
    public double Ms => Math.Round((EndNs - StartNs) / 1e6, 3);

    /// <summary>
    /// The longest of the waits that a failover can have caused: those that lasted at some time between the fault and the
    /// first data from the backup. Null when none is known.
    /// </summary>
    /// <param name="waits">The waits.</param>
    /// <param name="timeline">The failover.</param>
    public static double? LongestAt(IEnumerable<Wait> waits, FailoverTimeline timeline)
    {
        var end = timeline.FaultNs + (long)((timeline.FirstDataMs ?? timeline.FirstSegmentMs ?? 0) * 1e6);
        return waits.Where(wait => wait.StartNs <= end && wait.EndNs >= timeline.FaultNs).Select(wait => (double?)wait.Ms).Max();
    }
}
