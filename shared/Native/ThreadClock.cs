namespace Appliance.Native;

/// <summary>CLOCK_THREAD_CPUTIME_ID: what the calling thread has used of a processor. Waiting for one does not count.</summary>
public static class ThreadClock
{
    private const int ThreadCpuTime = 3;

    /// <summary>Nanoseconds.</summary>
    public static unsafe ulong Now
    {
        get
        {
            var time = default(DescriptorPoller.TimeSpec);
            return Libc.ClockGetTime(ThreadCpuTime, &time) == 0 ? ((ulong)time.Seconds * 1_000_000_000) + (ulong)time.Nanoseconds : 0;
        }
    }

    /// <summary>
    /// When work that is done again and again is due next, so that it takes no more than one part in <paramref name="factor"/> of a
    /// processor; CLOCK_MONOTONIC nanoseconds.
    /// </summary>
    /// <param name="usedNs">This clock when the work began.</param>
    /// <param name="factor">Pause in multiples of what the work took.</param>
    /// <param name="leastNs">The shortest pause.</param>
    /// <param name="mostNs">The longest pause.</param>
    public static ulong DueAfter(ulong usedNs, ulong factor, ulong leastNs, ulong mostNs) =>
        MonotonicClock.Now + Math.Clamp(factor * (Now - usedNs), leastNs, mostNs);
}
