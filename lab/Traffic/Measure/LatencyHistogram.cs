using System.Numerics;

namespace Appliance.Lab.Traffic.Measure;

/// <summary>
/// Counts durations in buckets whose width is at most 1/64 of their value, so any quantile is known to 1.6 %. One
/// thread writes.
/// </summary>
public sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int SubBuckets = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits) * SubBuckets];

    /// <summary>Durations recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The longest, exactly.</summary>
    public long Max { get; private set; }

    /// <summary>Counts one duration; the unit is the caller's.</summary>
    public void Record(long duration)
    {
        long value = Math.Max(duration, 0);
        _counts[Bucket(value)]++;
        Count++;
        Max = Math.Max(Max, value);
    }

    /// <summary>The smallest bucket end that at least this share (0 to 1) of the durations do not exceed; 0 if there are none.</summary>
    public long Quantile(double share)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(Count * share));
        long seen = 0;
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= wanted)
            {
                return Math.Min(End(bucket), Max);
            }
        }

        return Max;
    }

    private static int Bucket(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value) - SubBits);
        return (shift * SubBuckets) + (int)(value >> shift);
    }

    private static long End(int bucket)
    {
        int shift = Math.Max(0, (bucket / SubBuckets) - 1);
        long top = bucket - (shift * SubBuckets);
        return ((top + 1) << shift) - 1;
    }
}
