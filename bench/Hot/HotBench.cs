using Appliance.Bench.Measure;
using Appliance.Bench.Report;

namespace Appliance.Bench.Hot;

/// <summary>Hot output through failures that take half a second to be detected: clients are not to notice.</summary>
public sealed class HotBench : IBench
{
    private const double GoalMs = 5;

    /// <summary>The service survives a replica's death anyway: a fifth of the runs shows that clients do not notice it either.</summary>
    private const int RoundsPerReplicaDeath = 5;

    /// <inheritdoc/>
    public string Name => "hot";

    /// <inheritdoc/>
    public string Title => "hot output, and failures that nobody detects for half a second";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var rounds = context.Options.RunsOr(1, 5, 50);
        var runner = new HotRunner(context);
        var runs = new List<HotRun>();
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var traffic in Enum.GetValues<HotTraffic>())
            {
                foreach (var failure in Enum.GetValues<HotFailure>().Where(failure => failure != HotFailure.ReplicaDies || round % RoundsPerReplicaDeath == 1))
                {
                    var run = await runner.RunAsync(round, traffic, failure, cancellation);
                    runs.Add(run);
                    context.Say($"round {round} of {rounds}, {NameOf(traffic)}, {NameOf(failure)}: worst gap {Format.Number(run.GapMs)} ms, {Format.Number(run.GapAtMs)} ms after it, in peace {Format.Number(run.CalmGapMs)} ms; {run.Lost} lost, {run.BytesCorrupted} bytes wrong");
                }
            }
        }

        return Report(runs);
    }

    private static string NameOf(HotTraffic traffic) => traffic switch
    {
        HotTraffic.Echo => "1,000 echo",
        HotTraffic.Download => "download",
        HotTraffic.Upload => "upload",
        _ => throw new ArgumentOutOfRangeException(nameof(traffic)),
    };

    private static string NameOf(HotFailure failure) => failure switch
    {
        HotFailure.ActiveDies => "the active node dies",
        HotFailure.ReplicaDies => "the replica's node dies",
        HotFailure.ActiveHangs => "the active node's server hangs",
        _ => throw new ArgumentOutOfRangeException(nameof(failure)),
    };

    private BenchReport Report(IReadOnlyList<HotRun> runs)
    {
        var kinds = runs.GroupBy(run => (run.Traffic, run.Failure)).ToList();
        return new BenchReport(
            Name,
            Title,
            [
                new ReportTable(
                    "Worst gap of any connection (median / worst of the runs)",
                    ["traffic and failure", "runs", "lost", "bytes wrong", "in peace ms", "from the failure on ms", "difference within a run ms"],
                    [
                        .. kinds.Select(kind => (IReadOnlyList<string>)
                        [
                            $"{NameOf(kind.Key.Traffic)}, {NameOf(kind.Key.Failure)}", Format.Count(kind.Count()),
                            Format.Count(kind.Sum(run => run.Lost)), Format.Count(kind.Sum(run => run.BytesCorrupted)),
                            Pair(kind, run => run.CalmGapMs), Pair(kind, run => run.GapMs), Pair(kind, run => run.NoticedMs),
                        ]),
                    ]),
            ],
            [
                Goal.None("connections lost", runs.Sum(run => run.Lost)),
                Goal.None("bytes wrong", runs.Sum(run => run.BytesCorrupted)),
                .. kinds.Select(kind => Goal.AtMost(
                    $"{NameOf(kind.Key.Traffic)}, {NameOf(kind.Key.Failure)}: worst gap − worst gap in peace, median run", Statistics.Median(kind.Select(run => (double?)run.NoticedMs)), GoalMs, "ms")),
            ],
            runs);
    }

    private static string Pair(IEnumerable<HotRun> runs, Func<HotRun, double?> value) => Format.Pair(Statistics.Median(runs.Select(value)), Statistics.Max(runs.Select(value)));
}
