using Appliance.Bench.Baseline;
using Appliance.Bench.Forwarding;
using Appliance.Bench.Labs;
using Appliance.Bench.Report;

namespace Appliance.Bench.Compare;

/// <summary>Everything beside everything else, in one run: what each product costs while nothing fails, and what is left of connections when something does.</summary>
public sealed class CompareBench : IBench
{
    private const int Connections = 200;

    /// <summary>Products for which the number of connections is varied: of the others, none survives.</summary>
    private static readonly Product[] s_survivors = [Product.Silent, Product.Hot];

    /// <inheritdoc/>
    public string Name => "compare";

    /// <inheritdoc/>
    public string Title => "plain forwarding, HAProxy, keepalived, and the appliance with each output policy";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var rounds = context.Options.RunsOr(1, 2, 10);
        var time = TimeSpan.FromSeconds(context.Options.Pick(2, 3, 6));
        int[] sizes = context.Options.Pick<int[]>([10, 100], [10, 100, 1000, 5000], [10, 100, 1000, 5000, 10_000]);
        var versions = await VersionsAsync(cancellation);
        var results = new CompareResults([], [], []);
        for (var round = 1; round <= rounds; round++)
        {
            await SteadyAsync(context, round, rounds, time, results, cancellation);
            await FailuresAsync(context, round, rounds, results, cancellation);
            await SizesAsync(context, round, rounds, sizes, results, cancellation);
        }

        return CompareSummary.Report(this, results, versions);
    }

    private static async Task SteadyAsync(BenchContext context, int round, int rounds, TimeSpan time, CompareResults results, CancellationToken cancellation)
    {
        var meter = new SteadyMeter(context);
        foreach (var product in Products.All)
        {
            var run = await meter.RunAsync(round, product, time, cancellation);
            results.Steady.Add(run);
            context.Say($"round {round} of {rounds}, {Products.NameOf(product)}: {Format.Number(run.DownGbit)} Gbit/s down, {Format.Number(run.UpGbit)} up; "
                + $"{Format.Number(run.RequestsPerSecond)} requests/s; round trip p50 {Format.Number(run.P50Us)} µs, p99.9 {Format.Number(run.P999Us)} µs");
        }
    }

    private static async Task FailuresAsync(BenchContext context, int round, int rounds, CompareResults results, CancellationToken cancellation)
    {
        var meter = new FailureMeter(context);
        foreach (var failure in Enum.GetValues<Failure>())
        {
            foreach (var product in Products.All)
            {
                var run = await meter.RunAsync(round, product, failure, Connections, detection: null, cancellation);
                results.Failures.Add(run);
                Say(context, round, rounds, run);
            }
        }
    }

    private static async Task SizesAsync(BenchContext context, int round, int rounds, int[] sizes, CompareResults results, CancellationToken cancellation)
    {
        var meter = new FailureMeter(context);
        foreach (var size in sizes)
        {
            foreach (var product in s_survivors)
            {
                var run = await meter.RunAsync(round, product, Failure.Crash, size, detection: null, cancellation);
                results.Sizes.Add(run);
                Say(context, round, rounds, run);
            }
        }
    }

    private static void Say(BenchContext context, int round, int rounds, FailureRun run) => context.Say(
        $"round {round} of {rounds}, {Products.NameOf(run.Product)}, {CompareSummary.NameOf(run.Failure)}: {run.Lost} of {Format.Count(run.Connections)} lost, worst gap {Format.Number(run.WorstGapMs)} ms");

    private static async Task<string> VersionsAsync(CancellationToken cancellation)
    {
        await using var lab = await BenchLab.UpAsync("compare", withAppliance: false, cancellation);
        return $"HAProxy {await Haproxy.VersionAsync(lab, cancellation)}: TCP mode, splicing, checks every 100 ms, connections to a server that is down are ended. "
            + $"keepalived {await Keepalived.VersionAsync(lab, cancellation)}: VRRP 3, an advertisement every 100 ms.";
    }
}
