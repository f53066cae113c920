using Appliance.Bench.Forwarding;
using Appliance.Bench.Measure;
using Appliance.Bench.Report;

namespace Appliance.Bench.Throughput;

/// <summary>Tables and goals of the streams: a pure function of the runs.</summary>
public static class ThroughputSummary
{
    private const double DownGoal = 0.65;
    private const double UpGoal = 0.85;
    private const double ProxyGoal = 1.5;

    /// <summary>The report.</summary>
    public static BenchReport Report(IBench bench, IReadOnlyList<ThroughputRun> runs, string? haproxyVersion)
    {
        StreamDirection[] directions = [StreamDirection.Down, StreamDirection.Up];
        var speed = new ReportTable(
            "Speed (median of the rounds; ratios are medians of the ratios within a round)",
            ["path", "down Gbit/s", "down ÷ plain", "down ÷ HAProxy", "up Gbit/s", "up ÷ plain", "up ÷ HAProxy"],
            [.. PathSet.All.Select(path => (IReadOnlyList<string>)[PathSet.NameOf(path), .. directions.SelectMany(direction => Speed(runs, path, direction))])]);
        var cpu = new ReportTable(
            "CPU seconds per GB moved (median of the rounds)",
            ["path", "server on node1", "agent on node1", "node2", "gateway program", "client", "machine: interrupts", "machine: system", "machine: busy"],
            [.. directions.SelectMany(direction => PathSet.All.Select(path => Cpu(runs, path, direction)))]);
        return new BenchReport(bench.Name, bench.Title, [speed, cpu], Goals(runs), runs)
        {
            Notes = [Replica(runs), $"HAProxy {haproxyVersion ?? "of unknown version"}, TCP mode, splicing, one thread per CPU."],
        };
    }

    /// <summary>The goals.</summary>
    public static IReadOnlyList<Goal> Goals(IReadOnlyList<ThroughputRun> runs) =>
    [
        Goal.AtLeast("download, appliance ÷ plain forwarding", Ratio(runs, StreamDirection.Down, ForwardingPath.Appliance, ForwardingPath.Plain), DownGoal),
        Goal.AtLeast("upload, appliance ÷ plain forwarding", Ratio(runs, StreamDirection.Up, ForwardingPath.Appliance, ForwardingPath.Plain), UpGoal),
        Goal.AtLeast("download, appliance ÷ HAProxy", Ratio(runs, StreamDirection.Down, ForwardingPath.Appliance, ForwardingPath.Haproxy), ProxyGoal),
        Goal.AtLeast("upload, appliance ÷ HAProxy", Ratio(runs, StreamDirection.Up, ForwardingPath.Appliance, ForwardingPath.Haproxy), ProxyGoal),
        Goal.AtMost("replicas given up", runs.Sum(run => run.Diverged), 0),
    ];

    private static string Replica(IReadOnlyList<ThroughputRun> runs)
    {
        var own = runs.Where(run => run.Path == ForwardingPath.Appliance).ToList();
        return $"Of {own.Sum(run => run.Looks)} looks at the replica while a stream ran, it existed in {own.Sum(run => run.LooksWithReplica)}, "
            + $"had every byte that the active node had in {own.Sum(run => run.LooksInStep)}, and was given up {own.Sum(run => run.Diverged)} times.";
    }

    private static IEnumerable<double?> Of(IEnumerable<ThroughputRun> runs, ForwardingPath path, StreamDirection direction, Func<ThroughputRun, double> value) =>
        runs.Where(run => run.Path == path && run.Direction == direction).OrderBy(run => run.Round).Select(run => (double?)value(run));

    private static double? Ratio(IReadOnlyList<ThroughputRun> runs, StreamDirection direction, ForwardingPath path, ForwardingPath reference) =>
        Statistics.PairedRatio(Of(runs, path, direction, run => run.GbitPerSecond), Of(runs, reference, direction, run => run.GbitPerSecond));

    private static IEnumerable<string> Speed(IReadOnlyList<ThroughputRun> runs, ForwardingPath path, StreamDirection direction) =>
    [
        Format.Number(Statistics.Median(Of(runs, path, direction, run => run.GbitPerSecond))),
        Format.Number(Ratio(runs, direction, path, ForwardingPath.Plain)),
        Format.Number(Ratio(runs, direction, path, ForwardingPath.Haproxy)),
    ];

    private static IReadOnlyList<string> Cpu(IReadOnlyList<ThroughputRun> runs, ForwardingPath path, StreamDirection direction)
    {
        return
        [
            $"{(direction == StreamDirection.Down ? "down" : "up")}, {PathSet.NameOf(path)}",
            Median(run => run.ServerCpu),
            Median(run => run.PrimaryAgentCpu),
            Median(run => run.BackupCpu),
            Median(run => run.ForwarderCpu),
            Median(run => run.ClientCpu),
            Median(run => run.InterruptCpu),
            Median(run => run.SystemCpu),
            Median(run => run.BusyCpu),
        ];

        string Median(Func<ThroughputRun, double> value) => Format.Number(Statistics.Median(Of(runs, path, direction, value)));
    }
}
