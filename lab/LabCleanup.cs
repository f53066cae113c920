using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.State;
using Appliance.Lab.Topology;

namespace Appliance.Lab;

/// <summary>
/// Removes a lab, whatever is left of it: the state file may be missing or damaged, the network half made. What belongs
/// to the lab is found by the names of its namespaces.
/// </summary>
internal sealed class LabCleanup(LabNames names)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    private readonly LabPaths _paths = new(names.Name);

    /// <summary>Ends the processes, agents first, and removes network and files.</summary>
    /// <returns>Whether there was anything to remove.</returns>
    public async Task<bool> RunAsync()
    {
        var state = TryLoadState();
        foreach (var fault in state?.Faults ?? [])
        {
            fault.Timer?.SignalGroup(UnixSignal.Kill);
        }

        await EndAgentsAsync(state?.Daemons ?? []);
        await EndEverythingAsync();
        var found = await new LabNetwork(names).DeleteAsync();
        if (Directory.Exists(_paths.Directory))
        {
            Directory.Delete(_paths.Directory, recursive: true);
            found = true;
        }

        return found;
    }

    private LabState? TryLoadState()
    {
        try
        {
            return new StateStore(_paths).TryLoad();
        }
        catch (LabException)
        {
            return null;
        }
    }

    /// <summary>The agents get the chance to take their programs out of the kernel while the network still stands.</summary>
    private static async Task EndAgentsAsync(IReadOnlyList<DaemonRecord> daemons)
    {
        foreach (var daemon in daemons)
        {
            daemon.Process.Signal(UnixSignal.Terminate);
            daemon.Process.Signal(UnixSignal.Continue);
        }

        await WaitUntilAsync(() => !daemons.Any(daemon => daemon.Process.IsAlive()));
    }

    private async Task EndEverythingAsync()
    {
        var identities = LabNames.Hosts
            .Select(host => NetworkNamespace.TryGetIdentity(names.Namespace(host)))
            .OfType<string>()
            .ToList();
        foreach (var process in Living())
        {
            ProcessTable.Signal(process.Pid, UnixSignal.Terminate);
            ProcessTable.Signal(process.Pid, UnixSignal.Continue);
        }

        await WaitUntilAsync(() => !Living().Any());
        foreach (var identity in identities)
        {
            ProcessTable.KillAll(identity);
        }

        IEnumerable<ProcessEntry> Living() => identities.SelectMany(ProcessTable.InNamespace);
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition() && TimeProvider.System.GetElapsedTime(started) < Grace)
        {
            await Task.Delay(PollInterval);
        }
    }
}
