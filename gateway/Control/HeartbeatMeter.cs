namespace Appliance.Gateway.Control;

/// <summary>
/// How one node's heartbeats come. One thread notes them, another takes what was noted since it last did: a heartbeat that
/// comes between counts in the one step or in the other.
/// </summary>
public sealed class HeartbeatMeter
{
    private ulong _lastNs;
    private ulong _longestNs;
    private long _count;
    private long _taken;

    /// <summary>Heartbeats since the start.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>A fresh heartbeat has come.</summary>
    /// <param name="nowNs">CLOCK_MONOTONIC.</param>
    public void OnHeartbeat(ulong nowNs)
    {
        var lastNs = Volatile.Read(ref _lastNs);
        if (lastNs != 0 && nowNs - lastNs > Volatile.Read(ref _longestNs))
        {
            Volatile.Write(ref _longestNs, nowNs - lastNs);
        }
        Volatile.Write(ref _lastNs, nowNs);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>Heartbeats since the last call, and the longest wait for one that ended since then or still lasts.</summary>
    public (int Count, ulong LongestNs) Take(ulong nowNs)
    {
        var count = Count;
        var lastNs = Volatile.Read(ref _lastNs);
        var waiting = lastNs != 0 && nowNs > lastNs ? nowNs - lastNs : 0;
        var longest = Math.Max(Interlocked.Exchange(ref _longestNs, 0), waiting);
        var since = (int)(count - _taken);
        _taken = count;
        return (since, longest);
    }
}
