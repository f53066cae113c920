using Appliance.Lab.Processes;
using Appliance.Lab.State;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Daemons;

/// <summary>Starts the appliance's programs in their namespaces and watches them become ready.</summary>
public sealed class DaemonSupervisor(LabNames names, StateStore store)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Starts a host's program, detached, and records it.</summary>
    public async Task StartAsync(LabHost host, string programs, CancellationToken cancellation)
    {
        var program = DaemonProgram.Find(host, programs);
        string[] command = ["ip", "netns", "exec", names.Namespace(host), program, "--config", store.Paths.Configuration(host)];
        if (store.Load().Daemons.Any(daemon => daemon.Host == host))
        {
            // A killed predecessor left its hooks, on purpose: they kept forwarding and fencing. Its successor takes their place.
            command = [.. command, "--replace-hooks"];
        }

        using var process = LabProcess.Start(command, store.Paths.Log(host));
        var record = new DaemonRecord(host, DaemonProgram.NameFor(host), ProcessStamp.Of(process.Pid));
        await store.UpdateAsync(
            state => state with { Daemons = [.. state.Daemons.Where(daemon => daemon.Host != host), record] },
            cancellation);
    }

    /// <summary>Waits until the gateway says that both nodes hold their roles.</summary>
    /// <exception cref="LabException">A program ended, or the time is up; the message holds the tail of the logs.</exception>
    public async Task WaitReadyAsync(GatewayClient gateway, TimeSpan timeout, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await gateway.IsReadyAsync(cancellation))
        {
            if (store.Load().Daemons.FirstOrDefault(daemon => !daemon.Process.IsAlive()) is { } dead)
            {
                throw new LabException(
                    LabFailure.DaemonFailed,
                    $"{dead.Program} on {LabNames.Of(dead.Host)} ended while it started.{LogTail.Of(store.Paths, dead.Host)}");
            }

            if (TimeProvider.System.GetElapsedTime(started) > timeout)
            {
                var logs = string.Concat(DaemonProgram.Hosts.Select(host => LogTail.Of(store.Paths, host)));
                throw new LabException(LabFailure.NotReady, $"The appliance was not ready after {timeout.TotalSeconds:0.#} s.{logs}");
            }

            await Task.Delay(PollInterval, cancellation);
        }
    }
}
