using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using static Appliance.Cli.Output;

namespace Appliance.Cli.Commands;

/// <summary><c>flows</c>: the open connections.</summary>
internal static class FlowsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Connection connection)
    {
        var state = new Option<string?>("--state") { Description = "protected, repairing, unprotected or diverged; several with commas between" };
        var node = new Option<string?>("--node") { Description = "Only connections that should have a replica there" };
        var text = new Option<string?>("--match") { Description = "Only connections with this in their addresses and ports" };
        var sort = new Option<string>("--sort") { Description = "flow, state, age, idle, clientBytes, serverBytes or lag; '-' before it: largest first", DefaultValueFactory = _ => "flow" };
        var limit = new Option<int>("--limit") { Description = "Most connections to show", DefaultValueFactory = _ => 100 };
        return connection.Command("flows", "List the open connections and how each is protected", [state, node, text, sort, limit], async (client, parsed, json, cancellation) =>
        {
            var query = string.Join('&', new[]
            {
                ("state", parsed.GetValue(state)), ("node", parsed.GetValue(node)), ("q", parsed.GetValue(text)), ("sort", parsed.GetValue(sort)), ("limit", $"{parsed.GetValue(limit)}"),
            }.Where(p => p.Item2 is not null).Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}"));
            var flows = await client.GetAsync($"flows?{query}", cancellation);
            if (json)
            {
                Console.WriteLine(flows);
            }
            else
            {
                Write(flows);
            }
            return ExitCode.Done;
        });
    }

    private static void Write(JsonElement flows)
    {
        var table = Table("Connection", "State", "Age", "Idle", "From client", "From server", "Replicas");
        foreach (var flow in flows.EnumerateArray())
        {
            var replicas = flow.GetProperty("replicas").EnumerateArray().Select(r =>
                $"{Markup.Escape(Text(r, "node"))} {Coloured(Text(r, "state"))}{(Number(r, "lagBytes") > 0 ? $" −{Bytes(Number(r, "lagBytes"))}" : string.Empty)}");
            table.AddRow(
                Markup.Escape(Text(flow, "flow")), Coloured(Text(flow, "state")), Seconds(Number(flow, "ageSeconds")), Seconds(Number(flow, "idleSeconds")),
                Bytes(Number(flow, "clientBytes")), Bytes(Number(flow, "serverBytes")), string.Join(", ", replicas));
        }
        Terminal.Write(table);
    }
}
