using System.CommandLine;
using Appliance.Cli.Commands;

namespace Appliance.Cli;

/// <summary>The commands for operators, which ask a gateway.</summary>
public static class OperatorCommands
{
    /// <summary>Adds them to a program.</summary>
    /// <param name="root">The program.</param>
    /// <param name="defaultApi">Where the gateway is when nobody says.</param>
    public static void AddTo(RootCommand root, Func<Uri> defaultApi)
    {
        var connection = new Connection(defaultApi);
        root.Add(StatusCommand.Create(connection));
        root.Add(FlowsCommand.Create(connection));
        root.Add(FailoverCommand.Create(connection));
        root.Add(DrainCommand.Drain(connection));
        root.Add(DrainCommand.Undrain(connection));
        root.Add(EventsCommand.Create(connection));
    }
}
