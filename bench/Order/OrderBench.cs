using Appliance.Bench.Measure;
using Appliance.Bench.Report;
using Appliance.Configuration;

namespace Appliance.Bench.Order;

/// <summary>How many connections of a server whose state they share stay in step, by the order in which its replica gets their requests.</summary>
public sealed class OrderBench : IBench
{
    /// <inheritdoc/>
    public string Name => "order";

    /// <inheritdoc/>
    public string Title => "fifty clients change one value, and the primary crashes";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var runs = context.Options.RunsOr(1, 3, 50);
        int?[] rates = [null, 1000];
        var scenarios = rates.SelectMany(static rate => Enum.GetValues<DeliveryOrder>().Select(delivery => new OrderScenario(delivery, rate))).ToList();
        var runner = new OrderRunner(context);
        var results = scenarios.ToDictionary(static scenario => scenario, static _ => new List<OrderRun>());
        for (var round = 1; round <= runs; round++)
        {
            foreach (var scenario in scenarios)
            {
                var run = await runner.RunAsync(scenario, cancellation);
                results[scenario].Add(run);
                context.Say(
                    $"run {round} of {runs}, {OrderRunner.NameOf(scenario.Delivery)}, {Format.Number(run.Rate)}/s: {run.KnownBefore} of {OrderScenario.Clients} known to differ, "
                    + $"{run.Reset} reset, {run.Stuck} without an answer, {run.Closed} closed, {run.Malformed} answers malformed, {run.Repeated} numbers twice, {run.RepeatedAfterReset} more to a client that was reset, "
                    + $"lag {Format.Pair(run.LagMs, run.WorstLagMs)} ms, worst gap {Format.Number(run.WorstGapMs)} ms");
            }
        }

        return Report(results);
    }

    private BenchReport Report(Dictionary<OrderScenario, List<OrderRun>> results)
    {
        var all = results.Values.SelectMany(static runs => runs).ToList();
        var serial = results.Where(static result => result.Key is { Delivery: DeliveryOrder.Serial, Rate: not null }).SelectMany(static result => result.Value);
        return new BenchReport(
            Name,
            Title,
            [
                new ReportTable(
                    $"Redis, INCR of one key on {OrderScenario.Clients} connections, crash at a random moment (median / worst)",
                    ["delivery, requests/s", "runs", "carried on", "known to differ before", "reset unannounced", "lag of the replica ms", "worst gap of the carried ms", "malformed", "numbers twice", "of them one to a client that was reset"],
                    [
                        .. results.Select(static result => (IReadOnlyList<string>)
                        [
                            $"{OrderRunner.NameOf(result.Key.Delivery)}, {(result.Key.Rate is { } rate ? Format.Count(rate) : $"all they can ({Format.Number(Statistics.Median(result.Value.Select(static run => (double?)run.Rate)))})")}",
                            Format.Count(result.Value.Count),
                            Pair(result, static run => run.Carried, Statistics.Min),
                            Pair(result, static run => run.KnownBefore, Statistics.Max),
                            Pair(result, static run => run.Unknown, Statistics.Max),
                            Format.Pair(Statistics.Median(result.Value.Select(static run => run.LagMs)), Statistics.Max(result.Value.Select(static run => run.WorstLagMs))),
                            Pair(result, static run => run.WorstGapMs, Statistics.Max),
                            Format.Count(result.Value.Sum(static run => run.Malformed)),
                            Format.Count(result.Value.Sum(static run => run.Repeated + run.RepeatedAfterReset)),
                            Format.Count(result.Value.Sum(static run => run.RepeatedAfterReset)),
                        ]),
                    ]),
            ],
            [
                Goal.None("connections closed as if in good order", all.Sum(static run => run.Closed)),
                Goal.None("answers malformed", all.Sum(static run => run.Malformed)),
                Goal.None("numbers given twice to connections that went on", all.Sum(static run => run.Repeated)),
                Goal.AtLeast($"serial, at a moderate rate: connections of {OrderScenario.Clients} carried on, median run", Statistics.Median(serial.Select(static run => (double?)run.Carried)), OrderScenario.Clients),
            ],
            results.Select(static result => new { result.Key.Delivery, result.Key.Rate, Runs = result.Value }));
    }

    private static string Pair(KeyValuePair<OrderScenario, List<OrderRun>> result, Func<OrderRun, double> figure, Func<IEnumerable<double?>, double?> worst)
    {
        var figures = result.Value.Select(run => (double?)figure(run)).ToList();
        return Format.Pair(Statistics.Median(figures), worst(figures));
    }
}
