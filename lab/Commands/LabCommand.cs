using System.CommandLine;

namespace Appliance.Lab.Commands;

/// <summary><c>lab</c>: the commands around one lab.</summary>
internal static class LabCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("lab", "A gateway, a primary and a backup node, and a client, in network namespaces.")
    {
        CommonOptions.Name,
        UpCommand.Create(),
        DownCommand.Create(),
        StatusCommand.Create(),
        ExecCommand.Create(),
        FaultCommand.Create(),
    };
}
