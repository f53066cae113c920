namespace Appliance.Lab.Traffic.Measure;

/// <summary>
/// Answers when the first byte arrived after a given time. Of every 131 microseconds it keeps the first arrival, for
/// the last 68 seconds. Safe for use by any thread.
/// </summary>
public sealed class ProgressTimeline
{
    private const int BucketBits = 17;
    private const int Buckets = 1 << 19;

    private readonly long[] _first = new long[Buckets];

    /// <summary>Notes that data arrived at <paramref name="now"/>, in nanoseconds of CLOCK_MONOTONIC.</summary>
    public void Record(long now)
    {
        ref long slot = ref _first[(now >> BucketBits) & (Buckets - 1)];
        long seen = Volatile.Read(ref slot);
        if (seen >> BucketBits != now >> BucketBits)
        {
            Interlocked.CompareExchange(ref slot, now, seen);
        }
    }

    /// <summary>
    /// The first arrival at or after <paramref name="time"/> and not after <paramref name="now"/>, late by at most 131
    /// microseconds; null if there was none.
    /// </summary>
    public long? FirstAfter(long time, long now)
    {
        long last = now >> BucketBits;
        for (long bucket = Math.Max(time >> BucketBits, last - Buckets + 1); bucket <= last; bucket++)
        {
            long first = Volatile.Read(ref _first[bucket & (Buckets - 1)]);
            if (first >> BucketBits == bucket && first >= time)
            {
                return first;
            }
        }

        return null;
    }
}
