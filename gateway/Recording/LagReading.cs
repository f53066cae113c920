using Appliance.Gateway.Metrics;

namespace Appliance.Gateway.Recording;

/// <summary>How far the replicas of all open connections are behind what is recorded, at one moment.</summary>
/// <param name="Largest">Bytes, of any replica that follows.</param>
/// <param name="Replicas">How many there are, by the bytes that they lack.</param>
public sealed record LagReading(long Largest, HistogramReading Replicas)
{
    private static readonly double[] Bounds = [0, 1 << 10, 16 << 10, 128 << 10, 1 << 20, 8 << 20];

    /// <summary>Of no connection.</summary>
    public static LagReading None { get; } = new(0, new Histogram(Bounds).Read());

    /// <summary>Takes the lags of all replicas that follow.</summary>
    public static LagReading Of(IEnumerable<long> lags)
    {
        var (largest, histogram) = (0L, new Histogram(Bounds));
        foreach (var lag in lags)
        {
            histogram.Add(lag);
            largest = Math.Max(largest, lag);
        }
        return new LagReading(largest, histogram.Read());
    }
}
