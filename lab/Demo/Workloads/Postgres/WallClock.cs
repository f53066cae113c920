using Appliance.Lab.Faults;

namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>Relates the wall clock to CLOCK_MONOTONIC.</summary>
internal static class WallClock
{
    /// <summary>What to add to nanoseconds since 1970 to get nanoseconds of CLOCK_MONOTONIC.</summary>
    public static long MonotonicOffsetNs()
    {
        var before = Monotonic.NowNs;
        var wall = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        return before + ((Monotonic.NowNs - before) / 2) - wall;
    }
}
