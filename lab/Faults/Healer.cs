using Appliance.Lab.Daemons;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.State;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Faults;

/// <summary>Undoes faults. It goes by what is broken as much as by what was recorded, so it can be repeated.</summary>
public sealed class Healer(LabNames names, StateStore store, LinkControl links)
{
    private static readonly TimeSpan s_dying = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(5);

    private readonly LabNetwork _network = new(names);
    private readonly DaemonSupervisor _daemons = new(names, store);

    /// <summary>Heals hosts: programs run, cables are plugged in, stopped servers go on. Servers are not restarted.</summary>
    /// <param name="hosts">Gateway and nodes to heal.</param>
    /// <param name="cancellation">Ends the wait for programs of the system.</param>
    public async Task<FaultRecord> HealAsync(IReadOnlyList<LabHost> hosts, CancellationToken cancellation)
    {
        var before = Monotonic.NowNs;
        foreach (var host in hosts)
        {
            var faults = store.Load().Faults.Where(fault => fault.Active && fault.Target == host).ToList();
            if (host != LabHost.Gateway)
            {
                await HealNodeAsync(host, faults, cancellation);
            }

            await RestartAsync(host, cancellation);
            await store.UpdateAsync(
                state => state with { Faults = [.. state.Faults.Select(fault => fault.Target == host ? fault with { Active = false } : fault)] },
                cancellation);
        }

        return new FaultRecord(FaultKind.Heal, hosts is [var only] ? only : null, before, Monotonic.NowNs);
    }

    private async Task HealNodeAsync(LabHost node, List<FaultRecord> faults, CancellationToken cancellation)
    {
        foreach (var hang in faults.Where(fault => fault.Fault == FaultKind.HangApp))
        {
            Resume(node, hang);
        }

        if (faults.Exists(fault => fault.Fault == FaultKind.TapLoss))
        {
            await TapLossRules.LoadAsync(names, node, 0, cancellation);
        }

        var crashed = faults.Exists(fault => fault.Fault == FaultKind.Crash);
        if (crashed || !NetworkNamespace.Exists(names.Namespace(node)))
        {
            ProcessTable.KillAll(NetworkNamespace.TryGetIdentity(names.Namespace(node)));
            await _network.RebuildNodeAsync(node, store.Load().Index, cancellation);
        }
        else
        {
            links.Set(LabNames.SwitchPort(node), up: true);
        }
    }

    private void Resume(LabHost node, FaultRecord hang)
    {
        hang.Timer?.SignalGroup(UnixSignal.Kill);
        var living = ProcessTable.InNamespace(NetworkNamespace.TryGetIdentity(names.Namespace(node)));
        foreach (var process in living.Where(process => hang.Pids.Contains(process.Pid)))
        {
            ProcessTable.Signal(process.Pid, UnixSignal.Continue);
        }
    }

    private async Task RestartAsync(LabHost host, CancellationToken cancellation)
    {
        var state = store.Load();
        var wasKilled = state.Faults.Any(fault => fault is { Active: true, Fault: FaultKind.Crash } && fault.Target == host);
        var started = TimeProvider.System.GetTimestamp();
        bool running;
        while ((running = state.Daemons.Any(daemon => daemon.Host == host && daemon.Process.IsAlive()))
            && wasKilled && TimeProvider.System.GetElapsedTime(started) < s_dying)
        {
            await Task.Delay(s_look, cancellation); // SIGKILL takes its time where there is much memory to give back
        }

        if (state.WithDaemons && !running)
        {
            await _daemons.StartAsync(host, state.Programs ?? DaemonProgram.DefaultPrograms(), cancellation);
        }
    }
}
