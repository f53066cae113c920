using System.Globalization;

namespace Appliance.Gateway.Metrics;

/// <summary>Counts values by size. One thread adds; anybody reads, at most one value late.</summary>
/// <param name="bounds">Upper bounds of the buckets, ascending; above the last there is one more.</param>
public sealed class Histogram(params double[] bounds)
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    /// <summary>Adds a value.</summary>
    public void Add(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
        {
            bucket++;
        }
        Volatile.Write(ref _sum, _sum + value);
        Volatile.Write(ref _counts[bucket], _counts[bucket] + 1);
    }

    /// <summary>As of now.</summary>
    public HistogramReading Read()
    {
        var counts = new long[_counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Volatile.Read(ref _counts[i]);
        }
        return new HistogramReading(bounds, counts, Volatile.Read(ref _sum));
    }
}

/// <summary>A histogram at one moment.</summary>
/// <param name="Bounds">Upper bounds, ascending.</param>
/// <param name="Counts">Values in each bucket, not cumulated; one more than there are bounds.</param>
/// <param name="Sum">Of all values.</param>
public sealed record HistogramReading(IReadOnlyList<double> Bounds, IReadOnlyList<long> Counts, double Sum)
{
    /// <summary>Values in all buckets.</summary>
    public long Count => Counts.Sum();

    /// <summary>As Prometheus has them: each upper bound, in words, and how many values do not exceed it.</summary>
    public IEnumerable<(string Bound, long Count)> Buckets()
    {
        var below = 0L;
        for (var i = 0; i < Counts.Count; i++)
        {
            below += Counts[i];
            yield return (i < Bounds.Count ? Bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf", below);
        }
    }
}
