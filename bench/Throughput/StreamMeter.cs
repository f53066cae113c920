using Appliance.Bench.Forwarding;
using Appliance.Bench.Labs;
using Appliance.Bench.Measure;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Bench.Throughput;

/// <summary>Measures one stream in the middle of its life: bytes and CPU time between two reports of the client.</summary>
public sealed class StreamMeter(PathSet paths)
{
    /// <summary>Longer than any stream can get in the time.</summary>
    private const long StreamBytes = 1_000_000_000_000;

    private const double Gigabyte = 1e9;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(300);

    /// <summary>Measures.</summary>
    public async Task<ThroughputRun> RunAsync(int round, ForwardingPath path, StreamDirection direction, TimeSpan time, CancellationToken cancellation)
    {
        var lab = paths.Lab(path);
        string[] kind = direction == StreamDirection.Down ? ["--downloads", "1"] : ["--uploads", "1"];
        var client = lab.StartClient(PathSet.Target(path), [.. kind, "--stream-bytes", $"{StreamBytes}"]);
        await client.Connected.WaitAsync(cancellation);
        await Task.Delay(s_warmUp, cancellation);

        var first = await client.NextProgressAsync(cancellation);
        var before = CpuSnapshot.Take(lab.Laboratory);
        var watch = new StepWatch(lab.Gateway);
        await (path == ForwardingPath.Appliance ? watch.WatchAsync(time, cancellation) : Task.Delay(time, cancellation));
        var last = await client.NextProgressAsync(cancellation);
        var after = CpuSnapshot.Take(lab.Laboratory);
        await client.AbortAsync();
        await Task.Delay(s_rest, cancellation);

        var bytes = Transferred(last, direction) - Transferred(first, direction);
        var machine = after.Machine.Since(before.Machine);
        return new ThroughputRun
        {
            Round = round,
            Path = path,
            Direction = direction,
            GbitPerSecond = bytes * 8 / 1e9 / (last.Seconds - first.Seconds),
            ServerCpu = PerGigabyte(after.SecondsSince(before, LabHost.Node1, LabProgram.IsTraffic)),
            PrimaryAgentCpu = PerGigabyte(after.SecondsSince(before, LabHost.Node1, LabProgram.IsAppliance)),
            BackupCpu = PerGigabyte(after.SecondsSince(before, LabHost.Node2, _ => true)),
            ForwarderCpu = path == ForwardingPath.Plain ? 0 : PerGigabyte(after.SecondsSince(before, LabHost.Gateway, LabProgram.IsForwarder)),
            ClientCpu = PerGigabyte(after.SecondsSince(before, LabHost.Client, LabProgram.IsTraffic)),
            InterruptCpu = PerGigabyte(machine.InterruptSeconds),
            SystemCpu = PerGigabyte(machine.SystemSeconds),
            BusyCpu = PerGigabyte(machine.BusySeconds),
            Steal = machine.StealTicks / Math.Max(1, machine.BusySeconds * ProcessCpu.TicksPerSecond + machine.IdleTicks + machine.StealTicks),
            Looks = watch.Looks,
            LooksWithReplica = watch.WithReplica,
            LooksInStep = watch.InStep,
            Diverged = watch.Diverged,
        };

        double PerGigabyte(double seconds) => bytes > 0 ? seconds / (bytes / Gigabyte) : double.NaN;
    }

    private static double Transferred(TrafficProgress progress, StreamDirection direction) =>
        StreamBytes * (direction == StreamDirection.Down ? progress.DownloadFraction : progress.UploadFraction);
}
