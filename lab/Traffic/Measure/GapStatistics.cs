namespace Appliance.Lab.Traffic.Measure;

/// <summary>How the worst waits of the connections are distributed.</summary>
/// <param name="Median">Nearest-rank median in nanoseconds.</param>
/// <param name="P99">Nearest-rank 99th percentile in nanoseconds.</param>
/// <param name="Max">The longest, in nanoseconds.</param>
public readonly record struct GapStatistics(long Median, long P99, long Max)
{
    /// <summary>Sorts <paramref name="worst"/>, one value in nanoseconds per connection, and reads it; all zero if there is none.</summary>
    public static GapStatistics From(Span<long> worst)
    {
        if (worst.IsEmpty)
        {
            return default;
        }

        worst.Sort();
        return new GapStatistics(Rank(worst, 0.5), Rank(worst, 0.99), worst[^1]);
    }

    private static long Rank(ReadOnlySpan<long> sorted, double quantile) =>
        sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * quantile) - 1, 0, sorted.Length - 1)];
}
