namespace Appliance.Bench.Measure;

/// <summary>Summaries of a few repeated measurements. Missing ones are left out; of none, the summary is missing too.</summary>
public static class Statistics
{
    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    public static double? Median(IEnumerable<double?> values)
    {
        var sorted = Present(values);
        var half = sorted.Length / 2;
        return sorted.Length switch
        {
            0 => null,
            var count when count % 2 == 1 => sorted[half],
            _ => (sorted[half - 1] + sorted[half]) / 2,
        };
    }

    /// <summary>The largest value.</summary>
    public static double? Max(IEnumerable<double?> values)
    {
        var sorted = Present(values);
        return sorted.Length == 0 ? null : sorted[^1];
    }

    /// <summary>The smallest value.</summary>
    public static double? Min(IEnumerable<double?> values)
    {
        var sorted = Present(values);
        return sorted.Length == 0 ? null : sorted[0];
    }

    /// <summary>The quotient; missing when it has no meaning.</summary>
    public static double? Ratio(double? value, double? reference) =>
        value is { } numerator && reference is { } denominator and not 0 ? numerator / denominator : null;

    /// <summary>
    /// The median of the quotients of values that were measured next to each other, which what disturbs the machine for
    /// longer than that leaves alone. What has no partner is left out.
    /// </summary>
    public static double? PairedRatio(IEnumerable<double?> values, IEnumerable<double?> references) =>
        Median(values.Zip(references, Ratio));

    private static double[] Present(IEnumerable<double?> values) =>
        [.. values.OfType<double>().Where(value => !double.IsNaN(value)).Order()];
}
