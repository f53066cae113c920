using Appliance.Bench.Measure;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Bench.Compare;

/// <summary>Measures a product while nothing fails: streams, requests, round trips, CPU.</summary>
public sealed class SteadyMeter(BenchContext context)
{
    private const int Connections = 100;
    private const int ThinkMs = 50;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>What .NET compiles a second time while it runs is compiled then: what is compared goes on for months.</summary>
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(6);

    /// <summary>Measures, each thing for <paramref name="time"/>.</summary>
    public async Task<SteadyRun> RunAsync(int round, Product product, TimeSpan time, CancellationToken cancellation)
    {
        await using var lab = await ComparedLab.UpAsync(product, detection: null, cancellation);
        await StreamAsync(lab, "--uploads", progress => progress.UploadFraction, s_warmUp, cancellation);
        await EchoAsync(lab, 1, Pass(s_warmUp), cancellation);
        var down = await StreamAsync(lab, "--downloads", progress => progress.DownloadFraction, time, cancellation);
        var up = await StreamAsync(lab, "--uploads", progress => progress.UploadFraction, time, cancellation);
        var (busy, _) = await EchoAsync(lab, 1, Pass(time), cancellation);
        var (calm, cpu) = await EchoAsync(lab, ThinkMs, Pass(time), cancellation);
        var (paused, _) = await EchoAsync(lab, ThinkMs, token => PauseAsync(lab, time, token), cancellation);
        return new SteadyRun
        {
            Round = round,
            Product = product,
            DownGbit = down.GbitPerSecond,
            DownCpu = down.CpuPerGigabyte,
            UpGbit = up.GbitPerSecond,
            RequestsPerSecond = busy.Echoes / busy.Seconds,
            P50Us = calm.EchoRoundTrip.P50Us,
            P99Us = calm.EchoRoundTrip.P99Us,
            P999Us = calm.EchoRoundTrip.P999Us,
            PausedP999Us = paused.EchoRoundTrip.P999Us,
            GatewayCpu = cpu.Gateway,
            Node1Cpu = cpu.Node1,
            Node2Cpu = cpu.Node2,
            InterruptCpu = cpu.Interrupts,
            Lost = busy.Lost + calm.Lost + paused.Lost,
            BytesCorrupted = busy.BytesCorrupted + calm.BytesCorrupted + paused.BytesCorrupted,
        };
    }

    private static Func<CancellationToken, Task> Pass(TimeSpan time) => token => Task.Delay(time, token);

    private static async Task<StreamSpeed> StreamAsync(
        ComparedLab lab, string direction, Func<TrafficProgress, double> fraction, TimeSpan time, CancellationToken cancellation)
    {
        var client = await lab.ConnectAsync(1, cancellation, direction, "1", "--stream-bytes", $"{StreamSpeed.StreamBytes}");
        return await StreamSpeed.MeasureAsync(client, fraction, time, cancellation);
    }

    private static async Task<(TrafficReport Report, (double Gateway, double Node1, double Node2, double Interrupts) Cpu)> EchoAsync(
        ComparedLab lab, int thinkMs, Func<CancellationToken, Task> meanwhile, CancellationToken cancellation)
    {
        var client = await lab.ConnectAsync(Connections, cancellation, "--connections", $"{Connections}", "--think-ms", $"{thinkMs}", "--wait-stop");
        var started = TimeProvider.System.GetTimestamp();
        var before = CpuSnapshot.Take(lab.Lab.Laboratory);
        await meanwhile(cancellation);
        var after = CpuSnapshot.Take(lab.Lab.Laboratory);
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        var report = await client.StopAsync(cancellation);
        return (report, (
            after.SecondsSince(before, LabHost.Gateway, LabProgram.IsForwarder) / seconds,
            after.SecondsSince(before, LabHost.Node1, _ => true) / seconds,
            after.SecondsSince(before, LabHost.Node2, _ => true) / seconds,
            after.Machine.Since(before.Machine).InterruptSeconds / seconds));
    }

    /// <summary>Stops the first node's server for 20 ms at random moments, twice a second: a collector of garbage, a busy machine.</summary>
    private async Task PauseAsync(ComparedLab lab, TimeSpan time, CancellationToken cancellation)
    {
        var server = lab.ServerPid;
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < time)
        {
            await Task.Delay(context.RandomTime(200, 760), cancellation);
            ProcessTable.Signal(server, UnixSignal.Stop);
            try
            {
                await Task.Delay(s_pause, cancellation);
            }
            finally
            {
                ProcessTable.Signal(server, UnixSignal.Continue);
            }
        }
    }
}
