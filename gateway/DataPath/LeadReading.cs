using System.Text.Json.Serialization;
using Appliance.Gateway.Metrics;

namespace Appliance.Gateway.DataPath;

/// <summary>By how much a node was first with bytes that another has brought, too. A sample: of each connection one piece after the other.</summary>
/// <param name="Seconds">How often, by how much.</param>
public sealed record LeadReading([property: JsonIgnore] HistogramReading Seconds)
{
    /// <summary>How often it was first.</summary>
    public long Times => Seconds.Count;

    /// <summary>Median, to a factor of two; null when it never was.</summary>
    public double? P50Ms => Quantile(0.5);

    /// <summary>The same, the 99th percentile.</summary>
    public double? P99Ms => Quantile(0.99);

    private double? Quantile(double part)
    {
        var (below, count) = (0L, Seconds.Count);
        for (var i = 0; i < Seconds.Counts.Count && count > 0; i++)
        {
            below += Seconds.Counts[i];
            if (below >= part * count)
            {
                return Seconds.Bounds[Math.Min(i, Seconds.Bounds.Count - 1)] * 1000;
            }
        }
        return null;
    }
}
