using Appliance.Bench.Report;
using Appliance.Lab;

namespace Appliance.Bench.Compatibility;

/// <summary>Which servers, as Debian packs them, stay in step with a replica; each by a crash under load.</summary>
public sealed class CompatibilityBench : IBench
{
    /// <inheritdoc/>
    public string Name => "compatibility";

    /// <inheritdoc/>
    public string Title => "servers from Debian packages, and their primary crashes under load";

    /// <inheritdoc/>
    public string? Page => "compatibility.md";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var runs = context.Options.RunsOr(1, 1, 5);
        var runner = new CaseRunner(context);
        var results = new List<(ServerCase Server, List<CaseRun> Runs)>();
        foreach (var server in ServerCatalog.All)
        {
            var done = new List<CaseRun>();
            for (var round = 0; round < runs; round++)
            {
                try
                {
                    var run = await runner.RunAsync(server, cancellation);
                    done.Add(run);
                    context.Say($"{server.Name} {server.Option}: {run.Verdict} ({run.Differing} of {run.Flows} known to differ, {run.Protected} protected; {run.Load})");
                }
                catch (LabException exception)
                {
                    context.Say($"{server.Name} {server.Option}: could not be tried: {exception.Message} (package {server.Package})");
                }
            }

            results.Add((server, done));
        }

        return Report(results);
    }

    private BenchReport Report(List<(ServerCase Server, List<CaseRun> Runs)> results)
    {
        var all = results.SelectMany(static result => result.Runs).ToList();
        return new BenchReport(
            Name,
            Title,
            [
                new ReportTable(
                    "What became of the clients' connections",
                    ["server", "package", "knob", "verdict", "connections", "said to be protected before", "known to differ before", "lost", "wrong answers"],
                    [
                        .. results.Select(static result => (IReadOnlyList<string>)
                        [
                            result.Server.Name,
                            result.Server.Package,
                            result.Server.Option,
                            result.Runs.Count == 0 ? "not tried" : string.Join("; ", result.Runs.Select(static run => run.Verdict).Distinct(StringComparer.Ordinal)),
                            Format.Count(result.Runs.Sum(static run => run.Load.Connections)),
                            Format.Count(result.Runs.Sum(static run => run.Protected)),
                            Format.Count(result.Runs.Sum(static run => run.Differing)),
                            Format.Count(result.Runs.Sum(static run => run.Load.Lost)),
                            Format.Count(result.Runs.Sum(static run => run.Load.Wrong)),
                        ]),
                    ]),
            ],
            [
                Goal.None("clients that were given a wrong answer", all.Sum(static run => run.Load.Wrong)),
                Goal.None("cases that could not be tried", results.Count(static result => result.Runs.Count == 0)),
            ],
            results.Select(static result => new { result.Server.Name, result.Server.Option, result.Runs }));
    }
}
