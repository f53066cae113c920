using Appliance.Bench.Labs;
using Appliance.Bench.Measure;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Api;

/// <summary>Measures a stretch: a download or none, requests or none.</summary>
public sealed class LoadMeter(BenchLab lab, double requestsPerSecond)
{
    /// <summary>Of the slower download, Gbit/s: two processors carry it, its client, its servers, and a thousand requests per second with who asks them.</summary>
    public const double LinkGbit = 4;

    private const long StreamBytes = 1_000_000_000_000;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    /// <summary>Measures.</summary>
    public async Task<LoadRun> RunAsync(int round, LoadTraffic traffic, bool requests, TimeSpan time, CancellationToken cancellation)
    {
        await ClientLink.LimitDownloadAsync(lab, traffic == LoadTraffic.Link ? LinkGbit : null, cancellation);
        var client = traffic != LoadTraffic.None ? lab.StartClient(LabAddresses.Vip4, "--downloads", "1", "--stream-bytes", $"{StreamBytes}") : null;
        if (client is not null)
        {
            await client.Connected.WaitAsync(cancellation);
        }

        using var load = new ApiLoad(lab.Laboratory.ApiUrl, requestsPerSecond);
        // The first requests open the connections and compile the code.
        await (requests ? load.RunAsync(s_warmUp, cancellation) : Task.Delay(s_warmUp, cancellation));
        var started = TimeProvider.System.GetTimestamp();
        var asker = Environment.CpuUsage.TotalTime;
        var before = (Cpu: CpuSnapshot.Take(lab.Laboratory), Progress: client is null ? null : await client.NextProgressAsync(cancellation));
        await (requests ? load.RunAsync(time, cancellation) : Task.Delay(time, cancellation));
        var after = (Cpu: CpuSnapshot.Take(lab.Laboratory), Progress: client is null ? null : await client.NextProgressAsync(cancellation));
        asker = Environment.CpuUsage.TotalTime - asker;
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        if (client is not null)
        {
            await client.AbortAsync();
        }

        return new LoadRun
        {
            Round = round,
            Traffic = traffic,
            HasRequests = requests,
            GbitPerSecond = before.Progress is { } from && after.Progress is { } to
                ? StreamBytes * (to.DownloadFraction - from.DownloadFraction) * 8 / 1e9 / (to.Seconds - from.Seconds) : null,
            GatewayCpu = after.Cpu.SecondsSince(before.Cpu, LabHost.Gateway, LabProgram.IsAppliance) / seconds,
            AskerCpu = asker.TotalSeconds / seconds,
            AnsweredPerSecond = load.All.Count / seconds,
            Failed = load.Failed,
            P50Ms = load.All.Percentile(0.5),
            P99Ms = load.All.Percentile(0.99),
            Kinds = load.Times.ToDictionary(kind => kind.Key.Name, kind => new[] { kind.Value.Percentile(0.5), kind.Value.Percentile(0.99) }, StringComparer.Ordinal),
        };
    }
}
