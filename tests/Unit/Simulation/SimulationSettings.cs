using Appliance.Native;

namespace Appliance.Tests.Unit.Simulation;

/// <summary>The configuration of a run; it follows from the seed.</summary>
internal sealed record SimulationSettings
{
    private const ulong Millisecond = 1_000_000;

    /// <summary>The seed of everything.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Two or three.</summary>
    public required int Nodes { get; init; }

    /// <summary>Links between each node and the gateway: one or two.</summary>
    public required int Links { get; init; }

    /// <summary><c>heartbeat.interval</c>.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary><c>heartbeat.timeout</c>.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary><c>heartbeat.lease</c>.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary><c>serverHangTimeout</c>.</summary>
    public required TimeSpan Hang { get; init; }

    /// <summary>Index of the configured first active node, or -1.</summary>
    public required int Preferred { get; init; }

    /// <summary>Lost datagrams, parts per million.</summary>
    public required int Loss { get; init; }

    /// <summary>Doubled datagrams, parts per million.</summary>
    public required int Duplication { get; init; }

    /// <summary>Datagrams take up to so much longer than the fastest, which reorders them.</summary>
    public required ulong JitterNs { get; init; }

    /// <summary>Mean time between two faults.</summary>
    public required ulong SpacingNs { get; init; }

    /// <summary>Faults before the calm.</summary>
    public required int Faults { get; init; }

    /// <summary>Do datagrams go through the codec, with its HMAC?</summary>
    public required bool UsesCodec { get; init; }

    /// <summary>Is the whole calm simulated, or only until all has been well for a while?</summary>
    public required bool WatchesWholeCalm { get; init; }

    /// <summary>The configuration that belongs to a seed.</summary>
    public static SimulationSettings Of(ulong seed)
    {
        var random = new SimulationRandom(seed ^ 0xA5A5_5A5A_0F0F_F0F0);
        var interval = TimeSpan.FromMilliseconds(random.Below(4) == 0 ? 25 : 10);
        var density = random.Below(6);
        return new SimulationSettings
        {
            Seed = seed,
            Nodes = random.Below(4) == 0 ? 3 : 2,
            Links = 1 + random.Below(2),
            Interval = interval,
            Timeout = interval * (2 + random.Below(3)),
            Lease = TimeSpan.FromMilliseconds(random.Below(3) switch { 0 => 200, 1 => 1000, _ => 3000 }),
            Hang = random.Below(4) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.Below(2) == 0 ? 100 : 500),
            Preferred = random.Below(3) - 1,
            Loss = random.Below(3) == 0 ? random.Below(300_000) : random.Below(20_000),
            Duplication = random.Below(3) == 0 ? random.Below(200_000) : 0,
            JitterNs = random.Between(Millisecond / 10, 20 * Millisecond),
            SpacingNs = (density switch { 0 => 3UL, 1 => 10UL, 2 => 25UL, 3 => 60UL, 4 => 200UL, _ => 1000UL }) * Millisecond,
            Faults = density switch { 0 => 600, 1 => 500, 2 => 300, 3 => 150, 4 => 60, _ => 20 },
            UsesCodec = random.Below(64) == 0,
            WatchesWholeCalm = random.Below(10) == 0,
        };
    }

    /// <summary>How long the gateway learns at most, and how long a silent replica keeps its copies; as the gateway does it.</summary>
    public TimeSpan Grace => TimeSpan.FromTicks(Math.Max((10 * Timeout).Ticks, TimeSpan.FromSeconds(2).Ticks));

    /// <summary><see cref="Interval"/> in nanoseconds.</summary>
    public ulong IntervalNs => MonotonicClock.Nanoseconds(Interval);
}
