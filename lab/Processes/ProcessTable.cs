using System.Globalization;
using Appliance.Lab.Namespaces;

namespace Appliance.Lab.Processes;

/// <summary>The processes of the system, as <c>/proc</c> shows them, and signals to them.</summary>
public static class ProcessTable
{
    /// <summary>Living processes whose network namespace has this identity; this process itself is left out.</summary>
    public static IReadOnlyList<ProcessEntry> InNamespace(string? identity)
    {
        if (identity is null)
        {
            return [];
        }

        var found = new List<ProcessEntry>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && pid != Environment.ProcessId
                && string.Equals(LinkTarget($"{directory}/ns/net"), identity, StringComparison.Ordinal)
                && TryGet(pid) is { } entry)
            {
                found.Add(entry);
            }
        }

        return found;
    }

    /// <summary>The process with this id, or null when there is none or only a zombie is left of it.</summary>
    public static ProcessEntry? TryGet(int pid)
    {
        try
        {
            return ProcessEntry.TryParse(File.ReadAllText($"/proc/{pid}/stat"), out var entry) && entry.State is not ('Z' or 'X')
                ? entry
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Sends a signal; a process that is gone already is no error.</summary>
    public static void Signal(int pid, UnixSignal signal) => _ = NativeMethods.Kill(pid, (int)signal);

    /// <summary>Kills everything in a namespace, also what is born meanwhile.</summary>
    /// <returns>The ids of what was killed.</returns>
    public static IReadOnlyList<int> KillAll(string? identity)
    {
        const int Rounds = 100;
        var killed = new HashSet<int>();
        for (var round = 0; round < Rounds && InNamespace(identity) is { Count: > 0 } left; round++)
        {
            foreach (var process in left)
            {
                Signal(process.Pid, UnixSignal.Kill);
                killed.Add(process.Pid);
            }

            // A killed process shows until its exit has run; it is no use to kill it again at once.
            Thread.Sleep(1);
        }

        return [.. killed.Order()];
    }

    /// <summary>The inode numbers of the sockets that a process holds.</summary>
    public static IReadOnlySet<long> SocketInodes(int pid)
    {
        const string Prefix = "socket:[";
        var inodes = new HashSet<long>();
        try
        {
            foreach (var descriptor in Directory.EnumerateFiles($"/proc/{pid}/fd"))
            {
                if (LinkTarget(descriptor) is { } target
                    && target.StartsWith(Prefix, StringComparison.Ordinal)
                    && long.TryParse(target.AsSpan()[Prefix.Length..^1], out var inode))
                {
                    inodes.Add(inode);
                }
            }
        }
        catch (IOException)
        {
            // The process ended meanwhile.
        }

        return inodes;
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
