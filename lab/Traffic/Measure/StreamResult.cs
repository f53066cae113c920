namespace Appliance.Lab.Traffic.Measure;

/// <summary>The end of one download or upload.</summary>
/// <param name="Kind">Direction.</param>
/// <param name="Bytes">Bytes transferred.</param>
/// <param name="Seconds">From the request to the last byte, or to the server's answer for an upload.</param>
/// <param name="MaxGapMs">Longest time without progress, in milliseconds, pauses of the rate limit left out.</param>
/// <param name="MaxGapAtNs">When that began, in nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="Sha256Ok">Whether the digest at the far end is that of the pattern; null when not asked for.</param>
/// <param name="Error">Why it failed, or null.</param>
public sealed record StreamResult(
    TrafficKind Kind,
    long Bytes,
    double Seconds,
    double MaxGapMs,
    long MaxGapAtNs,
    bool? Sha256Ok,
    string? Error)
{
    /// <summary>Gigabits per second.</summary>
    public double GbitPerSecond => Seconds > 0 ? Bytes * 8 / Seconds / 1e9 : 0;
}
