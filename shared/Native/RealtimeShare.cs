namespace Appliance.Native;

/// <summary>
/// Keeps a thread before ordinary ones as long as it needs little of a processor. A replica that catches up needs its server
/// to run, and on the same processor: a thread that never rests would starve it. One thread owns it.
/// </summary>
/// <param name="priority">SCHED_RR priority while it needs little.</param>
/// <param name="busyNice">Its nice value while it needs much.</param>
public sealed class RealtimeShare(int priority, int busyNice)
{
    private static readonly ulong WindowNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(20));

    private ulong _windowNs;
    private ulong _usedNs;
    private bool _isRaised;

    /// <summary>To be called on the thread again and again; looks at most every 20 ms.</summary>
    public void Review(ulong nowNs)
    {
        if (nowNs < _windowNs + WindowNs)
        {
            return;
        }
        var used = ThreadClock.Now;
        var isRaised = Judge(_isRaised, used - _usedNs, nowNs - _windowNs);
        (_windowNs, _usedNs) = (nowNs, used);
        if (isRaised == _isRaised)
        {
            return;
        }
        _isRaised = isRaised;
        if (isRaised)
        {
            Realtime.TryRaise(priority);
        }
        else
        {
            Realtime.Lower(busyNice);
        }
    }

    /// <summary>Should a thread be before ordinary ones that has used so much of a processor in so much time?</summary>
    public static bool Judge(bool isRaised, ulong usedNs, ulong elapsedNs) => isRaised ? usedNs <= elapsedNs / 2 : usedNs < elapsedNs / 5;
}
