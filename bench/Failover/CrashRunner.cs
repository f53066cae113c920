using Appliance.Bench.Labs;
using Appliance.Bench.Measure;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Bench.Failover;

/// <summary>Makes one crash in a lab of its own, which is quicker and says more than mending one.</summary>
public sealed class CrashRunner(BenchContext context)
{
    private static readonly string s_backup = LabNames.Of(LabHost.Node2);
    private const string SlowConfiguration = "heartbeat: { lease: 30s }";
    private static readonly TimeSpan s_slowTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_stepTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_eventTime = TimeSpan.FromSeconds(2);

    /// <summary>Makes it.</summary>
    public async Task<CrashRun> RunAsync(CrashScenario scenario, CancellationToken cancellation)
    {
        var options = new LabOptions
        {
            Name = "failover", Heartbeat = scenario.Heartbeat, Output = context.Options.Output,
            DetectionTimeout = context.Options.DetectionTimeout ?? scenario.MostMissed * scenario.Heartbeat,
        };
        await using var lab = await BenchLab.UpAsync(options, scenario.IsSlow ? SlowConfiguration : null, cancellation);
        await lab.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        var started = TimeProvider.System.GetTimestamp();
        var idle = CpuSnapshot.Take(lab.Laboratory);
        var client = lab.StartClient(LabAddresses.Vip4, scenario.Arguments);
        await client.Connected.WaitAsync(cancellation);

        var (inStep, fraction) = scenario.Echo > 0
            ? (await SettleAsync(lab, scenario, cancellation), (double?)null)
            : await ReachAsync(lab, client, cancellation);
        var atCrash = CpuSnapshot.Take(lab.Laboratory);
        await client.ForgetGapsAsync(cancellation);
        var faultNs = await FailAsync(lab, scenario, cancellation);

        if (scenario.IsSlow)
        {
            await lab.Gateway.WaitAsync(status => status.TakeoverAfter(faultNs, s_backup) is { FirstSegmentNs: > 0 }, s_slowTime, cancellation);
        }

        var report = await FinishAsync(client, scenario, cancellation);
        var view = scenario.IsControl ? null : await lab.Gateway.WaitAsync(
            status => status.TakeoverAfter(faultNs, s_backup) is { FirstSegmentNs: > 0, ReceivedNs: > 0 }, s_eventTime, cancellation);
        var end = CpuSnapshot.Take(lab.Laboratory);
        var takeover = view?.TakeoverAfter(faultNs, s_backup);
        var run = new CrashRun
        {
            Connections = report.Connections,
            Lost = report.Lost,
            BytesCorrupted = report.BytesCorrupted,
            BytesVerified = report.BytesVerified,
            WorstGapMs = report.MaxGapMs,
            WorstGapAtMs = (report.MaxGapAtNs - faultNs) / 1e6,
            MedianGapMs = report.MedianGapMs,
            DetectionMs = takeover?.DetectionMs(faultNs),
            TakeoverMs = takeover?.TakeoverMs,
            InStep = inStep,
            FalseAlarms = view?.FalseAlarmsBefore(faultNs) ?? 0,
            GatewayCpu = end.SecondsSince(idle, LabHost.Gateway, LabProgram.IsAppliance),
            PrimaryCpu = atCrash.SecondsSince(idle, LabHost.Node1, LabProgram.IsAppliance),
            BackupCpu = end.SecondsSince(idle, LabHost.Node2, LabProgram.IsAppliance),
            Seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds,
            GbitPerSecond = report.Streams is [var stream] ? stream.GbitPerSecond : null,
            FractionAtCrash = fraction,
            Errors = report.Errors,
        };
        if (run.Lost > 0 || run.BytesCorrupted > 0)
        {
            context.KeepLogs(lab, $"{scenario.Name}: {run.Lost} lost, {run.BytesCorrupted} bytes corrupted", report.Errors);
        }

        return run;
    }

    /// <summary>Makes the failure; returns its instant, CLOCK_MONOTONIC nanoseconds.</summary>
    private static async Task<long> FailAsync(BenchLab lab, CrashScenario scenario, CancellationToken cancellation)
    {
        if (scenario.Fault is { } kind)
        {
            return (await lab.Laboratory.FaultAsync(new FaultRequest(kind, LabNames.Of(LabHost.Node1)), cancellation)).AtNs;
        }

        var orderedNs = Monotonic.NowNs;
        if (scenario.IsControl)
        {
            return orderedNs;
        }

        await lab.Gateway.SwitchOverAsync(cancellation);
        return orderedNs;
    }

    /// <summary>Waits until all replicas are in step, and then for a random moment.</summary>
    private async Task<int> SettleAsync(BenchLab lab, CrashScenario scenario, CancellationToken cancellation)
    {
        var view = await lab.Gateway.WaitAsync(status => InStep(status) >= scenario.Connections, s_stepTime, cancellation);
        await Task.Delay(context.RandomTime(200, 1200), cancellation);
        return InStep(view);
    }

    /// <summary>Waits until a random share of the stream is done.</summary>
    private async Task<(int InStep, double? Fraction)> ReachAsync(BenchLab lab, TrafficClientProcess client, CancellationToken cancellation)
    {
        var share = context.RandomBetween(0.25, 0.6);
        TrafficProgress progress;
        do
        {
            progress = await client.NextProgressAsync(cancellation);
        }
        while (Math.Min(progress.DownloadFraction, progress.UploadFraction) < share && progress.StreamsRunning > 0);
        var view = await lab.Gateway.TryReadAsync(cancellation);
        await Task.Delay(context.RandomTime(0, 100), cancellation);
        return (InStep(view), Math.Min(progress.DownloadFraction, progress.UploadFraction));
    }

    private static async Task<TrafficReport> FinishAsync(TrafficClientProcess client, CrashScenario scenario, CancellationToken cancellation)
    {
        if (scenario.Echo == 0)
        {
            return await client.Report.WaitAsync(cancellation);
        }

        // Every connection has its turn after the takeover.
        await Task.Delay(TimeSpan.FromMilliseconds(1000 + (1.5 * scenario.RoundMs)), cancellation);
        return await client.StopAsync(cancellation);
    }

    private static int InStep(GatewayView? view) => view?.Find(s_backup)?.InStep ?? 0;
}
