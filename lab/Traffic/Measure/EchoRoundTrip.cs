namespace Appliance.Lab.Traffic.Measure;

/// <summary>Round trips of the echo messages, from before sending to the complete echo, in microseconds.</summary>
/// <param name="P50Us">Median.</param>
/// <param name="P99Us">99th percentile.</param>
/// <param name="P999Us">99.9th percentile.</param>
/// <param name="MaxUs">The longest.</param>
public sealed record EchoRoundTrip(double P50Us, double P99Us, double P999Us, double MaxUs)
{
    /// <summary>Reads a histogram of nanoseconds.</summary>
    internal static EchoRoundTrip From(LatencyHistogram histogram) =>
        new(Us(histogram.Quantile(0.5)), Us(histogram.Quantile(0.99)), Us(histogram.Quantile(0.999)), Us(histogram.Max));

    private static double Us(long nanoseconds) => nanoseconds / (double)MonotonicTime.Microsecond;
}
