using Appliance.Bench.Measure;
using Appliance.Bench.Report;

namespace Appliance.Bench.Failover;

/// <summary>Tables and goals of the crashes: a pure function of the runs.</summary>
public static class FailoverSummary
{
    private const double GapLimitMs = 60;

    private static readonly (string Key, string Failure, double LimitMs)[] s_gapLimits =
        [("echo1000", "crash", 45), ("quick", "crash, heartbeat 2 ms", 20), ("killed", "server killed", 15), ("planned", "planned", 5)];

    private const double TakeoverLimitMs = 2;
    private const double TakeoverGrowthLimit = 2;

    /// <summary>One run in one line.</summary>
    public static string Line(CrashRun run) =>
        $"{run.Lost} lost, {run.BytesCorrupted} bytes wrong, worst gap {Format.Number(run.WorstGapMs)} ms, "
        + $"detected {Format.Number(run.DetectionMs)} ms, takeover {Format.Number(run.TakeoverMs)} ms, {run.InStep} of {run.Connections} in step"
        + (run.FalseAlarms > 0 ? $", {run.FalseAlarms} false alarms" : "");

    /// <summary>The report.</summary>
    public static BenchReport Report(IBench bench, IReadOnlyList<CrashScenario> scenarios, IReadOnlyDictionary<string, List<CrashRun>> results)
    {
        var outcome = new ReportTable(
            "What clients saw (median / worst of the runs)",
            ["traffic", "runs", "lost", "bytes wrong", "bytes right", "worst gap ms", "gap of the median connection ms", "Gbit/s"],
            [.. scenarios.Select(scenario => Outcome(scenario, results[scenario.Key]))]);
        var work = new ReportTable(
            "What the appliance did (median / worst of the runs; CPU seconds are medians of whole runs)",
            ["traffic", "in step before", "false alarms before", "detection ms", "takeover ms", "run s", "gateway CPU s", "primary agent CPU s", "backup agent CPU s"],
            [.. scenarios.Select(scenario => Work(scenario, results[scenario.Key]))]);
        return new BenchReport(bench.Name, bench.Title, [outcome, work], Goals(results), results);
    }

    /// <summary>The goals, as far as the scenarios were run.</summary>
    public static IReadOnlyList<Goal> Goals(IReadOnlyDictionary<string, List<CrashRun>> results)
    {
        var all = results.Values.SelectMany(runs => runs).ToList();
        var goals = new List<Goal>
        {
            Goal.None("connections lost, all runs", all.Sum(run => run.Lost)),
            Goal.None("bytes corrupted, all runs", all.Sum(run => run.BytesCorrupted)),
        };
        if (results.TryGetValue("echo1000", out var thousand))
        {
            goals.Add(Goal.AtMost("takeover at 1,000 connections, median run", Takeover(thousand), TakeoverLimitMs, "ms"));
        }

        if (results.TryGetValue("echo100", out var hundred) && results.TryGetValue("echo10000", out var tenThousand))
        {
            var growth = Statistics.Ratio(Takeover(tenThousand), Takeover(hundred));
            goals.Add(Goal.AtMost("takeover at 10,000 connections, as a multiple of that at 100", growth, TakeoverGrowthLimit));
        }

        foreach (var (key, failure, limit) in s_gapLimits)
        {
            if (results.TryGetValue(key, out var failures))
            {
                goals.Add(Goal.AtMost($"worst gap of 1,000 connections, {failure}, median run", Gap(failures), limit, "ms"));
            }
        }

        foreach (var stream in (string[])["download", "upload"])
        {
            if (results.TryGetValue(stream, out var runs))
            {
                goals.Add(Goal.AtMost($"worst gap of the {stream}, median run", Gap(runs), GapLimitMs, "ms"));
            }
        }

        return goals;
    }

    private static double? Gap(List<CrashRun> runs) => Statistics.Median(runs.Select(run => (double?)run.WorstGapMs));

    private static double? Takeover(List<CrashRun> runs) => Statistics.Median(runs.Select(run => run.TakeoverMs));

    private static IReadOnlyList<string> Outcome(CrashScenario scenario, List<CrashRun> runs) =>
    [
        scenario.Name,
        Format.Count(runs.Count),
        Format.Count(runs.Sum(run => run.Lost)),
        Format.Count(runs.Sum(run => run.BytesCorrupted)),
        Format.Count(runs.Sum(run => run.BytesVerified)),
        Format.Pair(Gap(runs), Statistics.Max(runs.Select(run => (double?)run.WorstGapMs))),
        Format.Number(Statistics.Median(runs.Select(run => (double?)run.MedianGapMs))),
        Format.Number(Statistics.Median(runs.Select(run => run.GbitPerSecond))),
    ];

    private static IReadOnlyList<string> Work(CrashScenario scenario, List<CrashRun> runs) =>
    [
        scenario.Name,
        $"{Format.Count(runs.Sum(run => run.InStep))} of {Format.Count(runs.Sum(run => run.Connections))}",
        Format.Count(runs.Sum(run => run.FalseAlarms)),
        Format.Pair(Statistics.Median(runs.Select(run => run.DetectionMs)), Statistics.Max(runs.Select(run => run.DetectionMs))),
        Format.Pair(Takeover(runs), Statistics.Max(runs.Select(run => run.TakeoverMs))),
        Median(runs, run => run.Seconds),
        Median(runs, run => run.GatewayCpu),
        Median(runs, run => run.PrimaryCpu),
        Median(runs, run => run.BackupCpu),
    ];

    private static string Median(List<CrashRun> runs, Func<CrashRun, double> value) =>
        Format.Number(Statistics.Median(runs.Select(run => (double?)value(run))));
}
