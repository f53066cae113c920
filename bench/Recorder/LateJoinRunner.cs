using System.Globalization;
using Appliance.Bench.Labs;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Recorder;

/// <summary>Policy <c>full</c>: kills a node, lets it join again with a fresh server, and then kills the other one.</summary>
public static class LateJoinRunner
{
    private static readonly TimeSpan s_detection = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_stepTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_joinTime = TimeSpan.FromSeconds(60);

    /// <summary>Measures.</summary>
    public static async Task<LateJoinRun> RunAsync(int connections, int historyBytes, CancellationToken cancellation)
    {
        var options = new LabOptions { Name = "recorder-join", DetectionTimeout = s_detection };
        await using var lab = await BenchLab.UpAsync(options, "recorder: { policy: full }", cancellation);
        await lab.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        var empty = await MemoryAsync(lab, cancellation);
        using var crowd = await EchoCrowd.OpenAsync(lab, connections, cancellation);
        await RequireAsync(crowd, historyBytes, cancellation);
        await lab.Gateway.WaitAsync(view => view.Recorder.Protected == connections, s_stepTime, cancellation);
        var full = await MemoryAsync(lab, cancellation);
        await CrashAsync(lab, LabHost.Node1, cancellation);

        var healed = TimeProvider.System.GetTimestamp();
        await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.Heal, LabNames.Of(LabHost.Node1)), cancellation);
        await lab.StartServersAsync(cancellation, LabHost.Node1);
        await lab.Gateway.WaitAsync(view => view.Find(LabNames.Of(LabHost.Node1))?.Role == "replica", s_stepTime, cancellation);
        var joined = TimeProvider.System.GetTimestamp();
        var view = await lab.Gateway.WaitAsync(view => view.Recorder.Protected == connections, s_joinTime, cancellation);
        var isDone = view?.Recorder.Protected == connections;
        var (seconds, secondsFromStart) = (TimeProvider.System.GetElapsedTime(joined).TotalSeconds, TimeProvider.System.GetElapsedTime(healed).TotalSeconds);

        await CrashAsync(lab, LabHost.Node2, cancellation);
        return new LateJoinRun
        {
            Connections = connections,
            HistoryBytes = historyBytes,
            Seconds = isDone ? seconds : null,
            SecondsFromStart = isDone ? secondsFromStart : null,
            Protected = view?.Recorder.Protected ?? 0,
            Lost = await crowd.TalkAsync(100, cancellation),
            WindowBytes = view?.Recorder.MemoryUsed ?? 0,
            MemoryGrowth = full - empty,
        };
    }

    private static async Task RequireAsync(EchoCrowd crowd, int bytes, CancellationToken cancellation)
    {
        if (await crowd.TalkAsync(bytes, cancellation) is > 0 and var failures)
        {
            throw new LabException(LabFailure.NotReady, $"{failures} connections did not work before anything had happened to them.");
        }
    }

    private static async Task CrashAsync(BenchLab lab, LabHost active, CancellationToken cancellation)
    {
        var fault = await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.Crash, LabNames.Of(active)), cancellation);
        await lab.Gateway.WaitAsync(view => view.TakeoverAfter(fault.AtNs, LabNames.Of(LabNames.Peer(active))) is not null, s_stepTime, cancellation);
    }

    private static async Task<long> MemoryAsync(BenchLab lab, CancellationToken cancellation)
    {
        var status = await lab.Laboratory.StatusAsync(cancellation);
        var pid = status.Hosts.First(host => host.Host == LabHost.Gateway).Pid;
        return PrivateBytes(await File.ReadAllTextAsync($"/proc/{pid}/status", cancellation));
    }

    /// <summary>The memory of a process's own in the text of <c>/proc/PID/status</c>; maps that it shares with the kernel are not in it.</summary>
    private static long PrivateBytes(string status)
    {
        var line = status.Split('\n').First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
