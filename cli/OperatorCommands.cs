using System.CommandLine;
using Appliance.Cli.Checks;
using Appliance.Cli.Commands;

namespace Appliance.Cli;

/// <summary>The commands for operators: they ask a gateway, but for <c>check</c>, which asks the program that is to be started.</summary>
public static class OperatorCommands
{
    /// <summary>Adds them to a program.</summary>
    /// <param name="root">The program.</param>
    /// <param name="defaultApi">Where the gateway is when nobody says.</param>
    /// <param name="findProgram">Where the program of a role is.</param>
    public static void AddTo(RootCommand root, Func<Uri> defaultApi, Func<CheckRole, string> findProgram)
    {
        var connection = new Connection(defaultApi);
        root.Add(StatusCommand.Create(connection));
        root.Add(FlowsCommand.Create(connection));
        root.Add(FailoverCommand.Create(connection));
        root.Add(DrainCommand.Drain(connection));
        root.Add(DrainCommand.Undrain(connection));
        root.Add(EventsCommand.Create(connection));
        root.Add(CheckCommand.Create(findProgram));
    }
}
