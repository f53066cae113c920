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
    private const double GoalShare = 0.03;
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
        using var bpf = new BpfClock(lab.Laboratory);
        for (var i = 0; i < s_comparisons.Length; i++)
        {
            var ports = PortsOf(i);
            await Task.WhenAll(LabNames.Nodes.Select(node => lab.StartServerAsync(node, cancellation, ports)));
            await MeasureAsync(lab, bpf, 0, i, time, cancellation); // what is run for the first time is compiled
        }

        var runs = new List<ComparisonRun>();
        for (var round = 1; round <= rounds; round++)
        {
            for (var i = 0; i < s_comparisons.Length; i++)
            {
                var run = await MeasureAsync(lab, bpf, round, i, time, cancellation);
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

    private static async Task<ComparisonRun> MeasureAsync(BenchLab lab, BpfClock bpf, int round, int comparison, TimeSpan time, CancellationToken cancellation)
    {
        var client = await ConnectAsync(lab, 1, cancellation, ["--downloads", "1", "--stream-bytes", $"{StreamSpeed.StreamBytes}", .. PortsOf(comparison)]);
        var down = await StreamSpeed.MeasureAsync(client, static progress => progress.DownloadFraction, time, cancellation, bpf);
        client = await ConnectAsync(lab, Connections, cancellation, ["--connections", $"{Connections}", "--think-ms", "1", "--wait-stop", .. PortsOf(comparison)]);
        var (before, bpfBefore) = (CpuSnapshot.Take(lab.Laboratory), bpf.Seconds);
        await Task.Delay(time, cancellation);
        var (after, bpfAfter) = (CpuSnapshot.Take(lab.Laboratory), bpf.Seconds);
        var report = await client.StopAsync(cancellation);
        var rate = report.Echoes / report.Seconds;
        return new ComparisonRun(
            round, s_comparisons[comparison], down, rate, (bpfAfter - bpfBefore) / time.TotalSeconds / rate,
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
                ["comparison", "down Gbit/s", "÷ off", "CPU s/GB of the whole machine", "of this BPF", "requests/s", "÷ off", "BPF µs/request", "CPU of the gateway's program", "CPU of the backup's programs"],
                [
                    .. s_comparisons.Select(comparison => (IReadOnlyList<string>)
                    [
                        comparison,
                        Median(runs, comparison, static run => run.Down.GbitPerSecond), Format.Number(Ratio(runs, comparison, static run => run.Down.GbitPerSecond)),
                        Median(runs, comparison, static run => run.Down.CpuPerGigabyte), Median(runs, comparison, static run => run.Down.BpfPerGigabyte),
                        Median(runs, comparison, static run => run.RequestsPerSecond), Format.Number(Ratio(runs, comparison, static run => run.RequestsPerSecond)),
                        Median(runs, comparison, static run => run.RequestBpf * 1e6),
                        Median(runs, comparison, static run => run.GatewayCpu), Median(runs, comparison, static run => run.BackupCpu),
                    ]),
                ]),
        ],
        [
            Goal.AtMost("what sampling adds to the BPF programs' time, of all processors' time: download", Share(runs, static run => run.Down.BpfPerGigabyte, static run => run.Down.GbitPerSecond / 8), GoalShare),
            Goal.AtMost("the same, requests", Share(runs, static run => run.RequestBpf, static run => run.RequestsPerSecond), GoalShare),
            AtLeast(runs, "download, sampled ÷ off", static run => run.Down.GbitPerSecond),
            AtLeast(runs, "requests, sampled ÷ off", static run => run.RequestsPerSecond),
            Unharmed(runs),
        ],
        runs);

    private static Goal AtLeast(IReadOnlyList<ComparisonRun> runs, string name, Func<ComparisonRun, double?> value) =>
        Goal.AtLeast(name, Ratio(runs, "sampled", value), GoalRatio);

    /// <summary>At the rate without comparing, and by what a unit costs more: the link may differ between two turns, this does not.</summary>
    private static double? Share(IReadOnlyList<ComparisonRun> runs, Func<ComparisonRun, double> cost, Func<ComparisonRun, double> rate) => Statistics.Median(
        runs.Where(static run => run.Comparison == "sampled").Select(run =>
        {
            var off = Off(runs, run.Round);
            return (double?)((cost(run) - cost(off)) * rate(off) / Environment.ProcessorCount);
        }));

    private static ComparisonRun Off(IReadOnlyList<ComparisonRun> runs, int round) => runs.First(run => run.Round == round && run.Comparison == s_comparisons[0]);

    private static Goal Unharmed(IReadOnlyList<ComparisonRun> runs) =>
        Goal.None("connections lost, or bytes wrong", runs.Sum(static run => run.Lost + run.BytesCorrupted));

    private static string Median(IEnumerable<ComparisonRun> runs, string comparison, Func<ComparisonRun, double?> value) =>
        Format.Number(Statistics.Median(runs.Where(run => run.Comparison == comparison).Select(value)));

    private static double? Ratio(IReadOnlyList<ComparisonRun> runs, string comparison, Func<ComparisonRun, double?> value) => Statistics.Median(
        runs.Where(run => run.Comparison == comparison).Select(run => value(run) / value(Off(runs, run.Round))));
}
