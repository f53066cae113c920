using Appliance.Bench.Forwarding;
using Appliance.Bench.Report;

namespace Appliance.Bench.Throughput;

/// <summary>One stream at full speed through the kernel alone, the appliance, and HAProxy, in turns.</summary>
public sealed class ThroughputBench : IBench
{
    /// <inheritdoc/>
    public string Name => "throughput";

    /// <inheritdoc/>
    public string Title => "one TCP stream at full speed";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var rounds = context.Options.RunsOr(1, 3, 10);
        var time = TimeSpan.FromSeconds(context.Options.Pick(2, 4, 8));
        await using var paths = await PathSet.UpAsync(cancellation);
        var meter = new StreamMeter(paths);
        var runs = new List<ThroughputRun>();
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var direction in Enum.GetValues<StreamDirection>())
            {
                foreach (var path in PathSet.All)
                {
                    var run = await meter.RunAsync(round, path, direction, time, cancellation);
                    runs.Add(run);
                    context.Say($"round {round} of {rounds}, {direction}, {PathSet.NameOf(path)}: {Format.Number(run.GbitPerSecond)} Gbit/s");
                }
            }
        }

        return ThroughputSummary.Report(this, runs, paths.HaproxyVersion);
    }
}
