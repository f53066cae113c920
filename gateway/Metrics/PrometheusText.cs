using System.Globalization;
using System.Text;

namespace Appliance.Gateway.Metrics;

/// <summary>Prometheus' text format, version 0.0.4 (prometheus.io, "Exposition formats").</summary>
public static class PrometheusText
{
    /// <summary>Its media type.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes metrics.</summary>
    public static string Write(IEnumerable<Metric> metrics)
    {
        var text = new StringBuilder();
        foreach (var metric in metrics)
        {
            text.Append("# HELP ").Append(metric.Name).Append(' ').Append(Escape(metric.Help, quotes: false)).Append('\n');
            text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(metric.Kind.ToString().ToLowerInvariant()).Append('\n');
            foreach (var point in metric.Points)
            {
                Write(text, metric.Name, point);
            }
        }
        return text.ToString();
    }

    private static void Write(StringBuilder text, string name, MetricPoint point)
    {
        if (point.Histogram is not { } histogram)
        {
            Line(text, name, point.Labels, point.Value);
            return;
        }
        foreach (var (bound, count) in histogram.Buckets())
        {
            Line(text, $"{name}_bucket", [.. point.Labels, KeyValuePair.Create("le", bound)], count);
        }
        Line(text, $"{name}_sum", point.Labels, histogram.Sum);
        Line(text, $"{name}_count", point.Labels, histogram.Count);
    }

    private static void Line(StringBuilder text, string name, IReadOnlyList<KeyValuePair<string, string>> labels, double value)
    {
        text.Append(name);
        if (labels.Count > 0)
        {
            text.Append('{').AppendJoin(',', labels.Select(l => $"{l.Key}=\"{Escape(l.Value, quotes: true)}\"")).Append('}');
        }
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }
}
