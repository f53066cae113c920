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
}
