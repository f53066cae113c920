namespace Appliance.Lab.Traffic.Measure;

/// <summary>One wait of a connection that was longer than <see cref="GapLog.Threshold"/>.</summary>
/// <param name="StartNs">When it began, in nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="EndNs">When data went on, on the same clock.</param>
/// <param name="Kind">What the connection carries.</param>
public readonly record struct LargeGap(long StartNs, long EndNs, TrafficKind Kind)
{
    /// <summary>Its length in milliseconds.</summary>
    public double Ms => MonotonicTime.ToMilliseconds(EndNs - StartNs);
}
