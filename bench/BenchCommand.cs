using System.CommandLine;
using Appliance.Lab;
using Appliance.Lab.Daemons;

namespace Appliance.Bench;

/// <summary>The command line.</summary>
public static class BenchCommand
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    /// <summary>Makes the command.</summary>
    public static RootCommand Create()
    {
        var names = new Argument<string[]>("name") { Description = "Benches to run; all when none is named", Arity = ArgumentArity.ZeroOrMore };
        names.AcceptOnlyFromAmong([.. BenchCatalog.All.Select(bench => bench.Name)]);
        var json = new Option<bool>("--json") { Description = "Print one JSON object as the last line" };
        var runs = new Option<int?>("--runs") { Description = "Repetitions of everything that is repeated" };
        runs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1)
            {
                result.AddError("--runs must be at least 1.");
            }
        });
        var quick = new Option<bool>("--quick") { Description = "Small sizes, to see that everything works" };
        var @long = new Option<bool>("--long") { Description = "Campaign sizes: 20 to 50 failures of each kind, more rounds" };
        var seed = new Option<int>("--seed") { Description = "Chooses the moments of the crashes", DefaultValueFactory = _ => Environment.TickCount };
        var enforce = new Option<bool>("--enforce") { Description = "Exit with 1 when a goal is missed" };
        var output = new Option<OutputPolicy?>("--output") { Description = "Whose output reaches clients in the labs (default: silent)" };
        var timeout = new Option<int?>("--detection-ms") { Description = "failover: silence after which a node is suspected, instead of what the scenario says" };
        var docs = new Option<string?>("--write-docs")
        {
            Description = "Put the results into docs/benchmarks.md, or into FILE",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };

        var command = new RootCommand("Measures the appliance in labs of network namespaces.") { names, json, runs, quick, @long, seed, enforce, output, timeout, docs };
        command.Validators.Add(result =>
        {
            if (result.GetValue(quick) && result.GetValue(@long))
            {
                result.AddError("--quick and --long exclude each other.");
            }
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            new BenchOptions
            {
                Names = parsed.GetValue(names) ?? [],
                Size = parsed.GetValue(quick) ? BenchSize.Quick : parsed.GetValue(@long) ? BenchSize.Long : BenchSize.Normal,
                Runs = parsed.GetValue(runs),
                Seed = parsed.GetValue(seed),
                Json = parsed.GetValue(json),
                Enforce = parsed.GetValue(enforce),
                Output = parsed.GetValue(output),
                DetectionTimeout = parsed.GetValue(timeout) is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
                DocsFile = parsed.GetResult(docs) is null ? null : parsed.GetValue(docs) ?? BenchPaths.Docs,
            },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        try
        {
            using var only = BenchLock.Take();
            return await new BenchSuite(options).RunAsync(cancellation);
        }
        catch (LabException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return Failed;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return Interrupted;
        }
    }
}
