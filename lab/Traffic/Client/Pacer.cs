using Appliance.Lab.Traffic.Measure;

namespace Appliance.Lab.Traffic.Client;

/// <summary>Keeps a stream to its rate. After a stall it catches up at most 50 ms worth of bytes.</summary>
/// <param name="bytesPerSecond">The rate; 0 for no limit.</param>
public sealed class Pacer(long bytesPerSecond)
{
    private const long MaxCredit = 50 * MonotonicTime.Millisecond;

    /// <summary>When the bytes granted so far will have been due, in nanoseconds.</summary>
    private long _paidUntil;

    /// <summary>Whether there is a limit at all.</summary>
    public bool IsLimited => bytesPerSecond > 0;

    /// <summary>Counts <paramref name="bytes"/> transferred by <paramref name="now"/>; returns the nanoseconds to pause.</summary>
    public long Pause(int bytes, long now)
    {
        if (!IsLimited)
        {
            return 0;
        }

        _paidUntil = Math.Max(_paidUntil, now - MaxCredit) + (long)((double)bytes / bytesPerSecond * MonotonicTime.Second);
        return Math.Max(0, _paidUntil - now);
    }
}
