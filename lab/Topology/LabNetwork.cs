using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;

namespace Appliance.Lab.Topology;

/// <summary>Makes and removes the lab's network by handing the <see cref="TopologyPlan"/> to <c>ip</c>.</summary>
public sealed class LabNetwork(LabNames names)
{
    /// <summary>Makes everything and returns the index of the management link.</summary>
    public async Task<int> CreateAsync(CancellationToken cancellation)
    {
        await BatchAsync(null, TopologyPlan.Namespaces(names), cancellation);
        foreach (var host in LabNames.Hosts)
        {
            WriteSysctls(host);
        }

        await BatchAsync(null, TopologyPlan.Links(names), cancellation);
        var index = await AddManagementLinkAsync(cancellation);
        await BatchAsync(null, TopologyPlan.ManagementRoot(index), cancellation);
        await Task.WhenAll(LabNames.Hosts.Select(host => ConfigureAsync(host, index, cancellation)));
        return index;
    }

    /// <summary>Gives a node a fresh namespace, cable and addresses, as a reboot would. What ran there has to be dead.</summary>
    public async Task RebuildNodeAsync(LabHost node, int index, CancellationToken cancellation)
    {
        var switchNamespace = names.Namespace(LabHost.Switch);
        await CommandRunner.RunAsync(["ip", "-n", switchNamespace, "link", "del", LabNames.SwitchPort(node)], cancellation: cancellation);
        if (NetworkNamespace.Exists(names.Namespace(node)))
        {
            await BatchAsync(null, [$"netns del {names.Namespace(node)}"], cancellation);
        }

        await BatchAsync(null, [TopologyPlan.Namespace(names, node)], cancellation);
        WriteSysctls(node);
        await BatchAsync(null, [TopologyPlan.NodeLink(names, node)], cancellation);
        await ConfigureAsync(node, index, cancellation);
        await BatchAsync(switchNamespace, [TopologyPlan.SwitchPort(node)], cancellation);
    }

    /// <summary>Removes whatever of the network there is, also of a half-made one.</summary>
    /// <returns>Whether there was anything.</returns>
    public async Task<bool> DeleteAsync()
    {
        var existing = LabNames.Hosts.Select(names.Namespace).Where(NetworkNamespace.Exists).ToList();
        if (existing.Count == 0)
        {
            return false;
        }

        // The kernel tears namespaces down later; the root namespace's end of the management link shall go at once.
        var gateway = names.Namespace(LabHost.Gateway);
        await CommandRunner.RunAsync(["ip", "-n", gateway, "link", "del", "mgmt0"]);
        await BatchAsync(null, [.. existing.Select(name => $"netns del {name}")], CancellationToken.None);
        return true;
    }

    private void WriteSysctls(LabHost host) => NetworkNamespace.WriteSysctls(names.Namespace(host), SysctlPlan.For(host));

    private Task ConfigureAsync(LabHost host, int index, CancellationToken cancellation) =>
        BatchAsync(names.Namespace(host), TopologyPlan.Host(host, index), cancellation);

    /// <summary>The interface's name is the claim to the index: the kernel gives it to one lab only.</summary>
    private async Task<int> AddManagementLinkAsync(CancellationToken cancellation)
    {
        for (var index = 1; index <= LabAddresses.LastIndex; index++)
        {
            if (Directory.Exists($"/sys/class/net/{LabNames.ManagementPrefix}{index}"))
            {
                continue;
            }

            var result = await RunBatchAsync(null, [TopologyPlan.ManagementLink(names, index)], cancellation);
            if (result.ExitCode == 0)
            {
                return index;
            }

            if (!result.Error.Contains("File exists", StringComparison.Ordinal))
            {
                throw new LabException(LabFailure.CommandFailed, $"The management link cannot be made: {result.Error.Trim()}");
            }
        }

        throw new LabException(LabFailure.CommandFailed, "No management link is free: too many labs.");
    }

    private static async Task BatchAsync(string? namespaceName, IReadOnlyList<string> lines, CancellationToken cancellation)
    {
        var result = await RunBatchAsync(namespaceName, lines, cancellation);
        if (result.ExitCode != 0)
        {
            var place = namespaceName is null ? "" : $" in {namespaceName}";
            throw new LabException(LabFailure.CommandFailed, $"The network cannot be made{place}: {result.Error.Trim()}");
        }
    }

    private static Task<CommandResult> RunBatchAsync(string? namespaceName, IReadOnlyList<string> lines, CancellationToken cancellation)
    {
        string[] command = namespaceName is null ? ["ip", "-batch", "-"] : ["ip", "-n", namespaceName, "-batch", "-"];
        return CommandRunner.RunAsync(command, string.Join('\n', lines) + '\n', cancellation: cancellation);
    }
}
