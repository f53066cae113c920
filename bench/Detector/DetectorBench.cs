using System.Globalization;
using Appliance.Bench.Report;

namespace Appliance.Bench.Detector;

/// <summary>
/// Plays arrival traces to the gateway's failure detector: how often it would have suspected a living node, against how soon it
/// would have noticed a dead one. That is computed, and the same on every machine. Then it lets the appliance stand on busy
/// processors, to see whether it takes a living node for dead.
/// </summary>
public sealed class DetectorBench : IBench
{
    private const int Seed = 20;

    private static readonly (string Name, int LeastMs, int MostMs)[] s_detectors =
    [
        ("20 ms", 20, 20), ("30 ms (default)", 30, 30), ("50 ms", 50, 50), ("100 ms", 100, 100), ("200 ms", 200, 200), ("30 to 200 ms", 30, 200),
    ];

    /// <inheritdoc/>
    public string Name => "detector";

    /// <inheritdoc/>
    public string Title => "false suspicions against detection time";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var hours = context.Options.Pick(0.1, 2.0, 24.0);
        List<ArrivalTrace> traces =
        [
            ArrivalTrace.Quiet(hours, new Random(Seed)), ArrivalTrace.Stalls(hours, new Random(Seed)), ArrivalTrace.Changing(hours, new Random(Seed)),
            ArrivalTrace.Lossy(hours, new Random(Seed)), ArrivalTrace.Recorded(),
        ];
        var trials = new Dictionary<string, Dictionary<string, DetectorTrial>>(StringComparer.Ordinal);
        foreach (var trace in traces)
        {
            context.Say($"{trace.Name}: {trace.ArrivalsMs.Count.ToString("#,##0", CultureInfo.InvariantCulture)} heartbeats");
            trials[trace.Name] = s_detectors.ToDictionary(
                d => d.Name, d => DetectorTrial.Of(trace, TimeSpan.FromMilliseconds(d.LeastMs), TimeSpan.FromMilliseconds(d.MostMs)), StringComparer.Ordinal);
            cancellation.ThrowIfCancellationRequested();
        }

        var table = new ReportTable(
            "False suspicions per hour / mean detection ms, by silence allowed (heartbeats every 10 ms)",
            ["arrivals", .. s_detectors.Select(d => d.Name)],
            [.. traces.Select(t => (IReadOnlyList<string>)[t.Name, .. s_detectors.Select(d => Cell(trials[t.Name][d.Name]))])]);
        var live = await new LivePatienceRunner(context).RunAsync(
            context.Options.Pick(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(2), TimeSpan.FromHours(1)), cancellation);
        return new BenchReport(
            Name,
            Title,
            [table, LiveTable(live)],
            [
                Goal.AtMost("false suspicions on busy processors, 30 ms", live.Suspicions, 0),
                Goal.None("connections lost", live.Lost),
                Goal.None("bytes wrong", live.BytesCorrupted),
            ],
            new { Traces = trials, Live = live })
        {
            Figures = [("failure-detector.svg", DetectorFigure.Draw(trials))],
        };
    }

    private static ReportTable LiveTable(LivePatience live) => new(
        "The appliance on busy processors, default detection, nothing fails",
        ["minutes", "busy %", "taken away by the hypervisor %", "false suspicions", "connections", "lost", "bytes wrong", "bytes right", "worst gap ms"],
        [
            [
                Format.Number(live.Minutes), Format.Number(live.BusyPercent), Format.Number(live.StealPercent), Format.Count(live.Suspicions),
                Format.Count(live.Connections), Format.Count(live.Lost), Format.Count(live.BytesCorrupted), Format.Count(live.BytesVerified), Format.Number(live.WorstGapMs),
            ],
        ]);

    private static string Cell(DetectorTrial trial) =>
        string.Create(CultureInfo.InvariantCulture, $"{Format.Number(trial.FalsePerHour)} / {Format.Number(trial.DetectionMs)}");
}
