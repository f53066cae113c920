using Appliance.Bench.Measure;
using Appliance.Bench.Report;

namespace Appliance.Bench.Api;

/// <summary>Tables and goals of the interface: a pure function of the runs.</summary>
public static class ApiSummary
{
    private const double Mebibyte = 1024 * 1024;
    private const double P99GoalMs = 50;
    private const double TrafficGoal = 0.97;
    private const double EchoGoal = 1.5;
    private const double AnsweredGoal = 0.99;

    /// <summary>What is measured in a round, one after the other.</summary>
    public static IReadOnlyList<(LoadTraffic Traffic, bool HasRequests)> Stretches { get; } =
        [(LoadTraffic.Link, false), (LoadTraffic.Link, true), (LoadTraffic.Machine, false), (LoadTraffic.Machine, true), (LoadTraffic.None, true)];

    /// <summary>What a stretch was, as tables call it.</summary>
    public static string NameOf(LoadTraffic traffic, bool requests) => traffic switch
    {
        LoadTraffic.None => "requests alone",
        LoadTraffic.Link => $"a link of {Format.Number(LoadMeter.LinkGbit)} Gbit/s full",
        _ => "the machine full",
    } + (traffic != LoadTraffic.None && requests ? ", and requests" : "");

    /// <summary>What strangers did, as tables call it.</summary>
    public static string NameOf(SiegeKind kind) => kind switch
    {
        SiegeKind.Peace => "in peace",
        SiegeKind.Knocking => "knocking where nobody listens",
        _ => "under siege",
    };

    /// <summary>The report.</summary>
    public static BenchReport Report(IBench bench, int flows, int idle, IReadOnlyList<LoadRun> loads, IReadOnlyList<SiegeRun> sieges)
    {
        var load = new ReportTable(
            $"1,000 requests/s, with {Format.Count(flows)} open connections (median of the rounds)",
            ["", "download Gbit/s", "answers/s", "p50 ms", "p99 ms", "gateway program, CPUs", "who asks, CPUs"],
            [.. Stretches.Select(stretch => LoadRow(loads, stretch.Traffic, stretch.HasRequests))]);
        var kinds = new ReportTable(
            "By kind of request, ms: p50 / p99 (median of the rounds)",
            ["", .. ApiRequestKind.Mix.Select(kind => kind.Name)],
            [.. Stretches.Where(stretch => stretch.HasRequests).Select(stretch => KindRow(loads, stretch.Traffic))]);
        var siege = new ReportTable(
            $"{Format.Count(idle)} silent connections to the interface and 400 slow ones (median / worst of the rounds)",
            ["", "echo p99 µs", "worst gap ms", "gateway MiB", "gateway program, CPUs", "strangers, CPUs", "honest requests answered", "answered in ms, p99", "strangers held"],
            [.. Enum.GetValues<SiegeKind>().Select(kind => SiegeRow(sieges, kind))]);
        return new BenchReport(bench.Name, bench.Title, [load, kinds, siege], Goals(loads, sieges), new { Loads = loads, Sieges = sieges })
        {
            Notes =
            [
                "A request's time counts from the instant at which it was due, so that a standstill shows in every request that fell into it.",
                "Who asks is on the same machine. Where the download takes all of it, what asking costs is missing to the download, as is what answering costs: the goals are about the link. So are the strangers: the second row is what they cost by being there.",
            ],
        };
    }

    /// <summary>The goals.</summary>
    public static IReadOnlyList<Goal> Goals(IReadOnlyList<LoadRun> loads, IReadOnlyList<SiegeRun> sieges)
    {
        var besieged = sieges.Where(run => run.Kind == SiegeKind.Siege).ToList();
        return
        [
            Goal.AtMost("p99 of 1,000 requests/s beside a full link", Statistics.Median(Of(loads, LoadTraffic.Link, true).Select(run => run.P99Ms)), P99GoalMs, "ms"),
            Goal.AtLeast("download with requests ÷ download alone", TrafficRatio(loads), TrafficGoal),
            Goal.AtMost("requests without a good answer", loads.Sum(run => run.Failed), 0),
            Goal.AtMost("echo p99 under siege ÷ in peace", Statistics.PairedRatio(Of(sieges, SiegeKind.Siege, run => run.EchoP99Us), Of(sieges, SiegeKind.Peace, run => run.EchoP99Us)), EchoGoal),
            Goal.AtLeast("honest requests answered under siege", Statistics.Ratio(besieged.Sum(run => run.Answered), besieged.Sum(run => run.Asked)), AnsweredGoal),
            Goal.None("protected connections lost", sieges.Sum(run => run.Lost)),
            Goal.AtMost("takeovers without a reason", sieges.Sum(run => run.Takeovers), 0),
        ];
    }

    private static double? TrafficRatio(IReadOnlyList<LoadRun> loads) => Statistics.PairedRatio(
        Of(loads, LoadTraffic.Link, true).Select(run => run.GbitPerSecond), Of(loads, LoadTraffic.Link, false).Select(run => run.GbitPerSecond));

    private static IEnumerable<LoadRun> Of(IReadOnlyList<LoadRun> loads, LoadTraffic traffic, bool requests) =>
        loads.Where(run => run.Traffic == traffic && run.HasRequests == requests).OrderBy(run => run.Round);

    private static IEnumerable<double?> Of(IReadOnlyList<SiegeRun> sieges, SiegeKind kind, Func<SiegeRun, double?> value) =>
        sieges.Where(run => run.Kind == kind).OrderBy(run => run.Round).Select(value);

    private static IReadOnlyList<string> LoadRow(IReadOnlyList<LoadRun> loads, LoadTraffic traffic, bool requests)
    {
        return
        [
            NameOf(traffic, requests),
            Median(run => run.GbitPerSecond),
            requests ? Median(run => run.AnsweredPerSecond) : Format.Nothing,
            Median(run => run.P50Ms),
            Median(run => run.P99Ms),
            Median(run => run.GatewayCpu),
            Median(run => run.AskerCpu),
        ];

        string Median(Func<LoadRun, double?> value) => Format.Number(Statistics.Median(Of(loads, traffic, requests).Select(value)));
    }

    private static IReadOnlyList<string> KindRow(IReadOnlyList<LoadRun> loads, LoadTraffic traffic)
    {
        return [NameOf(traffic, requests: true), .. ApiRequestKind.Mix.Select(kind => Format.Pair(Median(kind, 0), Median(kind, 1)))];

        double? Median(ApiRequestKind kind, int which) => Statistics.Median(Of(loads, traffic, true).Select(run => run.Kinds.GetValueOrDefault(kind.Name)?[which]));
    }

    private static IReadOnlyList<string> SiegeRow(IReadOnlyList<SiegeRun> sieges, SiegeKind kind)
    {
        var runs = sieges.Where(run => run.Kind == kind).ToList();
        return
        [
            NameOf(kind),
            Pair(run => run.EchoP99Us),
            Pair(run => run.MaxGapMs),
            Pair(run => run.GatewayBytes / Mebibyte),
            Pair(run => run.GatewayCpu),
            Pair(run => run.StrangersCpu),
            $"{Format.Count(runs.Sum(run => run.Answered))} of {Format.Count(runs.Sum(run => run.Asked))}",
            Pair(run => run.AnswerP99Ms),
            Format.Number(Statistics.Median(Of(sieges, kind, run => run.Held))),
        ];

        string Pair(Func<SiegeRun, double?> value) => Format.Pair(Statistics.Median(Of(sieges, kind, value)), Statistics.Max(Of(sieges, kind, value)));
    }
}
