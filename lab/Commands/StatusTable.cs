using Appliance.Lab.Daemons;
using Appliance.Lab.Faults;
using Appliance.Lab.Status;
using Appliance.Lab.Text;
using Appliance.Lab.Topology;
using Spectre.Console;

namespace Appliance.Lab.Commands;

/// <summary>Shows a lab's status to people.</summary>
internal static class StatusTable
{
    /// <summary>Writes the status to standard output.</summary>
    public static void Write(LabStatus status)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        });
        var table = new Table().Border(TableBorder.Rounded).AddColumns("Host", "Role", "Link", "Program", "Processes");
        foreach (var host in status.Hosts)
        {
            table.AddRow(LabNames.Of(host.Host), Role(status, host.Host), Link(host), Program(host), Processes(host));
        }

        console.Write(table);
        if (status.ApiUrl is not null)
        {
            var answer = status.Ready switch { true => "ready", false => "[yellow]not ready[/]", null => "[red]no answer[/]" };
            console.MarkupLine($"Gateway: {status.ApiUrl} ({answer})");
        }

        foreach (var fault in status.Faults)
        {
            console.MarkupLine($"[red]Fault:[/] {Describe(fault)}");
        }
    }

    /// <summary>A fault in a few words.</summary>
    public static string Describe(FaultRecord fault)
    {
        var target = fault.Target is { } host ? LabNames.Of(host) : FaultRequest.Everything;
        return fault.Fault switch
        {
            FaultKind.Crash => $"crash {target}",
            FaultKind.Cut => $"cut {target}",
            FaultKind.KillApp => $"kill-app {target} ({fault.Pids.Count} processes)",
            FaultKind.HangApp => $"hang-app {target} ({fault.Pids.Count} processes)",
            FaultKind.TapLoss => $"tap-loss {Percentages.Format(fault.BasisPoints ?? 0)} to {target}",
            FaultKind.Heal => $"heal {target}",
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
    }

    private static string Role(LabStatus status, LabHost host) =>
        !status.Roles.TryGetValue(host, out var role) || status.ApiUrl is null ? "" : role switch
        {
            NodeRole.Active => "[green]active[/]",
            NodeRole.Replica => "[green]replica[/]",
            NodeRole.Drained => "[yellow]drained[/]",
            NodeRole.Syncing => "[yellow]syncing[/]",
            NodeRole.Down => "[red]down[/]",
            _ => "[yellow]unknown[/]",
        };

    private static string Link(HostStatus host) => host.Link switch
    {
        true => "up",
        false => "[red]cut[/]",
        null => "",
    };

    private static string Program(HostStatus host) => host.Program is null
        ? ""
        : host.Alive == true ? $"{host.Program} ({host.Pid})" : $"{host.Program} [red](dead)[/]";

    private static string Processes(HostStatus host) => host.Exists ? $"{host.Processes}" : "[red]gone[/]";
}
