using Appliance.Bench.Measure;
using Appliance.Bench.Report;
using Appliance.Lab.Daemons;
using Appliance.Lab;

namespace Appliance.Bench;

/// <summary>Runs benches one after the other and publishes what they found.</summary>
/// <param name="options">What was asked for.</param>
public sealed class BenchSuite(BenchOptions options)
{
    private const int Failed = 1;

    /// <summary>Runs them; the result is the exit code. A bench that breaks down does not keep the others from running.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var machine = MachineClass.Read();
        var context = new BenchContext(options, new StepProgress());
        context.Say($"Machine: {machine}; seed {options.Seed}");
        var benches = BenchCatalog.All.Where(bench => options.Names.Count == 0 || options.Names.Contains(bench.Name, StringComparer.Ordinal)).ToList();
        RequirePlaces(benches);
        var reports = new List<(IBench Bench, BenchReport Report)>();
        var broken = false;
        foreach (var bench in benches)
        {
            context.Say($"{bench.Name}: {bench.Title}");
            var warning = await QuietCheck.RunAsync(cancellation);
            if (warning is not null)
            {
                context.Say(warning);
            }

            var started = TimeProvider.System.GetTimestamp();
            try
            {
                var report = await bench.RunAsync(context, cancellation);
                report = report with
                {
                    Seconds = Math.Round(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 1),
                    Date = DateTimeOffset.UtcNow,
                    Notes = warning is null ? report.Notes : [.. report.Notes, warning],
                };
                ConsoleReport.Write(report);
                reports.Add((bench, report));
            }
            catch (LabException exception)
            {
                await Console.Error.WriteLineAsync($"{bench.Name} failed: {exception.Message}");
                broken = true;
            }
        }

        Publish(reports, machine);
        var missed = reports.Exists(done => done.Report.Goals.Any(goal => !goal.IsMet && (goal.IsRequired || options.Enforce)));
        return broken || missed ? Failed : 0;
    }

    /// <summary>Some measure for hours: that there is no place for what they find is told before.</summary>
    private void RequirePlaces(List<IBench> benches)
    {
        foreach (var bench in benches)
        {
            if (PageOf(bench) is { } page)
            {
                DocsSection.Find(File.ReadAllText(page), Section(bench.Name));
            }
        }
    }

    private void Publish(List<(IBench Bench, BenchReport Report)> reports, string machine)
    {
        foreach (var (bench, report) in reports)
        {
            if (PageOf(bench) is { } page)
            {
                File.WriteAllText(page, DocsSection.Replace(File.ReadAllText(page), Section(bench.Name), MarkdownReport.Write(report, machine)));
                foreach (var (figure, svg) in report.Figures)
                {
                    File.WriteAllText(Path.Combine(Path.GetDirectoryName(page)!, figure), svg);
                }
            }
        }

        if (options.Json)
        {
            Console.WriteLine(JsonReport.Write([.. reports.Select(done => done.Report)], machine, options));
        }
    }

    /// <summary>Where its results are to be written; null for nowhere.</summary>
    private string? PageOf(IBench bench) => options.DocsFile is { } file ? BenchPaths.PageOf(bench, file) : null;

    /// <summary>A bench that was run in labs of another kind has a place of its own.</summary>
    private string Section(string bench) => options.Output is { } output and not OutputPolicy.Silent ? $"{bench} --output {output.ToString().ToLowerInvariant()}" : bench;
}
