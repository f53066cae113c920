using System.Text.RegularExpressions;
using Appliance.Gateway.Metrics;

namespace Appliance.Tests.Unit.Monitoring;

/// <summary>Holds what PromQL refers to against the metrics that there are.</summary>
internal static partial class Expressions
{
    /// <summary>Labels that Prometheus adds.</summary>
    private static readonly string[] s_added = ["instance", "job", "le"];

    /// <summary>What an expression names and no gateway has: series, labels and labels' values.</summary>
    public static IEnumerable<string> Unknown(string expression, IReadOnlyList<Metric> metrics)
    {
        foreach (Match match in Selector().Matches(expression))
        {
            var series = match.Groups[1].Value;
            if (metrics.SingleOrDefault(m => NamesOf(m).Contains(series)) is not { } metric)
            {
                yield return series;
                continue;
            }
            foreach (Match matcher in Matcher().Matches(match.Groups[2].Value))
            {
                var (label, value) = (matcher.Groups[1].Value, matcher.Groups[2].Value);
                var values = metric.Points.SelectMany(p => p.Labels).Where(l => l.Key == label).Select(l => l.Value).ToHashSet(StringComparer.Ordinal);
                if (!s_added.Contains(label) && value.Split('|').Any(v => !values.Contains(v)))
                {
                    yield return $"{series}{{{label}=\"{value}\"}}";
                }
            }
        }
    }

    private static IEnumerable<string> NamesOf(Metric metric) =>
        metric.Kind == MetricKind.Histogram ? [$"{metric.Name}_bucket", $"{metric.Name}_sum", $"{metric.Name}_count"] : [metric.Name];

    [GeneratedRegex("""\b(appliance_\w+)(\{[^}]*\})?""")]
    private static partial Regex Selector();

    [GeneratedRegex("(\\w+)=~?\"([^\"]*)\"")]
    private static partial Regex Matcher();
}
