using Appliance.Bench.Labs;
using Appliance.Bench.Measure;
using Appliance.Bench.Report;
using Appliance.Lab;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Bench.Comparison;

/// <summary>What it costs to compare what both nodes say: a download at full speed, and many short answers, without and with it, in turns.</summary>
public sealed class ComparisonBench : IBench
{
    private const int Connections = 100;
    private const double GoalRatio = 0.97;
    private static readonly TimeSpan s_stepTime = TimeSpan.FromSeconds(5);

    /// <summary>As the configuration calls them; the first is what the others are measured against.</summary>
    private static readonly string[] s_comparisons = ["off", "sampled", "all"];

    /// <inheritdoc/>
    public string Name => "comparison";

    /// <inheritdoc/>
    public string Title => "what comparing the nodes' output costs";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var rounds = context.Options.RunsOr(1, 10, 30);
        var time = TimeSpan.FromSeconds(context.Options.Pick(1, 2, 4));
        var services = s_comparisons.Select(static (comparison, i) =>
            $$"""{ name: "{{comparison}}", addresses: ["{{LabAddresses.Vip4}}", "{{LabAddresses.Vip6}}"], ports: '{{EchoPort(i)}}-{{StreamPort(i)}}', comparison: "{{comparison}}" }""");
        await using var lab = await BenchLab.UpAsync(new LabOptions { Name = "comparison" }, $"services: [{string.Join(", ", services)}]", cancellation);
        for (var i = 0; i < s_comparisons.Length; i++)
        {
            var ports = PortsOf(i);
            await Task.WhenAll(LabNames.Nodes.Select(node => lab.StartServerAsync(node, cancellation, ports)));
            await MeasureAsync(lab, 0, i, time, cancellation); // what is run for the first time is compiled
        }

        var runs = new List<ComparisonRun>();
        for (var round = 1; round <= rounds; round++)
        {
            for (var i = 0; i < s_comparisons.Length; i++)
            {
                var run = await MeasureAsync(lab, round, i, time, cancellation);
                runs.Add(run);
                context.Say(
                    $"round {round} of {rounds}, comparison {run.Comparison}: {Format.Number(run.Down.GbitPerSecond)} Gbit/s, {Format.Number(run.Down.CpuPerGigabyte)} CPU s/GB; "
                    + $"{Format.Number(run.RequestsPerSecond)} requests/s");
            }
        }

        return Report(runs);
    }

    private static int EchoPort(int comparison) => 7001 + (10 * comparison);

    private static int StreamPort(int comparison) => EchoPort(comparison) + 1;

    private static string[] PortsOf(int comparison) => ["--echo-port", $"{EchoPort(comparison)}", "--stream-port", $"{StreamPort(comparison)}"];

    private static async Task<ComparisonRun> MeasureAsync(BenchLab lab, int round, int comparison, TimeSpan time, CancellationToken cancellation)
    {
        var client = await ConnectAsync(lab, 1, cancellation, ["--downloads", "1", "--stream-bytes", $"{StreamSpeed.StreamBytes}", .. PortsOf(comparison)]);
        var down = await StreamSpeed.MeasureAsync(client, static progress => progress.DownloadFraction, time, cancellation);
        client = await ConnectAsync(lab, Connections, cancellation, ["--connections", $"{Connections}", "--think-ms", "1", "--wait-stop", .. PortsOf(comparison)]);
        var before = CpuSnapshot.Take(lab.Laboratory);
        await Task.Delay(time, cancellation);
        var after = CpuSnapshot.Take(lab.Laboratory);
        var report = await client.StopAsync(cancellation);
        return new ComparisonRun(
            round, s_comparisons[comparison], down, report.Echoes / report.Seconds,
            after.SecondsSince(before, LabHost.Gateway, LabProgram.IsForwarder) / time.TotalSeconds,
            after.SecondsSince(before, LabHost.Node2, static _ => true) / time.TotalSeconds,
            report.Lost, report.BytesCorrupted);
    }

    private static async Task<TrafficClientProcess> ConnectAsync(BenchLab lab, int connections, CancellationToken cancellation, params string[] arguments)
    {
        var client = lab.StartClient(LabAddresses.Vip4, arguments);
        await client.Connected.WaitAsync(cancellation);
        await lab.Gateway.WaitAsync(status => status.Find(LabNames.Of(LabHost.Node2))?.InStep >= connections, s_stepTime, cancellation);
        return client;
    }

    private BenchReport Report(IReadOnlyList<ComparisonRun> runs) => new(
        Name,
        Title,
        [
            new ReportTable(
                "One download at full speed, then 100 connections that ask again a millisecond after an answer (medians; ratios are medians of the ratios within a round)",
                ["comparison", "down Gbit/s", "÷ off", "CPU s/GB of the whole machine", "÷ off", "requests/s", "÷ off", "CPU of the gateway's program", "CPU of the backup's programs"],
                [
                    .. s_comparisons.Select(comparison => (IReadOnlyList<string>)
                    [
                        comparison,
                        Median(runs, comparison, static run => run.Down.GbitPerSecond), Format.Number(Ratio(runs, comparison, static run => run.Down.GbitPerSecond)),
                        Median(runs, comparison, static run => run.Down.CpuPerGigabyte), Format.Number(Ratio(runs, comparison, static run => run.Down.CpuPerGigabyte)),
                        Median(runs, comparison, static run => run.RequestsPerSecond), Format.Number(Ratio(runs, comparison, static run => run.RequestsPerSecond)),
                        Median(runs, comparison, static run => run.GatewayCpu), Median(runs, comparison, static run => run.BackupCpu),
                    ]),
                ]),
        ],
        [
            AtLeast(runs, "download, sampled ÷ off", static run => run.Down.GbitPerSecond),
            AtLeast(runs, "requests, sampled ÷ off", static run => run.RequestsPerSecond),
            Unharmed(runs),
        ],
        runs);

    private static Goal AtLeast(IReadOnlyList<ComparisonRun> runs, string name, Func<ComparisonRun, double?> value) =>
        Goal.AtLeast(name, Ratio(runs, "sampled", value), GoalRatio);

    private static Goal Unharmed(IReadOnlyList<ComparisonRun> runs) =>
        Goal.None("connections lost, or bytes wrong", runs.Sum(static run => run.Lost + run.BytesCorrupted));

    private static string Median(IEnumerable<ComparisonRun> runs, string comparison, Func<ComparisonRun, double?> value) =>
        Format.Number(Statistics.Median(runs.Where(run => run.Comparison == comparison).Select(value)));

    private static double? Ratio(IReadOnlyList<ComparisonRun> runs, string comparison, Func<ComparisonRun, double?> value) => Statistics.Median(
        runs.Where(run => run.Comparison == comparison).Select(run => value(run) / value(runs.First(other => other.Round == run.Round && other.Comparison == s_comparisons[0]))));
}
