using System.Diagnostics;

namespace Appliance.Lab.Traffic.Measure;

/// <summary>CLOCK_MONOTONIC in nanoseconds: the same clock in every process and network namespace of the machine.</summary>
internal static class MonotonicTime
{
    public const long Microsecond = 1_000;
    public const long Millisecond = 1_000_000;
    public const long Second = 1_000_000_000;

    /// <summary>Now, in nanoseconds. On Linux the runtime's timestamp has this unit and clock.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>A duration in nanoseconds.</summary>
    public static long From(TimeSpan time) => (long)time.TotalNanoseconds;

    /// <summary>Nanoseconds as milliseconds.</summary>
    public static double ToMilliseconds(long nanoseconds) => nanoseconds / (double)Millisecond;
}
