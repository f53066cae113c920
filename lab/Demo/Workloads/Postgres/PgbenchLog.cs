using System.Globalization;
using Appliance.Lab.Demo.Reports;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>Every transaction of a run: when it was complete and how long its client waited for it.</summary>
public sealed class PgbenchLog
{
    private readonly Dictionary<int, long> _worstNs = [];
    private readonly List<long> _completedNs = [];
    private readonly List<Wait> _waits = [];

    private PgbenchLog()
    {
    }

    /// <summary>Transactions read.</summary>
    public int Count => _completedNs.Count;

    /// <summary>Reads the lines of pgbench's log files; what is no such line is passed over.</summary>
    /// <param name="lines">Client, number, latency in µs, script, seconds and µs since 1970.</param>
    /// <param name="offsetNs">What to add to nanoseconds since 1970 to get nanoseconds of CLOCK_MONOTONIC.</param>
    public static PgbenchLog Read(IEnumerable<string> lines, long offsetNs)
    {
        var log = new PgbenchLog();
        foreach (var line in lines)
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var client, _, var latency, _, var seconds, var micros, ..]
                && TryRead(client, out var number)
                && TryRead(latency, out var latencyUs)
                && TryRead(seconds, out var second)
                && TryRead(micros, out var micro)
                && number <= int.MaxValue
                && second <= int.MaxValue)
            {
                log.Add((int)number, latencyUs * 1_000, (second * 1_000_000_000) + (micro * 1_000) + offsetNs);
            }
        }

        log._completedNs.Sort();
        return log;
    }

    /// <summary>The longest wait of all clients, and the median of the clients' longest waits, in milliseconds.</summary>
    public (double WorstMs, double MedianMs) Gaps()
    {
        long[] worst = [.. _worstNs.Values];
        var gaps = GapStatistics.From(worst);
        return (gaps.Max / 1e6, gaps.Median / 1e6);
    }

    /// <summary>The longest waits, at most <paramref name="count"/>, the longest first.</summary>
    public IReadOnlyList<Wait> Longest(int count) => [.. _waits.OrderByDescending(wait => wait.EndNs - wait.StartNs).Take(count)];

    /// <summary>When the first transaction was complete at or after a time, in nanoseconds of CLOCK_MONOTONIC.</summary>
    public long? FirstAfter(long timeNs)
    {
        var index = _completedNs.BinarySearch(timeNs);
        index = index < 0 ? ~index : index;
        return index < _completedNs.Count ? _completedNs[index] : null;
    }

    private static bool TryRead(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private void Add(int client, long latencyNs, long completedNs)
    {
        _worstNs[client] = Math.Max(latencyNs, _worstNs.GetValueOrDefault(client));
        _completedNs.Add(completedNs);
        _waits.Add(new Wait(completedNs - latencyNs, completedNs));
    }
}
