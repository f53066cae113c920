using System.CommandLine;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using static Appliance.Cli.Output;

namespace Appliance.Cli.Commands;

/// <summary><c>events</c>: what has happened, and what happens.</summary>
internal static class EventsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Connection connection)
    {
        var follow = new Option<bool>("--follow", "-f") { Arity = ArgumentArity.Zero, Description = "Go on until Ctrl-C" };
        return connection.Command("events", "Tell what has happened", [follow], async (client, parsed, json, cancellation) =>
        {
            if (!parsed.GetValue(follow))
            {
                foreach (var past in (await client.GetAsync("events", cancellation)).EnumerateArray())
                {
                    Write(past, json);
                }
                return ExitCode.Done;
            }
            await using var stream = await client.StreamAsync("events", cancellation);
            await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellation))
            {
                Write(JsonSerializer.Deserialize<JsonElement>(item.Data), json);
            }
            throw new CliException(ExitCode.Unreachable, "The gateway has ended the stream.");
        });
    }

    private static void Write(JsonElement entry, bool json)
    {
        if (json)
        {
            Console.WriteLine(entry);
            return;
        }
        var at = DateTimeOffset.Parse(Text(entry, "at"), CultureInfo.InvariantCulture).ToLocalTime();
        Console.WriteLine($"{at:yyyy-MM-dd HH:mm:ss.fff}  {Describe(entry)}");
    }

    private static string Describe(JsonElement entry) => Text(entry, "kind") switch
    {
        "assignment" => $"epoch {Text(entry, "epoch")}: {Text(entry, "active")} holds the service ({Text(entry, "cause")}{(Text(entry, "node") is { Length: > 0 } node ? $": {node}" : string.Empty)}){Took(entry)}",
        "node" => $"{Text(entry, "node")}: {Text(entry, "was")} → {Text(entry, "role")}",
        "operation" => DescribeOperation(entry.GetProperty("operation")),
        "protection" => $"{Text(entry, "unprotected")} connections unprotected, {Text(entry, "diverged")} diverged; {Text(entry, "divergedDatagramFlows")} flows of datagrams diverged",
        "store" => $"store {Text(entry, "state")} {Text(entry, "reason")}",
        "service" => $"{Text(entry, "service")}: {Text(entry, "diverged")} of {Text(entry, "flows")} connections and {Text(entry, "divergedDatagramFlows")} of {Text(entry, "comparedDatagramFlows")} flows of datagrams diverged: "
            + (entry.GetProperty("inAgreement").GetBoolean() ? "its servers are alike again" : "its servers are not alike, none counts as protected"),
        var kind => $"{kind} {entry}",
    };

    private static string DescribeOperation(JsonElement operation) =>
        $"{Text(operation, "kind")} {Text(operation, "node")} ordered by {Text(operation, "by")}: {Text(operation, "state")} {Text(operation, "problem")}".Replace("  ", " ", StringComparison.Ordinal);

    private static string Took(JsonElement entry)
    {
        var (decided, first) = (Number(entry, "decidedNs"), Number(entry, "firstSegmentNs"));
        return first > decided && decided > 0 && Text(entry, "cause") is not ("start" or "adopted") ? string.Create(CultureInfo.InvariantCulture, $", first segment after {(first - decided) / 1e6:0.0} ms") : string.Empty;
    }
}
