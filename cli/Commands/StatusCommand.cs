using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using static Appliance.Cli.Output;

namespace Appliance.Cli.Commands;

/// <summary><c>status</c>: who holds the service, and how everything is.</summary>
internal static class StatusCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Connection connection)
    {
        var check = new Option<bool>("--check") { Arity = ArgumentArity.Zero, Description = "Exit with 1 unless everybody plays their part and every connection is protected" };
        return connection.Command("status", "Show who holds the service, and how nodes, connections and recorder are", [check], async (client, parsed, json, cancellation) =>
        {
            var status = await client.GetAsync("status", cancellation);
            if (json)
            {
                Console.WriteLine(status);
            }
            else
            {
                Write(status);
            }
            var isWell = status.GetProperty("ready").GetBoolean() && Number(status, "unprotected") == 0;
            return parsed.GetValue(check) && !isWell ? ExitCode.Refused : ExitCode.Done;
        });
    }

    private static void Write(JsonElement status)
    {
        var nodes = Table("Node", "Role", "Epoch", "Heard", "Replicas", "In step", "Diverged", "Server");
        foreach (var node in status.GetProperty("nodes").EnumerateArray())
        {
            var flows = node.GetProperty("flows");
            nodes.AddRow(
                Markup.Escape(Text(node, "name")), Coloured(Text(node, "role")), Text(node, "epoch"),
                Text(node, "lastHeardMs") is { Length: > 0 } heard ? $"{double.Parse(heard, CultureInfo.InvariantCulture):0} ms ago" : "never",
                Text(flows, "replicas"), Text(flows, "inStep"), Text(flows, "diverged"), Server(node));
        }
        Terminal.Write(nodes);
        var recorder = status.GetProperty("recorder");
        var store = recorder.GetProperty("store");
        var states = string.Join(", ", recorder.GetProperty("states").EnumerateObject().Where(s => s.Value.GetInt32() > 0).Select(s => $"{s.Value} {Coloured(s.Name)}"));
        Terminal.MarkupLine($"Epoch {Text(status, "epoch")}, {(status.GetProperty("ready").GetBoolean() ? Coloured("ready") : "[red]not ready[/]")}; {Text(status, "flows")} connections{(states.Length > 0 ? $": {states}" : string.Empty)}");
        Terminal.MarkupLine($"Recorder {Text(recorder, "policy")}, {Bytes(Number(recorder, "memoryUsed"))} of {Bytes(Number(recorder, "memoryBytes"))}; store {Coloured(Text(store, "state"))} {Markup.Escape(Text(store, "reason"))}");
    }

    private static string Server(JsonElement node) =>
        node.GetProperty("serverEnded").GetBoolean() ? "[red]ended[/]"
        : node.GetProperty("serverFailing").GetBoolean() ? "[red]fails its probe[/]"
        : Number(node, "serverStalledMs") > 0 ? "[yellow]reads nothing[/]"
        : node.GetProperty("deaf").GetBoolean() ? "[yellow]deaf[/]" : string.Empty;
}
