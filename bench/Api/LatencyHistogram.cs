namespace Appliance.Bench.Api;

/// <summary>Times of one kind of request; safe for many threads.</summary>
public sealed class LatencyHistogram
{
    private readonly Lock _gate = new();
    private readonly List<double> _times = [];

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _times.Count;
            }
        }
    }

    /// <summary>Adds one, in milliseconds.</summary>
    public void Add(double ms)
    {
        lock (_gate)
        {
            _times.Add(ms);
        }
    }

    /// <summary>A percentile, from 0 to 1; null of nothing.</summary>
    public double? Percentile(double share)
    {
        lock (_gate)
        {
            if (_times.Count == 0)
            {
                return null;
            }

            _times.Sort();
            return _times[Math.Min(_times.Count - 1, (int)(_times.Count * share))];
        }
    }
}
