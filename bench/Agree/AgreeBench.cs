using Appliance.Bench.Labs;
using Appliance.Bench.Report;
using Appliance.Lab;
using Appliance.Lab.Daemons;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Server;

namespace Appliance.Bench.Agree;

/// <summary>Output agree with a server that makes one byte in a million wrong: no such byte may come to a client, and no other download may end.</summary>
public sealed class AgreeBench : IBench
{
    private const int Downloads = 100;
    private const int FlipEvery = 1_000_000;
    private const int StreamBytes = 1_000_000;

    /// <summary>Late is not wrong: nothing passes because a replica was waited for in vain.</summary>
    private const string Configuration = "agreement: { wait: 1m }";

    /// <inheritdoc/>
    public string Name => "agree";

    /// <inheritdoc/>
    public string Title => "agreed output, and a server that makes one byte in a million wrong";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var rounds = context.Options.RunsOr(1, 4, 16);
        var runs = new List<AgreeRun>();
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var faulty in LabNames.Nodes)
            {
                var run = await RunAsync(round, faulty, context.Options.Seed + (Downloads * runs.Count), cancellation);
                runs.Add(run);
                context.Say($"round {round} of {rounds}, {run.Faulty} is faulty: {run.Flipped} of {run.Downloads} downloads had a wrong byte, {run.Ended} were ended, {run.BytesCorrupted} wrong bytes were forwarded");
            }
        }

        return Report(runs);
    }

    private static async Task<AgreeRun> RunAsync(int round, LabHost faulty, int seed, CancellationToken cancellation)
    {
        await using var lab = await BenchLab.UpAsync(new LabOptions { Name = "agree", Output = OutputPolicy.Agree }, Configuration, cancellation);
        await lab.StartServersAsync(cancellation, [LabNames.Peer(faulty)]);
        await lab.StartServerAsync(faulty, cancellation, "--flip-every", $"{FlipEvery}");
        var client = lab.StartClient(LabAddresses.Vip4, "--downloads", $"{Downloads}", "--stream-bytes", $"{StreamBytes}", "--seed", $"{seed}");
        var report = await client.Report.WaitAsync(cancellation);
        var view = await lab.Gateway.TryReadAsync(cancellation);
        var flipped = File.ReadLines(lab.ServerLog(faulty)).Count(line => line.StartsWith(TrafficServerOptions.FlippedLine, StringComparison.Ordinal));
        return new AgreeRun(
            round, LabNames.Of(faulty), report.Connections, flipped, report.Lost, view?.Recorder.Differences ?? -1, report.BytesVerified, report.BytesCorrupted,
            report.BytesVerified * 8 / 1e9 / report.Seconds);
    }

    private BenchReport Report(IReadOnlyList<AgreeRun> runs) => new(
        Name,
        Title,
        [
            new ReportTable(
                $"Rounds of {Downloads} downloads of {Format.Count(StreamBytes)} bytes at once",
                ["faulty server", "downloads", "with a wrong byte", "ended", "contradictions told", "bytes right", "bytes wrong"],
                [
                    .. runs.GroupBy(run => run.Faulty, StringComparer.Ordinal).Select(node => (IReadOnlyList<string>)
                    [
                        node.Key, Format.Count(node.Sum(run => run.Downloads)), Format.Count(node.Sum(run => run.Flipped)), Format.Count(node.Sum(run => run.Ended)),
                        Format.Count(node.Sum(run => run.Differences)), Format.Count(node.Sum(run => run.BytesVerified)), Format.Count(node.Sum(run => run.BytesCorrupted)),
                    ]),
                ]),
        ],
        [
            Goal.None("wrong bytes that clients were given", runs.Sum(run => run.BytesCorrupted)),
            Goal.None("downloads with a wrong byte that were not ended", runs.Sum(run => Math.Max(0, run.Flipped - run.Ended))),
            Goal.None("downloads that were ended without one", runs.Sum(run => Math.Max(0, run.Ended - run.Flipped))),
            Goal.AtLeast("downloads with a wrong byte, of which the figures are", runs.Sum(run => run.Flipped), 1),
        ],
        runs);
}
