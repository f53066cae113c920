using Appliance.Bench.Compatibility;
using Appliance.Bench.Report;

namespace Appliance.Bench.Alarms;

/// <summary>Servers that stay in step, under everything that disturbs their packets: no replica may be said to differ.</summary>
public sealed class AlarmBench : IBench
{
    /// <inheritdoc/>
    public string Name => "alarms";

    /// <inheritdoc/>
    public string Title => "nobody differs, whatever happens to the packets";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var time = context.Options.Pick(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromHours(1));
        var run = await new AlarmRunner(context).RunAsync(time, cancellation);
        return new BenchReport(
            Name,
            Title,
            [
                new ReportTable(
                    $"{string.Join(", ", ServerCatalog.Steady.Select(static server => server.Name))}: 1 % of the clients' packets and 5 % of the copies are lost",
                    ["seconds", "connections", "planned switchovers", "crashes", "segments that clients sent again", "copies lost", "connections said to differ", "connections lost", "wrong answers"],
                    [
                        [
                            Format.Number(run.Seconds), Format.Count(run.Load.Connections), Format.Count(run.Switchovers), Format.Count(run.Crashes), Format.Count(run.Retransmissions), Format.Count(run.CopiesLost),
                            Format.Count(run.Alarms.Count), Format.Count(run.Load.Lost), Format.Count(run.Load.Wrong),
                        ],
                    ]),
            ],
            [
                Goal.None("connections said to differ", run.Alarms.Count),
                Goal.None("times that not everything was protected again in 40 s", run.Unprotected),
                Goal.None("connections lost", run.Load.Lost),
                Goal.None("wrong answers", run.Load.Wrong),
            ],
            run);
    }
}
