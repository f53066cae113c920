using Appliance.Bench.Labs;
using Appliance.Bench.Measure;
using Appliance.Lab;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Recorder;

/// <summary>Measures what goes to the store, and what is kept in memory, under a steady load.</summary>
public static class StoreMeter
{
    private const int EchoConnections = 200;
    private const int Flows = EchoConnections + 1;

    // With policy full everything is kept: a rate that memory can bear for the time.
    private const int UploadRate = 10_000_000;

    private static readonly TimeSpan s_detection = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_stepTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Measures one policy in a lab of its own.</summary>
    public static async Task<StoreRun> RunAsync(string policy, TimeSpan time, CancellationToken cancellation)
    {
        var options = new LabOptions { Name = "recorder-store", DetectionTimeout = s_detection };
        await using var lab = await BenchLab.UpAsync(options, $"recorder: {{ policy: {policy} }}", cancellation);
        await lab.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        var client = lab.StartClient(
            LabAddresses.Vip4,
            "--connections", $"{EchoConnections}", "--uploads", "1", "--stream-bytes", "1000000000", "--stream-rate", $"{UploadRate}", "--wait-stop");
        await client.Connected.WaitAsync(cancellation);
        await lab.Gateway.WaitAsync(view => view.Recorder.Protected == Flows, s_stepTime, cancellation);
        await Task.Delay(s_warmUp, cancellation);

        var before = (await lab.Gateway.ReadAsync(cancellation)).Recorder;
        var cpuBefore = CpuSnapshot.Take(lab.Laboratory);
        var started = TimeProvider.System.GetTimestamp();
        var memory = new List<long>();
        while (TimeProvider.System.GetElapsedTime(started) < time)
        {
            await Task.Delay(s_interval, cancellation);
            memory.Add((await lab.Gateway.ReadAsync(cancellation)).Recorder.MemoryUsed);
        }

        var after = (await lab.Gateway.ReadAsync(cancellation)).Recorder;
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        var cpu = CpuSnapshot.Take(lab.Laboratory).SecondsSince(cpuBefore, LabHost.Gateway, LabProgram.IsAppliance);
        await client.AbortAsync();
        return new StoreRun
        {
            Policy = policy,
            Flows = Flows,
            SegmentsPerSecond = (after.Recorded - before.Recorded) / seconds,
            BytesPerSecond = (after.Bytes - before.Bytes) / seconds,
            StoreOperationsPerSecond = after.StoreState is null ? null : (after.StoreOperations - before.StoreOperations) / seconds,
            StoreBytesPerSecond = after.StoreState is null ? null : (after.StoreBytes - before.StoreBytes) / seconds,
            WindowBytes = memory.Average(),
            Cpu = cpu / seconds,
        };
    }
}
