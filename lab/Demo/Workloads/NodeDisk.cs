using Appliance.Lab.Topology;

namespace Appliance.Lab.Demo.Workloads;

/// <summary>A server's directory on a node's own disk.</summary>
internal static class NodeDisk
{
    private const string Top = "/run/appliance";

    private const UnixFileMode Passable = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Makes the directory; servers that have given up root can reach it, whatever root's umask is.</summary>
    public static string Create(Laboratory lab, LabHost node, string server)
    {
        var path = Path.Combine(lab.DataDirectory(node), server);
        for (var directory = Directory.CreateDirectory(path);
            directory is not null && directory.FullName.StartsWith(Top, StringComparison.Ordinal);
            directory = directory.Parent)
        {
            directory.UnixFileMode |= Passable;
        }

        return path;
    }

    /// <summary>Checks that a node's disk has room.</summary>
    /// <exception cref="LabException">It has not.</exception>
    public static void Require(Laboratory lab, long bytes)
    {
        var free = new DriveInfo(lab.Directory).AvailableFreeSpace;
        if (free < bytes)
        {
            throw new LabException(LabFailure.InvalidArgument, $"{lab.Directory} needs {bytes >> 20} MiB and has {free >> 20} MiB.");
        }
    }
}
