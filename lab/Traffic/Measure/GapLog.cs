namespace Appliance.Lab.Traffic.Measure;

/// <summary>The worst wait of all connections, and the first few thousand that were long. Safe for use by any thread.</summary>
public sealed class GapLog
{
    /// <summary>Waits from this length on are kept.</summary>
    public static readonly TimeSpan Threshold = TimeSpan.FromMilliseconds(5);

    /// <summary>How many are kept at most.</summary>
    public const int Capacity = 4096;

    private static readonly long s_thresholdNs = MonotonicTime.From(Threshold);

    private readonly Lock _lock = new();
    private readonly List<LargeGap> _gaps = [];
    private LargeGap _worst;
    private long _worstNs;

    /// <summary>The longest wait recorded.</summary>
    public LargeGap Worst
    {
        get
        {
            lock (_lock)
            {
                return _worst;
            }
        }
    }

    /// <summary>How many waits reached the threshold, kept or not.</summary>
    public long Count { get; private set; }

    /// <summary>Records a wait; cheap when it is neither long nor the worst.</summary>
    public void Record(long startNs, long endNs, TrafficKind kind)
    {
        long length = endNs - startNs;
        if (length < s_thresholdNs && length <= Volatile.Read(ref _worstNs))
        {
            return;
        }

        lock (_lock)
        {
            var gap = new LargeGap(startNs, endNs, kind);
            if (length > _worstNs)
            {
                _worst = gap;
                Volatile.Write(ref _worstNs, length);
            }

            if (length < s_thresholdNs)
            {
                return;
            }

            Count++;
            if (_gaps.Count < Capacity)
            {
                _gaps.Add(gap);
            }
        }
    }

    /// <summary>Begins anew; a wait under way counts in full when it ends.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _gaps.Clear();
            (_worst, Count) = (default, 0);
            Volatile.Write(ref _worstNs, 0);
        }
    }

    /// <summary>The longest of the kept waits, at most <paramref name="count"/>, in the order of their start.</summary>
    public IReadOnlyList<LargeGap> Longest(int count)
    {
        lock (_lock)
        {
            return [.. _gaps.OrderByDescending(gap => gap.EndNs - gap.StartNs).Take(count).OrderBy(gap => gap.StartNs)];
        }
    }
}
