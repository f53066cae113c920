using Appliance.Bench.Labs;
using Appliance.Bench.Measure;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Recorder;

/// <summary>Measures one upload in the middle of its life, in a lab with the appliance or one without.</summary>
public sealed class ForwardMeter(BenchLab plain, BenchLab appliance)
{
    /// <summary>Longer than any upload can get in the time.</summary>
    private const long StreamBytes = 1_000_000_000_000;

    private const double Million = 1e6;
    private const double Gigabyte = 1e9;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(300);

    /// <summary>Measures.</summary>
    public async Task<ForwardRun> RunAsync(int round, RecorderPath path, double? linkGbit, TimeSpan time, CancellationToken cancellation)
    {
        var lab = path == RecorderPath.Recorder ? appliance : plain;
        await ClientLink.LimitUploadAsync(lab, linkGbit, cancellation);
        using var dump = path == RecorderPath.Tcpdump ? await PacketDump.StartAsync(lab, cancellation) : null;
        var client = lab.StartClient(LabAddresses.Vip4, "--uploads", "1", "--stream-bytes", $"{StreamBytes}");
        await client.Connected.WaitAsync(cancellation);
        await Task.Delay(s_warmUp, cancellation);

        var recorderBefore = await RecorderAsync(path, cancellation);
        var cpuBefore = CpuSnapshot.Take(lab.Laboratory);
        var first = await client.NextProgressAsync(cancellation);
        await Task.Delay(time, cancellation);
        var last = await client.NextProgressAsync(cancellation);
        var cpuAfter = CpuSnapshot.Take(lab.Laboratory);
        var recorderAfter = await RecorderAsync(path, cancellation);
        await client.AbortAsync();
        var dumped = dump is null ? default : await dump.StopAsync();
        await Task.Delay(s_rest, cancellation);

        var seconds = last.Seconds - first.Seconds;
        var bytes = StreamBytes * (last.UploadFraction - first.UploadFraction);
        var run = new ForwardRun { Round = round, Path = path, LinkGbit = linkGbit, GbitPerSecond = bytes * 8 / Gigabyte / seconds };
        var segments = recorderAfter.Recorded - recorderBefore.Recorded;
        return path switch
        {
            RecorderPath.Recorder => run with
            {
                SegmentsPerSecond = segments / seconds,
                SegmentBytes = bytes / Math.Max(1, segments),
                PassedOver = (recorderAfter.PassedOver - recorderBefore.PassedOver) / Math.Max(1.0, recorderAfter.Records - recorderBefore.Records),
                Missed = recorderAfter.DroppedUnrecorded - recorderBefore.DroppedUnrecorded,
                CpuPerMillion = Cpu(LabProgram.IsAppliance) / Math.Max(1, segments) * Million,
                CpuPerGigabyte = Cpu(LabProgram.IsAppliance) / (bytes / Gigabyte),
            },
            RecorderPath.Tcpdump => run with
            {
                // It counts from its start to its end; the rest is for the time measured.
                SegmentsPerSecond = dumped.Captured / last.Seconds,
                SegmentBytes = StreamBytes * last.UploadFraction / Math.Max(1, dumped.Captured + dumped.Dropped),
                Missed = dumped.Dropped,
                CpuPerMillion = Cpu(PacketDump.IsIt) / Math.Max(1, dumped.Captured * seconds / last.Seconds) * Million,
                CpuPerGigabyte = Cpu(PacketDump.IsIt) / (bytes / Gigabyte),
            },
            _ => run,
        };

        double Cpu(Func<string, bool> program) => cpuAfter.SecondsSince(cpuBefore, LabHost.Gateway, program);
    }

    private async Task<RecorderView> RecorderAsync(RecorderPath path, CancellationToken cancellation) =>
        path == RecorderPath.Recorder ? (await appliance.Gateway.ReadAsync(cancellation)).Recorder : RecorderView.Nothing;
}
