using System.Globalization;
using Appliance.Bench.Report;

namespace Appliance.Bench.Detector;

/// <summary>
/// Plays arrival traces to the gateway's failure detector: how often it would have suspected a living node, against how soon it
/// would have noticed a dead one. Computed, not measured: the same on every machine.
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
    public Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
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
        return Task.FromResult(new BenchReport(Name, Title, [table], [], trials)
        {
            Figures = [("failure-detector.svg", DetectorFigure.Draw(trials))],
        });
    }

    private static string Cell(DetectorTrial trial) =>
        string.Create(CultureInfo.InvariantCulture, $"{Format.Number(trial.FalsePerHour)} / {Format.Number(trial.DetectionMs)}");
}
