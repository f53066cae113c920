using Appliance.Bench.Labs;
using Appliance.Bench.Report;
using Appliance.Lab;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Recorder;

/// <summary>What the recorder and the repair are worth, and what they cost.</summary>
public sealed class RecorderBench : IBench
{
    private const double LimitedLink = 1;
    private static readonly double[] s_losses = [0, 1, 5, 20];
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_detection = TimeSpan.FromSeconds(1);

    // Tried one after the other until nothing is dropped for want of room in the ring.
    private static readonly double?[] s_links = [null, 8, 5, 3, 2];

    /// <inheritdoc/>
    public string Name => "recorder";

    /// <inheritdoc/>
    public string Title => "copies are lost, and clients' bytes are recorded";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var segments = SegmentCostMeter.Measure(context.Options.Pick(200_000, 1_000_000, 5_000_000));
        var forwarding = await ForwardAsync(context, cancellation);
        var store = await StoreAsync(context, cancellation);
        var joins = await JoinAsync(context, cancellation);
        var losses = await LoseAsync(context, cancellation);
        return RecorderSummary.Report(this, new RecorderResults(losses, forwarding, store, joins, segments));
    }

    private static async Task<IReadOnlyList<LossRun>> LoseAsync(BenchContext context, CancellationToken cancellation)
    {
        var runner = new LossRunner(context);
        var runs = new List<LossRun>();
        var count = context.Options.RunsOr(1, 2, 20);
        for (var round = 1; round <= count; round++)
        {
            foreach (var loss in s_losses)
            {
                var run = await runner.RunAsync(loss, cancellation);
                runs.Add(run);
                context.Say(
                    $"crash {round} of {count}, tap loss {loss} %: {run.Lost} of {run.Connections} lost, {run.BytesCorrupted} bytes wrong, "
                    + $"worst gap {Format.Number(run.WorstGapMs)} ms at {Format.Number(run.WorstGapAtMs)} ms, {Format.Count(run.RepairedBytes)} bytes repaired before");
            }
        }

        return runs;
    }

    private static async Task<IReadOnlyList<ForwardRun>> ForwardAsync(BenchContext context, CancellationToken cancellation)
    {
        var rounds = context.Options.RunsOr(1, 3, 10);
        var time = TimeSpan.FromSeconds(context.Options.Pick(1, 3, 8));
        await using var plain = await BenchLab.UpAsync("recorder-plain", withAppliance: false, cancellation);
        await plain.PlaceAddressAsync(cancellation);
        await plain.StartServersAsync(cancellation, LabHost.Node1);
        await using var appliance = await BenchLab.UpAsync(
            new LabOptions { Name = "recorder-forward", DetectionTimeout = s_detection }, configuration: null, cancellation);
        await appliance.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        var meter = new ForwardMeter(plain, appliance);

        // A program that has just started is busy with compiling itself, and the store with what a full link left to it.
        await meter.RunAsync(round: 0, RecorderPath.Recorder, LimitedLink, s_warmUp, cancellation);
        var runs = new List<ForwardRun>();
        foreach (var link in (double?[])[LimitedLink, null])
        {
            for (var round = 1; round <= rounds; round++)
            {
                foreach (var path in Enum.GetValues<RecorderPath>())
                {
                    runs.Add(await ForwardOnceAsync(context, meter, round, path, link, time, cancellation));
                }
            }
        }

        foreach (var link in s_links.Skip(1))
        {
            if (RecorderSummary.BestWithoutDrops(runs) is not null)
            {
                break;
            }

            runs.Add(await ForwardOnceAsync(context, meter, rounds, RecorderPath.Recorder, link, time, cancellation));
        }

        return runs;
    }

    private static async Task<ForwardRun> ForwardOnceAsync(
        BenchContext context, ForwardMeter meter, int round, RecorderPath path, double? link, TimeSpan time, CancellationToken cancellation)
    {
        var run = await meter.RunAsync(round, path, link, time, cancellation);
        context.Say(
            $"round {round}, {RecorderSummary.LinkOf(run)}, {RecorderSummary.NameOf(path)}: {Format.Number(run.GbitPerSecond)} Gbit/s, "
            + $"{Format.Number(run.SegmentsPerSecond)} segments/s, {Format.Number(run.Missed)} missed, {Format.Number(run.CpuPerMillion)} CPU s per million");
        return run;
    }

    private static async Task<IReadOnlyList<StoreRun>> StoreAsync(BenchContext context, CancellationToken cancellation)
    {
        var runs = new List<StoreRun>();
        foreach (var policy in (string[])["unconfirmed", "window", "full"])
        {
            var run = await StoreMeter.RunAsync(policy, TimeSpan.FromSeconds(context.Options.Pick(2, 4, 20)), cancellation);
            runs.Add(run);
            context.Say($"policy {policy}: {Format.Number(run.StoreOperationsPerSecond)} operations/s, {Format.Number(run.StoreBytesPerSecond)} bytes/s to the store");
        }

        return runs;
    }

    private static async Task<IReadOnlyList<LateJoinRun>> JoinAsync(BenchContext context, CancellationToken cancellation)
    {
        const int HistoryBytes = 64 << 10;
        var connections = context.Options.Pick(100, 1_000, 1_000);
        var runs = new List<LateJoinRun>();
        for (var round = 0; round < context.Options.RunsOr(1, 1, 5); round++)
        {
            var run = await LateJoinRunner.RunAsync(connections, HistoryBytes, cancellation);
            runs.Add(run);
            context.Say($"late join: {run.Protected} of {run.Connections} protected after {Format.Number(run.Seconds)} s; {run.Lost} lost by the next failover");
        }

        return runs;
    }
}
