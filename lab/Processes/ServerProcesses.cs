using Appliance.Lab.Namespaces;

namespace Appliance.Lab.Processes;

/// <summary>Which processes of a node are its server: what listens, with everything it started and was started by.</summary>
public static class ServerProcesses
{
    // A shell between the lab and the server belongs to the user who typed there.
    private static readonly HashSet<string> Shells = new(StringComparer.Ordinal) { "sh", "bash", "dash", "zsh", "fish", "ash" };

    /// <summary>Finds the server processes in a namespace.</summary>
    /// <param name="namespaceName">The node's namespace.</param>
    /// <param name="excluded">Ids of processes that are no server: the node's agent.</param>
    public static IReadOnlyList<int> Find(string namespaceName, IReadOnlySet<int> excluded)
    {
        var listening = ListeningSockets.In(namespaceName);
        var processes = ProcessTable.InNamespace(NetworkNamespace.TryGetIdentity(namespaceName));
        var owners = processes
            .Where(process => !excluded.Contains(process.Pid) && ProcessTable.SocketInodes(process.Pid).Overlaps(listening))
            .Select(process => process.Pid)
            .ToHashSet();
        return Select(processes, owners, excluded);
    }

    /// <summary>
    /// Widens the owners of listening sockets to their descendants and their ancestors in the namespace, without
    /// <paramref name="excluded"/> and without shells above them.
    /// </summary>
    public static IReadOnlyList<int> Select(
        IReadOnlyList<ProcessEntry> processes,
        IReadOnlySet<int> owners,
        IReadOnlySet<int> excluded)
    {
        var byPid = processes.ToDictionary(process => process.Pid);
        var selected = new HashSet<int>(owners);
        foreach (var owner in owners)
        {
            for (var parent = ParentOf(owner); parent is not null && Belongs(parent); parent = ParentOf(parent.Pid))
            {
                selected.Add(parent.Pid);
            }
        }

        // Descendants of ancestors too: a supervisor's other workers are part of the same server.
        while (processes.Any(process => selected.Contains(process.ParentPid) && !excluded.Contains(process.Pid) && selected.Add(process.Pid)))
        {
        }

        selected.ExceptWith(excluded);
        return [.. selected.Order()];

        ProcessEntry? ParentOf(int pid) => byPid.TryGetValue(byPid[pid].ParentPid, out var parent) ? parent : null;

        bool Belongs(ProcessEntry process) => !excluded.Contains(process.Pid) && !Shells.Contains(process.Command);
    }
}
