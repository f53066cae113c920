using Appliance.Gateway.Metrics;

namespace Appliance.Tests.Unit.Api;

/// <summary>The text that Prometheus scrapes, byte by byte.</summary>
[TestClass]
public sealed class PrometheusTextTests
{
    [TestMethod]
    public void Metrics_are_these_lines()
    {
        var histogram = new Histogram(0.5, 2);
        foreach (var value in new[] { 0.5, 1, 3, 0.25 })
        {
            histogram.Add(value);
        }
        Metric[] metrics =
        [
            new("a_total", MetricKind.Counter, "Back\\slash\nand line.", [new MetricPoint([], 3)]),
            new("b", MetricKind.Gauge, "Labels.", [new MetricPoint([KeyValuePair.Create("node", "say \"hi\"\\\n")], 0.5), new MetricPoint([], double.NaN)]),
            new("c_seconds", MetricKind.Histogram, "Sizes.", [new MetricPoint([KeyValuePair.Create("x", "y")], 0, histogram.Read())]),
        ];
        const string Expected = """
            # HELP a_total Back\\slash\nand line.
            # TYPE a_total counter
            a_total 3
            # HELP b Labels.
            # TYPE b gauge
            b{node="say \"hi\"\\\n"} 0.5
            b NaN
            # HELP c_seconds Sizes.
            # TYPE c_seconds histogram
            c_seconds_bucket{x="y",le="0.5"} 2
            c_seconds_bucket{x="y",le="2"} 3
            c_seconds_bucket{x="y",le="+Inf"} 4
            c_seconds_sum{x="y"} 4.75
            c_seconds_count{x="y"} 4

            """;
        Assert.AreEqual(Expected, PrometheusText.Write(metrics));
    }
}
