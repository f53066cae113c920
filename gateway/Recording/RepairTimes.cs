namespace Appliance.Gateway.Recording;

/// <summary>How long the last repairs took, from the gap to its filling. One thread owns it.</summary>
public sealed class RepairTimes
{
    private const int Kept = 4096;
    private readonly uint[] _last = new uint[Kept];
    private readonly uint[] _sorted = new uint[Kept];

    /// <summary>Gaps that were filled.</summary>
    public long Count { get; private set; }

    /// <summary>Notes one, in microseconds.</summary>
    public void Add(uint microseconds) => _last[Count++ % Kept] = microseconds;

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
