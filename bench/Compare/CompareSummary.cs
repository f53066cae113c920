using Appliance.Bench.Measure;
using Appliance.Bench.Report;

namespace Appliance.Bench.Compare;

/// <summary>Tables, figures and goals of a comparison: a pure function of the runs.</summary>
public static class CompareSummary
{
    private const double HotDownGoal = 0.6;
    private const double HotUpGoal = 0.8;
    private const double RoundTripGoalUs = 10;
    private const double GapGoalMs = 5;

    /// <summary>A failure, as tables call it.</summary>
    public static string NameOf(Failure failure) => failure switch
    {
        Failure.None => "nothing fails",
        Failure.Crash => "machine dies",
        Failure.Hang => "server hangs",
        Failure.Kill => "server is killed",
        Failure.Planned => "maintenance",
        _ => throw new ArgumentOutOfRangeException(nameof(failure)),
    };

    /// <summary>The report.</summary>
    public static BenchReport Report(IBench bench, CompareResults results, string versions) => new(
        bench.Name,
        bench.Title,
        [SpeedTable(results.Steady), CpuTable(results.Steady), FailureTable(results.Failures), SizeTable(results.Sizes)],
        Goals(results),
        results)
    {
        Notes =
        [
            versions,
            "While nothing fails keepalived is plain forwarding: how far these two rows differ is how far the machine's noise reaches.",
            "A gap is the longest wait of any connection for the answer to one message, from the failure to three seconds after it. Connections that get no answer within 15 s more are lost.",
        ],
        Figures = [("compare-gaps.svg", CompareFigures.Gaps(results.Failures)), ("compare-connections.svg", CompareFigures.Sizes(results.Sizes))],
    };

    /// <summary>The goals.</summary>
    public static IReadOnlyList<Goal> Goals(CompareResults results)
    {
        var appliance = results.Failures.Concat(results.Sizes).Where(run => Products.OutputOf(run.Product) is not null).ToList();
        var steady = results.Steady.Where(run => Products.OutputOf(run.Product) is not null).ToList();
        return
        [
            Goal.None("connections lost with the appliance", appliance.Sum(run => run.Lost) + steady.Sum(run => run.Lost)),
            Goal.None("bytes wrong with the appliance", appliance.Sum(run => run.BytesCorrupted) + steady.Sum(run => run.BytesCorrupted)),
            Goal.AtLeast("download, hot ÷ plain forwarding", Ratio(results.Steady, Product.Hot, run => run.DownGbit), HotDownGoal),
            Goal.AtLeast("upload, hot ÷ plain forwarding", Ratio(results.Steady, Product.Hot, run => run.UpGbit), HotUpGoal),
            Goal.AtMost("round trip p50, hot − plain forwarding", Difference(results.Steady, run => run.P50Us), RoundTripGoalUs, "µs"),
            Goal.AtMost("round trip p99.9 with pauses of 20 ms, hot ÷ plain forwarding", Ratio(results.Steady, Product.Hot, run => run.PausedP999Us), 1),
            Goal.AtMost("hot: worst gap when the machine dies − when nothing fails", GapDifference(results.Failures, Failure.Crash), GapGoalMs, "ms"),
            Goal.AtMost("hot: worst gap when the server hangs − when nothing fails", GapDifference(results.Failures, Failure.Hang), GapGoalMs, "ms"),
        ];
    }

    /// <summary>Median over the rounds of the worst gaps; null when connections were lost and none survived.</summary>
    public static double? GapOf(IEnumerable<FailureRun> runs) => Statistics.Median(runs.Select(run => run.WorstGapMs));

    private static ReportTable SpeedTable(IReadOnlyList<SteadyRun> runs) => new(
        "While nothing fails (median of the rounds; ratios are medians of the ratios within a round)",
        ["", "down Gbit/s", "÷ plain", "up Gbit/s", "÷ plain", "requests/s", "÷ plain", "round trip µs p50", "p99", "p99.9", "p99.9 when the first server pauses 20 ms at a time"],
        [
            .. Products.All.Select(product => (IReadOnlyList<string>)
            [
                Products.NameOf(product),
                Median(runs, product, run => run.DownGbit), Format.Number(Ratio(runs, product, run => run.DownGbit)),
                Median(runs, product, run => run.UpGbit), Format.Number(Ratio(runs, product, run => run.UpGbit)),
                Median(runs, product, run => run.RequestsPerSecond), Format.Number(Ratio(runs, product, run => run.RequestsPerSecond)),
                Median(runs, product, run => run.P50Us), Median(runs, product, run => run.P99Us), Median(runs, product, run => run.P999Us), Median(runs, product, run => run.PausedP999Us),
            ]),
        ]);

    private static ReportTable CpuTable(IReadOnlyList<SteadyRun> runs) => new(
        "CPU (median of the rounds): seconds per second at 2,000 messages/s by role, and of the whole machine per GB downloaded",
        ["", "gateway's program", "node1", "node2", "interrupts, all roles", "seconds per GB"],
        [
            .. Products.All.Select(product => (IReadOnlyList<string>)
            [
                Products.NameOf(product),
                Median(runs, product, run => run.GatewayCpu), Median(runs, product, run => run.Node1Cpu), Median(runs, product, run => run.Node2Cpu),
                Median(runs, product, run => run.InterruptCpu), Median(runs, product, run => run.DownCpu),
            ]),
        ]);

    private static ReportTable FailureTable(IReadOnlyList<FailureRun> runs) => new(
        $"{runs.Select(run => run.Connections).FirstOrDefault()} open connections: lost of all, and the worst gap of the others in ms (median of the rounds)",
        ["", .. Enum.GetValues<Failure>().Select(NameOf)],
        [
            .. Products.All.Select(product => (IReadOnlyList<string>)
            [
                Products.NameOf(product),
                .. Enum.GetValues<Failure>().Select(failure => Cell([.. runs.Where(run => run.Product == product && run.Failure == failure)])),
            ]),
        ]);

    private static ReportTable SizeTable(IReadOnlyList<FailureRun> runs) => new(
        "The machine dies under so many connections: lost, and the worst gap in ms (median of the rounds)",
        ["", .. SizesOf(runs).Select(size => Format.Count(size))],
        [
            .. runs.Select(run => run.Product).Distinct().Select(product => (IReadOnlyList<string>)
            [
                Products.NameOf(product),
                .. SizesOf(runs).Select(size => Cell([.. runs.Where(run => run.Product == product && run.Connections == size)])),
            ]),
        ]);

    /// <summary>The numbers of connections that were tried, in order.</summary>
    public static IEnumerable<int> SizesOf(IEnumerable<FailureRun> runs) => runs.Select(run => run.Connections).Distinct().Order();

    private static string Cell(IReadOnlyList<FailureRun> runs)
    {
        var (lost, all) = (runs.Sum(run => run.Lost), runs.Sum(run => run.Connections));
        return lost == 0 ? $"0; {Format.Number(GapOf(runs))}" : lost == all ? "all" : $"{Format.Count(lost)} of {Format.Count(all)}; {Format.Number(GapOf(runs))}";
    }

    private static IEnumerable<double?> Of(IEnumerable<SteadyRun> runs, Product product, Func<SteadyRun, double> value) =>
        runs.Where(run => run.Product == product).OrderBy(run => run.Round).Select(run => (double?)value(run));

    private static string Median(IReadOnlyList<SteadyRun> runs, Product product, Func<SteadyRun, double> value) => Format.Number(Statistics.Median(Of(runs, product, value)));

    private static double? Ratio(IReadOnlyList<SteadyRun> runs, Product product, Func<SteadyRun, double> value) =>
        Statistics.PairedRatio(Of(runs, product, value), Of(runs, Product.Plain, value));

    private static double? Difference(IReadOnlyList<SteadyRun> runs, Func<SteadyRun, double> value) =>
        Statistics.Median(Of(runs, Product.Hot, value).Zip(Of(runs, Product.Plain, value), (hot, plain) => hot - plain));

    private static double? GapDifference(IReadOnlyList<FailureRun> runs, Failure failure)
    {
        return Statistics.Median(Gaps(failure).Zip(Gaps(Failure.None), (gap, calm) => gap - calm));

        IEnumerable<double?> Gaps(Failure kind) => runs.Where(run => run.Product == Product.Hot && run.Failure == kind).OrderBy(run => run.Round).Select(run => run.WorstGapMs);
    }
}
