namespace Appliance.Gateway.Metrics;

/// <summary>A metric, with all that it measures at one moment.</summary>
/// <param name="Name">By the rules of Prometheus: snake_case, the base unit at the end, <c>_total</c> for counters.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Help">What it says.</param>
/// <param name="Points">Its values.</param>
public sealed record Metric(string Name, MetricKind Kind, string Help, IReadOnlyList<MetricPoint> Points);

/// <summary>One value of a metric.</summary>
/// <param name="Labels">Names and values.</param>
/// <param name="Value">Of a counter or gauge.</param>
/// <param name="Histogram">Of a histogram.</param>
public sealed record MetricPoint(IReadOnlyList<KeyValuePair<string, string>> Labels, double Value, HistogramReading? Histogram = null);

/// <summary>What a metric is.</summary>
public enum MetricKind
{
    /// <summary>Grows, from the start of the program.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Values by size.</summary>
    Histogram,
}
