using Appliance.Lab.Daemons;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.State;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Status;

/// <summary>Puts together what the lab, the kernel and the gateway know.</summary>
internal static class StatusReader
{
    /// <summary>Reads the status of a lab.</summary>
    /// <param name="names">The lab's names.</param>
    /// <param name="paths">Its files.</param>
    /// <param name="state">What it remembers.</param>
    /// <param name="gateway">The gateway's answer, if it gave one.</param>
    public static LabStatus Read(LabNames names, LabPaths paths, LabState state, GatewayStatus? gateway)
    {
        var primary = NodeRoles.Primary(gateway?.Roles, state.LastRoles);
        var now = Monotonic.NowNs;
        return new LabStatus
        {
            Name = state.Name,
            Phase = state.Phase,
            Directory = paths.Directory,
            ApiUrl = state is { WithDaemons: true, Index: > 0 } ? LabAddresses.ApiUrl(state.Index) : null,
            Primary = primary,
            Backup = LabNames.Peer(primary),
            Roles = gateway?.Roles ?? state.LastRoles,
            Ready = gateway?.Ready,
            Hosts = [.. LabNames.Hosts.Select(host => ReadHost(names, state, host))],
            Faults = [.. state.Faults.Where(fault => fault.IsActiveAt(now))],
            Gateway = gateway?.Raw,
        };
    }

    private static HostStatus ReadHost(LabNames names, LabState state, LabHost host)
    {
        var identity = NetworkNamespace.TryGetIdentity(names.Namespace(host));
        var daemon = state.Daemons.FirstOrDefault(candidate => candidate.Host == host);
        return new HostStatus(
            host,
            names.Namespace(host),
            identity is not null,
            host is LabHost.Client or LabHost.Switch ? null : IsPluggedIn(names, host),
            daemon?.Program,
            daemon?.Process.Pid,
            daemon?.Process.IsAlive(),
            ProcessTable.InNamespace(identity).Count);
    }

    private static bool IsPluggedIn(LabNames names, LabHost host)
    {
        if (NetworkNamespace.TryGetIdentity(names.Namespace(LabHost.Switch)) is null)
        {
            return false;
        }

        using var links = LinkControl.Open(names.Namespace(LabHost.Switch));
        return links.IsUp(LabNames.SwitchPort(host));
    }
}
