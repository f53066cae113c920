using System.Net;
using Appliance.Bench.Forwarding;
using Appliance.Bench.Measure;
using Appliance.Bench.Report;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Server;

namespace Appliance.Bench.Latency;

/// <summary>Round trips at a rate that loads nobody, over the three paths in turns.</summary>
public sealed class LatencyBench : IBench
{
    private const int Connections = 100;
    private const int MessagesPerSecond = 2_000;

    /// <inheritdoc/>
    public string Name => "latency";

    /// <inheritdoc/>
    public string Title => $"echo round trips, {Connections} connections, {MessagesPerSecond:#,##0} messages/s";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var rounds = context.Options.RunsOr(1, 3, 10);
        var time = TimeSpan.FromSeconds(context.Options.Pick(2, 5, 10));
        await using var paths = await PathSet.UpAsync(cancellation);
        var runs = new List<LatencyRun>();
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var path in PathSet.All)
            {
                var run = await RunAsync(paths, round, path, time, context.Options.Pick(50, 500, 2000), cancellation);
                runs.Add(run);
                context.Say(
                    $"round {round} of {rounds}, {PathSet.NameOf(path)}: p50 {Format.Number(run.P50Us)} µs, p99 {Format.Number(run.P99Us)} µs; "
                    + $"closes p50 {Format.Number(run.CloseP50Us)} µs, p99 {Format.Number(run.CloseP99Us)} µs");
            }
        }

        return Report(runs);
    }

    private static async Task<LatencyRun> RunAsync(PathSet paths, int round, ForwardingPath path, TimeSpan time, int closes, CancellationToken cancellation)
    {
        var think = Connections * 1000 / MessagesPerSecond;
        var client = paths.Lab(path).StartClient(
            PathSet.Target(path), "--connections", $"{Connections}", "--think-ms", $"{think}", "--wait-stop");
        await client.Connected.WaitAsync(cancellation);
        await Task.Delay(time, cancellation);
        var report = await client.StopAsync(cancellation);
        var trips = report.EchoRoundTrip;
        var lab = paths.Lab(path).Laboratory;
        var times = await CloseProbe.RunAsync(
            lab.Namespace(LabHost.Client), new IPEndPoint(IPAddress.Parse(PathSet.Target(path)), TrafficServerOptions.DefaultEchoPort), closes, cancellation);
        return new LatencyRun(
            round, path, report.Echoes, trips.P50Us, trips.P99Us, trips.P999Us, trips.MaxUs, times[closes / 2], times[closes * 99 / 100], report.Lost);
    }

    private BenchReport Report(List<LatencyRun> runs)
    {
        var table = new ReportTable(
            "Round trip in µs (median of the rounds; ratios are medians of the ratios within a round)",
            ["path", "messages", "p50", "p99", "p99.9", "max", "p50 ÷ plain", "p99 ÷ plain"],
            [.. PathSet.All.Select(path => Row(runs, path))]);
        var closes = new ReportTable(
            "A client closes: µs from its FIN to the server's (median of the rounds)",
            ["path", "p50", "p99", "p50 ÷ plain", "p99 ÷ plain"],
            [.. PathSet.All.Select(path => CloseRow(runs, path))]);
        return new BenchReport(Name, Title, [table, closes], [Goal.None("connections lost", runs.Sum(run => run.Lost))], runs);
    }

    private static IReadOnlyList<string> Row(List<LatencyRun> runs, ForwardingPath path) =>
    [
        PathSet.NameOf(path),
        Format.Count(runs.Where(run => run.Path == path).Sum(run => run.Echoes)),
        Median(runs, path, run => run.P50Us),
        Median(runs, path, run => run.P99Us),
        Median(runs, path, run => run.P999Us),
        Median(runs, path, run => run.MaxUs),
        Ratio(runs, path, run => run.P50Us),
        Ratio(runs, path, run => run.P99Us),
    ];

    private static IReadOnlyList<string> CloseRow(List<LatencyRun> runs, ForwardingPath path) =>
    [
        PathSet.NameOf(path),
        Median(runs, path, run => run.CloseP50Us),
        Median(runs, path, run => run.CloseP99Us),
        Ratio(runs, path, run => run.CloseP50Us),
        Ratio(runs, path, run => run.CloseP99Us),
    ];

    private static IEnumerable<double?> Of(List<LatencyRun> runs, ForwardingPath path, Func<LatencyRun, double> value) =>
        runs.Where(run => run.Path == path).OrderBy(run => run.Round).Select(run => (double?)value(run));

    private static string Median(List<LatencyRun> runs, ForwardingPath path, Func<LatencyRun, double> value) =>
        Format.Number(Statistics.Median(Of(runs, path, value)));

    private static string Ratio(List<LatencyRun> runs, ForwardingPath path, Func<LatencyRun, double> value) =>
        Format.Number(Statistics.PairedRatio(Of(runs, path, value), Of(runs, ForwardingPath.Plain, value)));
}
