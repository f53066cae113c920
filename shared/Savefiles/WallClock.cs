using Appliance.Native;

namespace Appliance.Savefiles;

/// <summary>Turns times of CLOCK_MONOTONIC into wall clock times, as savefiles have them.</summary>
/// <param name="OffsetNs">What to add, in nanoseconds.</param>
public readonly record struct WallClock(long OffsetNs)
{
    /// <summary>By what both clocks say now.</summary>
    public static WallClock Now => new(((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100) - (long)MonotonicClock.Now);

    /// <summary>Nanoseconds since 1970.</summary>
    public long ToUnixNs(ulong monotonicNs) => (long)monotonicNs + OffsetNs;
}
