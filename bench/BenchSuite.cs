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
        var reports = new List<BenchReport>();
        var broken = false;
        foreach (var bench in BenchCatalog.All.Where(bench => options.Names.Count == 0 || options.Names.Contains(bench.Name, StringComparer.Ordinal)))
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
                reports.Add(report);
            }
            catch (LabException exception)
            {
                await Console.Error.WriteLineAsync($"{bench.Name} failed: {exception.Message}");
                broken = true;
            }
        }

        Publish(reports, machine);
        var missed = reports.Exists(report => report.Goals.Any(goal => !goal.IsMet && (goal.IsRequired || options.Enforce)));
        return broken || missed ? Failed : 0;
    }

    private void Publish(List<BenchReport> reports, string machine)
    {
        if (options.DocsFile is { } file)
        {
            var directory = Path.GetDirectoryName(Path.GetFullPath(file))!;
            foreach (var (figure, svg) in reports.SelectMany(report => report.Figures))
            {
                File.WriteAllText(Path.Combine(directory, figure), svg);
            }

            foreach (var report in reports)
            {
                var path = string.Equals(report.Page, Path.GetFileName(BenchPaths.Docs), StringComparison.Ordinal) ? file : Path.Combine(directory, report.Page);
                File.WriteAllText(path, DocsSection.Replace(File.ReadAllText(path), Section(report.Name), MarkdownReport.Write(report, machine)));
            }
        }

        if (options.Json)
        {
            Console.WriteLine(JsonReport.Write(reports, machine, options));
        }
    }

    /// <summary>A bench that was run in labs of another kind has a place of its own.</summary>
    private string Section(string bench) => options.Output is { } output and not OutputPolicy.Silent ? $"{bench} --output {output.ToString().ToLowerInvariant()}" : bench;
}
