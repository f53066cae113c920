using Appliance.Bench.Labs;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Bench.Recorder;

/// <summary>Loses copies under echo connections and an upload, and kills the primary at a random moment.</summary>
public sealed class LossRunner(BenchContext context)
{
    private const int EchoConnections = 200;
    private const long UploadBytes = 1_000_000_000;

    /// <summary>Survival is measured here, not detection: nothing that happens on a busy machine shall look like a death.</summary>
    private static readonly TimeSpan s_detection = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan s_stepTime = TimeSpan.FromSeconds(10);

    /// <summary>Makes one crash in a lab of its own.</summary>
    public async Task<LossRun> RunAsync(double lossPercent, CancellationToken cancellation)
    {
        var options = new LabOptions { Name = "recorder-loss", DetectionTimeout = s_detection };
        await using var lab = await BenchLab.UpAsync(options, configuration: null, cancellation);
        await lab.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        await LoseAsync(lab, lossPercent, cancellation);
        var client = lab.StartClient(
            LabAddresses.Vip4,
            "--connections", $"{EchoConnections}", "--uploads", "1", "--stream-bytes", $"{UploadBytes}", "--wait-stop");
        await client.Connected.WaitAsync(cancellation);
        var fraction = await ReachAsync(client, cancellation);
        var before = await lab.Gateway.ReadAsync(cancellation);
        var fault = await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.Crash, FaultRequest.Primary), cancellation);

        // From the takeover on the fault would hit what clients send to the service, not copies of it.
        await lab.Gateway.WaitAsync(view => view.Events.Any(change => change.DecidedNs >= fault.AtNs), s_stepTime, cancellation);
        await LoseAsync(lab, 0, cancellation);
        var report = await FinishAsync(client, cancellation);
        var run = new LossRun
        {
            LossPercent = lossPercent,
            Connections = report.Connections,
            Lost = report.Lost,
            BytesCorrupted = report.BytesCorrupted,
            BytesVerified = report.BytesVerified,
            WorstGapMs = report.MaxGapMs,
            WorstGapAtMs = (report.MaxGapAtNs - fault.AtNs) / 1e6,
            FractionAtCrash = fraction,
            UploadGbit = report.Streams is [var stream] ? stream.GbitPerSecond : null,
            RepairedBytes = before.Recorder.RepairedBytes,
            Repairs = before.Recorder.Repairs,
            RepairP50Ms = before.Recorder.Repairs > 0 ? before.Recorder.RepairP50Ms : null,
            RepairP99Ms = before.Recorder.Repairs > 0 ? before.Recorder.RepairP99Ms : null,
            FalseAlarms = before.FalseAlarmsBefore(fault.AtNs),
            Errors = report.Errors,
        };
        if (run.Lost > 0 || run.BytesCorrupted > 0)
        {
            context.KeepLogs(lab, $"tap loss {lossPercent} %: {run.Lost} lost, {run.BytesCorrupted} bytes wrong", report.Errors);
        }

        return run;
    }

    /// <summary>Waits until a random share of the upload is done.</summary>
    private async Task<double> ReachAsync(TrafficClientProcess client, CancellationToken cancellation)
    {
        var share = context.RandomBetween(0.05, 0.6);
        TrafficProgress progress;
        do
        {
            progress = await client.NextProgressAsync(cancellation);
        }
        while (progress.UploadFraction < share && progress.StreamsRunning > 0);
        await Task.Delay(context.RandomTime(0, 100), cancellation);
        return progress.UploadFraction;
    }

    /// <summary>Lets the upload complete and every echo connection have its turn.</summary>
    private static async Task<TrafficReport> FinishAsync(TrafficClientProcess client, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while ((await client.NextProgressAsync(cancellation)).StreamsRunning > 0 && TimeProvider.System.GetElapsedTime(started) < 3 * s_stepTime)
        {
        }

        await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        return await client.StopAsync(cancellation);
    }

    private static Task<FaultRecord> LoseAsync(BenchLab lab, double percent, CancellationToken cancellation) =>
        lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.TapLoss, FaultRequest.Backup) { BasisPoints = (int)(percent * 100) }, cancellation);
}
