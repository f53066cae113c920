using Appliance.Cli.Checks;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Daemons;

/// <summary>Which program of the appliance belongs on which host, and where it is.</summary>
public static class DaemonProgram
{
    /// <summary>The hosts that run a program of the appliance.</summary>
    public static IReadOnlyList<LabHost> Hosts { get; } = [LabHost.Gateway, LabHost.Node1, LabHost.Node2];

    /// <summary>The name of a host's program.</summary>
    public static string NameFor(LabHost host) => Of(host).Program;

    /// <summary>The full path of a host's program.</summary>
    /// <param name="host">The host.</param>
    /// <param name="programs">The directory with one directory per project, as <c>dotnet build</c> makes it.</param>
    /// <exception cref="LabException">It is not built.</exception>
    public static string Find(LabHost host, string programs)
    {
        var (project, program) = Of(host);
        var path = Path.Combine(programs, project, "release", program);
        return File.Exists(path)
            ? path
            : throw new LabException(LabFailure.DaemonFailed, $"{path} is missing. Build it: dotnet build -c Release");
    }

    /// <summary>The full path of a role's program, built where this tool was.</summary>
    public static string FindFor(CheckRole role)
    {
        var (project, program) = Of(role switch
        {
            CheckRole.Gateway => LabHost.Gateway,
            CheckRole.Primary => LabHost.Node1,
            _ => LabHost.Node2,
        });
        return Path.Combine(DefaultPrograms(), project, "release", program);
    }

    /// <summary>The directory of built programs that this tool is itself part of.</summary>
    /// <exception cref="LabException">This tool runs from somewhere else.</exception>
    public static string DefaultPrograms()
    {
        // …/artifacts/bin/<project>/<configuration>/
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (directory is { Name: "bin", Parent.Name: "artifacts" })
            {
                return directory.FullName;
            }
        }

        throw new LabException(LabFailure.DaemonFailed, $"No artifacts/bin above {AppContext.BaseDirectory}: the programs cannot be found.");
    }

    private static (string Project, string Program) Of(LabHost host) => host switch
    {
        LabHost.Gateway => ("Appliance.Gateway", "appliance-gateway"),
        LabHost.Node1 => ("Appliance.PrimaryNode", "appliance-primary-node"),
        LabHost.Node2 => ("Appliance.BackupNode", "appliance-backup-node"),
        _ => throw new ArgumentOutOfRangeException(nameof(host)),
    };
}
