using Appliance.Bench.Measure;
using Appliance.Bench.Report;

namespace Appliance.Bench.Baseline;

/// <summary>The same crash with the appliance and with keepalived at several speeds.</summary>
public sealed class BaselineBench : IBench
{
    private const string Appliance = "appliance";

    private static readonly (string Product, TimeSpan? Interval)[] s_products =
    [
        (Appliance, null),
        ("keepalived, 1 s", TimeSpan.FromSeconds(1)),
        ("keepalived, 0.1 s", TimeSpan.FromSeconds(0.1)),
        ("keepalived, 0.01 s", TimeSpan.FromSeconds(0.01)),
    ];

    /// <inheritdoc/>
    public string Name => "baseline";

    /// <inheritdoc/>
    public string Title => "old and new connections through a crash, beside keepalived";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var rounds = context.Options.RunsOr(1, 3, 10);
        var runner = new BaselineRunner(context);
        var version = await BaselineRunner.KeepalivedVersionAsync(cancellation);
        var runs = new List<BaselineRun>();
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var (product, interval) in s_products)
            {
                var run = await runner.RunAsync(product, interval, cancellation);
                runs.Add(run);
                context.Say($"run {round} of {rounds}, {product}: {run.OldLost} of {run.OldConnections} old connections lost, "
                    + $"no new ones for {Format.Number(run.New.GapMs)} ms");
            }
        }

        return Report(runs, version);
    }

    private BenchReport Report(List<BaselineRun> runs, string? version)
    {
        var table = new ReportTable(
            "Crash of node1 (median / worst of the runs)",
            ["product", "runs", "old connections lost", "worst gap of survivors ms", "no new connection ms", "slowest new connection ms", "new connections failed"],
            [.. s_products.Select(product => Row(product.Product, [.. runs.Where(run => run.Product == product.Product)]))]);
        var own = runs.Where(run => run.Product == Appliance).ToList();
        return new BenchReport(Name, Title, [table], [Goal.None("old connections lost with the appliance", own.Sum(run => run.OldLost))], runs)
        {
            Notes = [$"keepalived {version ?? "of unknown version"}, VRRP 3; a new connection is attempted every 5 ms and counts when a message came back over it."],
        };
    }

    private static IReadOnlyList<string> Row(string product, List<BaselineRun> runs) =>
    [
        product,
        Format.Count(runs.Count),
        $"{Format.Count(runs.Sum(run => run.OldLost))} of {Format.Count(runs.Sum(run => run.OldConnections))}",
        Pair(runs.Select(run => run.OldGapMs)),
        Pair(runs.Select(run => run.New.GapMs)),
        Pair(runs.Select(run => (double?)run.New.SlowestMs)),
        $"{Format.Count(runs.Sum(run => run.New.Failed))} of {Format.Count(runs.Sum(run => run.New.Attempts))}",
    ];

    private static string Pair(IEnumerable<double?> values)
    {
        var list = values.ToList();
        return Statistics.Median(list) is { } median ? Format.Pair(median, Statistics.Max(list)) : Format.Nothing;
    }
}
