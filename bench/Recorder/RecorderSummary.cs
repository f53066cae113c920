using Appliance.Bench.Measure;
using Appliance.Bench.Report;

namespace Appliance.Bench.Recorder;

/// <summary>Tables and goals of the recorder: a pure function of what was measured.</summary>
public static class RecorderSummary
{
    private const double ForwardingGoal = 0.99;
    private const double LimitedLink = 1;
    private const double StoreGoal = 0.01;

    /// <summary>The report.</summary>
    public static BenchReport Report(IBench bench, RecorderResults results) => new(
        bench.Name,
        bench.Title,
        [Losses(results.Losses), Forwarding(results.Forwarding), Store(results.Store), Joins(results.LateJoins), Segments(results.Segments)],
        Goals(results),
        results)
    {
        Notes =
        [
            "The gateway suspects a node after 100 ms here, not 30 ms: survival is measured, and every worst gap at a crash holds those 100 ms. The loss of copies ends with the takeover.",
            "A segment is what the kernel forwards as one, up to 64 KB. CPU is that of the gateway's program, or of tcpdump, which writes to /dev/null; the programs in the kernel are in neither.",
            "The embedded store runs in the gateway's program: what it holds of the histories is in the KB per connection of the process.",
        ],
    };

    /// <summary>The goals.</summary>
    public static IReadOnlyList<Goal> Goals(RecorderResults results) =>
    [
        Goal.None("connections lost by a crash while copies are lost", results.Losses.Sum(run => run.Lost)),
        Goal.None("bytes wrong in the same", results.Losses.Sum(run => run.BytesCorrupted)),
        Goal.AtLeast("forwarding with the recorder ÷ plain forwarding, 1 Gbit/s link", Ratio(results.Forwarding, RecorderPath.Recorder, LimitedLink), ForwardingGoal),
        Goal.AtMost("segments dropped for want of room, 1 Gbit/s link", Missed(results.Forwarding, RecorderPath.Recorder, LimitedLink), 0),
        Goal.AtMost("store operations per recorded segment, policy unconfirmed", StoreShare(results.Store), StoreGoal),
        Goal.None("managed bytes allocated for recorded segments", results.Segments.Sum(cost => cost.AllocatedBytes), "bytes"),
        Goal.None("connections lost after a late join", results.LateJoins.Sum(run => run.Lost)),
    ];

    /// <summary>The highest rate at which every segment found room, in Gbit/s; null when there was none beyond the limited link.</summary>
    public static double? BestWithoutDrops(IEnumerable<ForwardRun> runs) => Statistics.Max(
        runs.Where(run => run is { Path: RecorderPath.Recorder, Missed: 0 } && run.LinkGbit is null or > LimitedLink).Select(run => (double?)run.GbitPerSecond));

    /// <summary>A path as tables call it.</summary>
    public static string NameOf(RecorderPath path) => path switch
    {
        RecorderPath.Plain => "plain forwarding",
        RecorderPath.Tcpdump => "tcpdump -w",
        RecorderPath.Recorder => "recorder",
        _ => throw new ArgumentOutOfRangeException(nameof(path)),
    };

    /// <summary>A run's link as tables call it.</summary>
    public static string LinkOf(ForwardRun run) => run.LinkGbit is { } gbit ? $"{Format.Number(gbit)} Gbit/s link" : "no limit";

    private static double? Ratio(IReadOnlyList<ForwardRun> runs, RecorderPath path, double? link) => Statistics.PairedRatio(
        Of(runs, path, link).Select(run => (double?)run.GbitPerSecond),
        Of(runs, RecorderPath.Plain, link).Select(run => (double?)run.GbitPerSecond));

    private static double? Missed(IReadOnlyList<ForwardRun> runs, RecorderPath path, double? link) => Of(runs, path, link).Sum(run => run.Missed ?? 0);

    private static List<ForwardRun> Of(IReadOnlyList<ForwardRun> runs, RecorderPath path, double? link) =>
        [.. runs.Where(run => run.Path == path && Nullable.Equals(run.LinkGbit, link)).OrderBy(run => run.Round)];

    private static double? StoreShare(IReadOnlyList<StoreRun> runs) => runs.FirstOrDefault(run => run.Policy == "unconfirmed") is { } run
        ? Statistics.Ratio(run.StoreOperationsPerSecond, run.SegmentsPerSecond)
        : null;

    private static ReportTable Losses(IReadOnlyList<LossRun> runs) => new(
        "Crash of the primary at a random moment, 200 echo connections and an upload of 1 GB (median / worst of the runs)",
        ["copies lost", "runs", "connections lost", "bytes wrong", "bytes right", "worst gap ms", "upload Gbit/s", "MB repaired before", "gaps filled before", "gap to filled, p50 ms", "p99 ms"],
        [
            .. runs.GroupBy(run => run.LossPercent).OrderBy(group => group.Key).Select(group => (IReadOnlyList<string>)
            [
                $"{Format.Number(group.Key)} %",
                Format.Count(group.Count()),
                Format.Count(group.Sum(run => run.Lost)),
                Format.Count(group.Sum(run => run.BytesCorrupted)),
                Format.Count(group.Sum(run => run.BytesVerified)),
                Pair(group, run => run.WorstGapMs),
                Median(group, run => run.UploadGbit),
                Median(group, run => run.RepairedBytes / 1e6),
                Median(group, run => run.Repairs),
                Pair(group, run => run.RepairP50Ms),
                Pair(group, run => run.RepairP99Ms),
            ]),
        ]);

    private static ReportTable Forwarding(IReadOnlyList<ForwardRun> runs) => new(
        $"One upload (median of the rounds). Highest rate with nothing dropped for want of room in the ring: {Format.Number(BestWithoutDrops(runs))} Gbit/s",
        ["path", "Gbit/s", "÷ plain", "segments/s", "bytes per segment", "segments missed", "not copied", "CPU s per million segments", "CPU s per GB"],
        [
            .. runs.GroupBy(run => (run.LinkGbit, run.Path)).Select(group => (IReadOnlyList<string>)
            [
                $"{NameOf(group.Key.Path)}, {LinkOf(group.First())}",
                Median(group, run => run.GbitPerSecond),
                Format.Number(Ratio(runs, group.Key.Path, group.Key.LinkGbit)),
                Median(group, run => run.SegmentsPerSecond),
                Median(group, run => run.SegmentBytes),
                group.Key.Path == RecorderPath.Plain ? Format.Nothing : Format.Count(group.Sum(run => run.Missed ?? 0)),
                Median(group, run => run.PassedOver),
                Median(group, run => run.CpuPerMillion),
                Median(group, run => run.CpuPerGigabyte),
            ]),
        ]);

    private static ReportTable Store(IReadOnlyList<StoreRun> runs) => new(
        "Steady state: 200 echo connections with 5,000 messages/s in all, and an upload of 10 MB/s",
        ["policy", "segments/s", "MB/s recorded", "store operations/s", "store MB/s", "window KB per connection", "gateway CPU s/s"],
        [
            .. runs.Select(run => (IReadOnlyList<string>)
            [
                run.Policy,
                Format.Number(run.SegmentsPerSecond),
                Format.Number(run.BytesPerSecond / 1e6),
                Format.Number(run.StoreOperationsPerSecond),
                Format.Number(run.StoreBytesPerSecond / 1e6),
                Format.Number(run.WindowBytes / 1e3 / run.Flows),
                Format.Number(run.Cpu),
            ]),
        ]);

    private static ReportTable Joins(IReadOnlyList<LateJoinRun> runs) => new(
        "A node joins while connections are open, policy full (median / worst of the runs)",
        ["connections", "KB of history each", "runs", "protected", "seconds until all are", "seconds since the program's start", "lost by the next failover", "window KB per connection", "process KB per connection"],
        [
            .. runs.GroupBy(run => (run.Connections, run.HistoryBytes)).Select(group => (IReadOnlyList<string>)
            [
                Format.Count(group.Key.Connections),
                Format.Number(group.Key.HistoryBytes / 1024.0),
                Format.Count(group.Count()),
                Format.Count(group.Min(run => run.Protected)),
                Pair(group, run => run.Seconds),
                Pair(group, run => run.SecondsFromStart),
                Format.Count(group.Sum(run => run.Lost)),
                Median(group, run => run.WindowBytes / 1024.0 / run.Connections),
                Median(group, run => run.MemoryGrowth / 1024.0 / run.Connections),
            ]),
        ]);

    private static ReportTable Segments(IReadOnlyList<SegmentCost> costs) => new(
        "One segment in the recorder's windows, 200 connections, in one process without ring and network",
        ["what becomes of it", "payload bytes", "segments", "bytes allocated", "ns per segment"],
        [
            .. costs.Select(cost => (IReadOnlyList<string>)
            [
                cost.Case,
                Format.Count(cost.PayloadBytes),
                Format.Count(cost.Segments),
                Format.Count(cost.AllocatedBytes),
                Format.Number(cost.Nanoseconds),
            ]),
        ]);

    private static string Median<T>(IEnumerable<T> runs, Func<T, double?> value) => Format.Number(Statistics.Median(runs.Select(value)));

    private static string Pair<T>(IEnumerable<T> runs, Func<T, double?> value)
    {
        var values = runs.Select(value).ToList();
        return Format.Pair(Statistics.Median(values), Statistics.Max(values));
    }
}
