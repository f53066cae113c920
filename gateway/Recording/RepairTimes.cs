using Appliance.Gateway.Metrics;

namespace Appliance.Gateway.Recording;

/// <summary>How long the last repairs took, from the gap to its filling. One thread owns it.</summary>
public sealed class RepairTimes
{
    private const int Kept = 4096;
    private readonly uint[] _last = new uint[Kept];
    private readonly uint[] _sorted = new uint[Kept];
    private readonly Histogram _seconds = new(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5);

    /// <summary>Gaps that were filled.</summary>
    public long Count { get; private set; }

    /// <summary>Notes one, in microseconds.</summary>
    public void Add(uint microseconds)
    {
        _last[Count++ % Kept] = microseconds;
        _seconds.Add(microseconds / 1e6);
    }

    /// <summary>All of them, by length.</summary>
    public HistogramReading Seconds => _seconds.Read();

    /// <summary>Median and 99th percentile of the last 4096, in milliseconds; 0 when there were none.</summary>
    public (double P50, double P99) Percentiles()
    {
        var count = (int)Math.Min(Count, Kept);
        if (count == 0)
        {
            return (0, 0);
        }
        var sorted = _sorted.AsSpan(0, count);
        _last.AsSpan(0, count).CopyTo(sorted);
        sorted.Sort();
        return (sorted[count / 2] / 1e3, sorted[count * 99 / 100] / 1e3);
    }
}
