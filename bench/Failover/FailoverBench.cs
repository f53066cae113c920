using Appliance.Bench.Report;
using Appliance.Lab.Faults;

namespace Appliance.Bench.Failover;

/// <summary>Lets the primary fail in every way under echo connections and under streams at full speed.</summary>
public sealed class FailoverBench : IBench
{
    private const long Gigabyte = 1_000_000_000;

    /// <inheritdoc/>
    public string Name => "failover";

    /// <inheritdoc/>
    public string Title => "the primary fails at a random moment";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var runs = context.Options.RunsOr(1, 5, 50);
        var streamBytes = context.Options.Pick(3 * Gigabyte, 6 * Gigabyte, 8 * Gigabyte);
        int[] sizes = context.Options.Pick<int[]>([100, 1_000], [100, 1_000, 10_000], [100, 1_000, 10_000]);
        List<CrashScenario> scenarios =
        [
            .. sizes.Select(CrashScenario.EchoOf), CrashScenario.Download(streamBytes), CrashScenario.Upload(streamBytes),
            CrashScenario.Thousand("crash, heartbeat 2 ms", "quick", FaultKind.Crash) with { Heartbeat = TimeSpan.FromMilliseconds(2) },
            CrashScenario.Thousand("link cut", "cut", FaultKind.Cut),
            CrashScenario.Thousand("server killed", "killed", FaultKind.KillApp),
            CrashScenario.Thousand("server hangs", "hang", FaultKind.HangApp),
            CrashScenario.Thousand("planned", "planned", null),
            CrashScenario.Thousand("nothing fails", "control", null) with { IsControl = true },
        ];
        var slow = context.Options.Pick<int[]>([], [], [1, 3, 5]);
        scenarios.AddRange(slow.Select(CrashScenario.Slow));

        var runner = new CrashRunner(context);
        var results = scenarios.ToDictionary(scenario => scenario.Key, _ => new List<CrashRun>(), StringComparer.Ordinal);
        for (var round = 1; round <= runs; round++)
        {
            foreach (var scenario in scenarios.Where(s => round <= s.MostRuns))
            {
                var run = await runner.RunAsync(scenario, cancellation);
                results[scenario.Key].Add(run);
                context.Say($"run {round} of {runs}, {scenario.Name}: {FailoverSummary.Line(run)}");
            }
        }

        return FailoverSummary.Report(this, scenarios, results);
    }
}
