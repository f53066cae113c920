using System.CommandLine;
using System.Text.Json;
using Appliance.Cli.Checks;
using Spectre.Console;
using static Appliance.Cli.Output;

namespace Appliance.Cli.Commands;

/// <summary><c>check</c>: may the gateway, or a node's agent, be started here?</summary>
internal static class CheckCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="findProgram">Where the program of a role is.</param>
    public static Command Create(Func<CheckRole, string> findProgram)
    {
        var config = new Option<FileInfo?>("--config") { Description = "The configuration (default: the one in /etc/appliance)", HelpName = "FILE" };
        var role = new Option<CheckRole?>("--role") { Description = "Whose it is (default: what the file says)", HelpName = "gateway|primary|backup" };
        role.CompletionSources.Clear();
        role.CompletionSources.Add([.. Enum.GetNames<CheckRole>().Select(JsonNamingPolicy.CamelCase.ConvertName)]);
        var json = new Option<bool>("--json") { Arity = ArgumentArity.Zero, Description = "Print the findings as JSON" };
        var command = new Command("check", "Check a configuration and this machine before a start, and say how to mend what is wrong") { config, role, json };
        command.SetAction((parsed, cancellation) => ExitCode.OfAsync(async () =>
        {
            var file = parsed.GetValue(config)?.FullName ?? ConfigurationFile.Find();
            var program = findProgram(parsed.GetValue(role) ?? ConfigurationFile.RoleOf(file));
            var report = await AgentProgram.CheckAsync(program, file, cancellation);
            Write(report, parsed.GetValue(json));
            return CodeOf(report);
        }));
        return command;
    }

    private static int CodeOf(JsonElement report) => Text(report, "result") switch
    {
        "ok" => ExitCode.Done,
        "warning" => ExitCode.Warned,
        _ => ExitCode.Refused,
    };

    private static void Write(JsonElement report, bool json)
    {
        if (json)
        {
            Console.WriteLine(report);
            return;
        }
        var table = Table("What", "Finding", "Explanation");
        foreach (var finding in report.GetProperty("findings").EnumerateArray())
        {
            table.AddRow(Markup.Escape(Text(finding, "subject")), Coloured(Text(finding, "severity")), Markup.Escape(Text(finding, "text")));
        }
        Terminal.Write(table);
        Terminal.MarkupLine(Markup.Escape(Text(report, "program")) + Text(report, "result") switch
        {
            "ok" => " can be started here.",
            "warning" => " can be started here, but see the warnings.",
            _ => " cannot work here: mend the errors.",
        });
    }
}
