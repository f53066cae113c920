using System.Diagnostics;

namespace Appliance.Native;

/// <summary>CLOCK_MONOTONIC in nanoseconds: the clock of the BPF programs, of heartbeats and leases. It never goes back.</summary>
public static class MonotonicClock
{
    private static readonly double Scale = 1e9 / Stopwatch.Frequency;

    /// <summary>Nanoseconds since boot, without suspend.</summary>
    public static ulong Now => Stopwatch.Frequency == 1_000_000_000
        ? (ulong)Stopwatch.GetTimestamp()
        : (ulong)(Stopwatch.GetTimestamp() * Scale);

    /// <summary>A duration in this clock's unit.</summary>
    public static ulong Nanoseconds(TimeSpan duration) => (ulong)(duration.Ticks * 100);

    /// <summary>A duration of this clock, cut to 100 ns.</summary>
    public static TimeSpan Duration(ulong nanoseconds) => TimeSpan.FromTicks((long)(nanoseconds / 100));
}
