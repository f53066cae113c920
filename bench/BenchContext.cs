using Appliance.Bench.Labs;

namespace Appliance.Bench;

/// <summary>What a bench gets: options, chance, and a voice.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="progress">Takes one line per step.</param>
public sealed class BenchContext(BenchOptions options, IProgress<string> progress)
{
    private readonly Random _random = new(options.Seed);

    /// <summary>What was asked for.</summary>
    public BenchOptions Options { get; } = options;

    /// <summary>Tells the user what is going on.</summary>
    public void Say(string line) => progress.Report(line);

    /// <summary>A random duration; the sequence depends on the seed alone.</summary>
    public TimeSpan RandomTime(double minMs, double maxMs) => TimeSpan.FromMilliseconds(RandomBetween(minMs, maxMs));

    /// <summary>A random number; the sequence depends on the seed alone.</summary>
#pragma warning disable CA5394 // Chooses moments, guards nothing.
    public double RandomBetween(double min, double max) => min + (_random.NextDouble() * (max - min));
#pragma warning restore CA5394

    /// <summary>Saves the logs of a lab in which something went wrong, and says where.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="reason">What went wrong, in a line.</param>
    /// <param name="details">More of it, which goes to the logs only.</param>
    public void KeepLogs(BenchLab lab, string reason, IEnumerable<string> details)
    {
        var directory = Path.Combine(BenchPaths.Failures, $"{DateTime.UtcNow:yyyyMMdd-HHmmss.fff}-{lab.Name}");
        Directory.CreateDirectory(directory);
        foreach (var file in Directory.EnumerateFiles(lab.Laboratory.Directory, "*.log"))
        {
            File.Copy(file, Path.Combine(directory, Path.GetFileName(file)), overwrite: true);
        }

        File.WriteAllLines(Path.Combine(directory, "reason.txt"), [reason, .. details]);
        Say($"{reason}; the logs are kept in {directory}");
    }
}
