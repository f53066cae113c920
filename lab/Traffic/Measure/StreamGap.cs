namespace Appliance.Lab.Traffic.Measure;

/// <summary>Measures the longest time without progress on one stream. One thread uses it.</summary>
/// <param name="log">Where every wait is recorded.</param>
/// <param name="kind">What the stream is.</param>
internal sealed class StreamGap(GapLog log, TrafficKind kind)
{
    private long _since;

    /// <summary>The longest wait so far, in nanoseconds.</summary>
    public long WorstNs { get; private set; }

    /// <summary>When it began, in nanoseconds of CLOCK_MONOTONIC.</summary>
    public long WorstStartNs { get; private set; }

    /// <summary>Waiting for progress begins now: at the start, and after a pause of our own.</summary>
    public void Resume(long now) => _since = now;

    /// <summary>Data went on, or the stream was given up while waiting.</summary>
    public void Progress(long now)
    {
        if (now - _since > WorstNs)
        {
            WorstNs = now - _since;
            WorstStartNs = _since;
        }

        log.Record(_since, now, kind);
        _since = now;
    }
}
