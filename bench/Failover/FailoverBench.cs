using Appliance.Bench.Report;

namespace Appliance.Bench.Failover;

/// <summary>Crashes the primary under echo connections and under streams at full speed.</summary>
public sealed class FailoverBench : IBench
{
    private const long Gigabyte = 1_000_000_000;

    /// <inheritdoc/>
    public string Name => "failover";

    /// <inheritdoc/>
    public string Title => "the primary crashes at a random moment";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var runs = context.Options.RunsOr(1, 5, 20);
        var streamBytes = context.Options.Pick(3 * Gigabyte, 6 * Gigabyte, 8 * Gigabyte);
        int[] sizes = context.Options.Pick<int[]>([100, 1_000], [100, 1_000, 10_000], [100, 1_000, 10_000]);
        List<CrashScenario> scenarios =
            [.. sizes.Select(CrashScenario.EchoOf), CrashScenario.Download(streamBytes), CrashScenario.Upload(streamBytes)];

        var runner = new CrashRunner(context);
        var results = scenarios.ToDictionary(scenario => scenario.Key, _ => new List<CrashRun>(), StringComparer.Ordinal);
        for (var round = 1; round <= runs; round++)
        {
            foreach (var scenario in scenarios)
            {
                var run = await runner.RunAsync(scenario, cancellation);
                results[scenario.Key].Add(run);
                context.Say($"run {round} of {runs}, {scenario.Name}: {FailoverSummary.Line(run)}");
            }
        }

        return FailoverSummary.Report(this, scenarios, results);
    }
}
