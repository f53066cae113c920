using Appliance.Bench.Labs;
using Appliance.Lab;
using Appliance.Lab.Daemons;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Footprint;

/// <summary>Ends a program of the appliance in good order, starts it again as the lab does, and takes the time.</summary>
public sealed class StartupTimer(BenchLab lab)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(2);

    private readonly Dictionary<LabHost, ProcessStamp> _running = [];

    /// <summary>
    /// From spawning the program until it is ready, in milliseconds: the gateway answers its health probe; a node plays
    /// its role in the gateway's eyes, whose status is at most 50 ms old.
    /// </summary>
    public async Task<double> MeasureAsync(LabHost host, CancellationToken cancellation)
    {
        await EndAsync(host, cancellation);
        var command = new[]
        {
            DaemonProgram.Find(host, DaemonProgram.DefaultPrograms()), "--config", Path.Combine(lab.Laboratory.Directory, LabNames.Of(host) + ".yaml"),
        };
        var started = TimeProvider.System.GetTimestamp();
        using var process = lab.StartProgram(host, command, lab.Laboratory.LogFile(host));
        while (!await IsReadyAsync(host, cancellation))
        {
            if (process.HasExited || TimeProvider.System.GetElapsedTime(started) > s_limit)
            {
                throw new LabException(LabFailure.DaemonFailed, $"{DaemonProgram.NameFor(host)} did not become ready.{LogTail(host)}");
            }

            await Task.Delay(s_pollInterval, cancellation);
        }

        var took = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
        _running[host] = ProcessStamp.Of(process.Pid);
        await lab.Gateway.WaitAsync(view => view.Nodes.All(IsPlaying), s_limit, cancellation);
        await Task.Delay(s_settle, cancellation);
        return took;
    }

    private static bool IsPlaying(NodeFlows? node) => node?.Role is "active" or "replica";

    private string LogTail(LabHost host) => $" Last line of its log: {File.ReadLines(lab.Laboratory.LogFile(host)).LastOrDefault()}";

    private async Task<bool> IsReadyAsync(LabHost host, CancellationToken cancellation) => host == LabHost.Gateway
        ? await lab.Gateway.IsHealthyAsync(cancellation)
        : IsPlaying((await lab.Gateway.TryReadAsync(cancellation))?.Find(LabNames.Of(host)));

    private async Task EndAsync(LabHost host, CancellationToken cancellation)
    {
        var status = await lab.Laboratory.StatusAsync(cancellation);
        var process = _running.TryGetValue(host, out var again) ? again : ProcessStamp.Of(status.Hosts.First(entry => entry.Host == host).Pid ?? 0);
        process.Signal(UnixSignal.Terminate);
        await BenchLab.WaitAsync(() => !process.IsAlive(), $"{DaemonProgram.NameFor(host)} to end", cancellation);
        if (host != LabHost.Gateway)
        {
            await lab.Gateway.WaitAsync(view => view.Find(LabNames.Of(host))?.Role == "down", s_limit, cancellation);
        }
    }
}
