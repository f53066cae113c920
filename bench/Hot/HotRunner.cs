using Appliance.Bench.Labs;
using Appliance.Lab;
using Appliance.Lab.Daemons;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Native;

namespace Appliance.Bench.Hot;

/// <summary>Makes one failure in a lab of its own: the same connections, for the same time, first in peace and then through it.</summary>
public sealed class HotRunner(BenchContext context)
{
    private const int Connections = 1000;

    /// <summary>Five times as much takes three quarters of two processors in peace, and all of them during a failure: then these are what is measured.</summary>
    private const int ThinkMs = 1000;

    private const double LinkGbit = 1;

    /// <summary>
    /// What a server that hangs for two seconds lacks of an upload has to fit into half of the memory. What the
    /// ring takes of it, the store need not write, on the same processors.
    /// </summary>
    private const string Configuration = "recorder: { memoryBytes: 2GiB, ringBytes: 1GiB }";

    /// <summary>Silence after which a node is suspected: in the case of hot output nobody is to notice.</summary>
    private static readonly TimeSpan s_detection = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_stepTime = TimeSpan.FromSeconds(10);

    /// <summary>Before the failure, and after it.</summary>
    public static TimeSpan CalmTime { get; } = TimeSpan.FromSeconds(3);

    /// <summary>Makes it.</summary>
    public async Task<HotRun> RunAsync(int round, HotTraffic traffic, HotFailure failure, CancellationToken cancellation)
    {
        var options = new LabOptions { Name = "hot", Output = context.Options.Output ?? OutputPolicy.Hot, DetectionTimeout = context.Options.DetectionTimeout ?? s_detection };
        await using var lab = await BenchLab.UpAsync(options, Configuration, cancellation);
        await lab.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        var connections = traffic == HotTraffic.Echo ? Connections : 1;
        await ClientLink.LimitDownloadAsync(lab, traffic == HotTraffic.Download ? LinkGbit : null, cancellation);
        await ClientLink.LimitUploadAsync(lab, traffic == HotTraffic.Upload ? LinkGbit : null, cancellation);
        var client = lab.StartClient(LabAddresses.Vip4, ArgumentsOf(traffic));
        await client.Connected.WaitAsync(cancellation);
        await lab.Gateway.WaitAsync(status => status.Find(LabNames.Of(LabHost.Node2))?.InStep >= connections, s_stepTime, cancellation);
        await Task.Delay(s_warmUp + context.RandomTime(0, 100), cancellation);

        await client.ForgetGapsAsync(cancellation);
        await Task.Delay(CalmTime, cancellation);
        var calm = await client.NextProgressAsync(cancellation);
        await client.ForgetGapsAsync(cancellation);
        var fault = await lab.Laboratory.FaultAsync(FaultOf(failure), cancellation);
        await Task.Delay(CalmTime, cancellation);
        var after = await client.NextProgressAsync(cancellation);
        var untilNs = (long)MonotonicClock.Now;
        var report = traffic == HotTraffic.Echo ? await client.StopAsync(cancellation) : await client.Report.WaitAsync(cancellation);
        // Streams go on for longer; a wait that had not ended yet counts whole.
        var gaps = report.LargeGaps.Where(gap => gap.EndNs > fault.AtNs && gap.StartNs < untilNs).OrderByDescending(gap => gap.Ms).ToList();
        var pending = gaps.Where(gap => gap.EndNs > untilNs).Select(gap => gap.Ms).DefaultIfEmpty().Max();
        var run = new HotRun(
            round, traffic, failure, calm.MaxGapMs, Math.Max(after.MaxGapMs, pending), gaps.Count > 0 ? (gaps[0].StartNs - fault.AtNs) / 1e6 : null,
            report.Connections, report.Lost, report.BytesCorrupted);
        if (run.Lost > 0 || run.BytesCorrupted > 0)
        {
            context.KeepLogs(lab, $"{traffic}, {failure}: {run.Lost} lost, {run.BytesCorrupted} bytes corrupted", report.Errors);
        }

        return run;
    }

    private static FaultRequest FaultOf(HotFailure failure) => failure switch
    {
        HotFailure.ActiveDies => new FaultRequest(FaultKind.Crash, FaultRequest.Primary),
        HotFailure.ReplicaDies => new FaultRequest(FaultKind.Crash, FaultRequest.Backup),
        HotFailure.ActiveHangs => new FaultRequest(FaultKind.HangApp, FaultRequest.Primary) { Duration = s_hang },
        _ => throw new ArgumentOutOfRangeException(nameof(failure)),
    };

    /// <summary>Streams end some seconds after the failure, also if it took some until a replica was in step.</summary>
    private static string[] ArgumentsOf(HotTraffic traffic)
    {
        var bytes = (long)((s_settling + s_warmUp + (CalmTime * 2)).TotalSeconds * 1.15 * LinkGbit * 1e9 / 8);
        return traffic switch
        {
            HotTraffic.Echo => ["--connections", $"{Connections}", "--think-ms", $"{ThinkMs}", "--wait-stop"],
            HotTraffic.Download => ["--downloads", "1", "--stream-bytes", $"{bytes}"],
            HotTraffic.Upload => ["--uploads", "1", "--stream-bytes", $"{bytes}"],
            _ => throw new ArgumentOutOfRangeException(nameof(traffic)),
        };
    }
}
