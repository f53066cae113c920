using System.Diagnostics.Metrics;
using Appliance.Gateway.Metrics;

namespace Appliance.Gateway.Otlp;

/// <summary>
/// The metrics that Prometheus scrapes, under the same names, as instruments that are read when they are collected. A histogram
/// counts what was counted before, for which there is no such instrument: it becomes the series that Prometheus has of it.
/// </summary>
public sealed class MetricInstruments : IDisposable
{
    /// <summary>What the instruments belong to.</summary>
    public const string MeterName = "Appliance.Gateway";

    private static readonly TimeSpan s_life = TimeSpan.FromMilliseconds(500);

    private readonly Meter _meter = new(MeterName);
    private readonly Func<IReadOnlyList<Metric>> _read;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Dictionary<string, Metric> _metrics = [];
    private long _readAt;

    /// <summary>Makes them.</summary>
    /// <param name="read">Reads all metrics.</param>
    /// <param name="time">A collection reads them once.</param>
    public MetricInstruments(Func<IReadOnlyList<Metric>> read, TimeProvider time)
    {
        (_read, _time) = (read, time);
        foreach (var metric in Refresh().Values)
        {
            Add(metric);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void Add(Metric metric)
    {
        var (name, help) = (metric.Name, metric.Help);
        switch (metric.Kind)
        {
            case MetricKind.Counter:
                _meter.CreateObservableCounter(name, () => Points(name).Select(p => Measure(p.Value, p)), description: help);
                break;
            case MetricKind.Gauge:
                _meter.CreateObservableGauge(name, () => Points(name).Select(p => Measure(p.Value, p)), description: help);
                break;
            default:
                _meter.CreateObservableCounter($"{name}_bucket", () => Points(name).SelectMany(Buckets), description: help);
                _meter.CreateObservableCounter($"{name}_sum", () => Points(name).Select(p => Measure(p.Histogram!.Sum, p)), description: help);
                _meter.CreateObservableCounter($"{name}_count", () => Points(name).Select(p => Measure(p.Histogram!.Count, p)), description: help);
                break;
        }
    }

    private static IEnumerable<Measurement<double>> Buckets(MetricPoint point) =>
        point.Histogram!.Buckets().Select(b => Measure(b.Count, point, KeyValuePair.Create("le", (object?)b.Bound)));

    private static Measurement<double> Measure(double value, MetricPoint point, params IEnumerable<KeyValuePair<string, object?>> further) =>
        new(value, [.. point.Labels.Select(l => KeyValuePair.Create(l.Key, (object?)l.Value)), .. further]);

    private IReadOnlyList<MetricPoint> Points(string name) => Refresh().TryGetValue(name, out var metric) ? metric.Points : [];

    private Dictionary<string, Metric> Refresh()
    {
        lock (_lock)
        {
            if (_metrics.Count == 0 || _time.GetElapsedTime(_readAt) > s_life)
            {
                _metrics = _read().ToDictionary(m => m.Name, StringComparer.Ordinal);
                _readAt = _time.GetTimestamp();
            }
            return _metrics;
        }
    }
}
