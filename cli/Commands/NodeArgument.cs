using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json;

namespace Appliance.Cli.Commands;

/// <summary>The name of a node. The shell's completion offers those that the gateway knows, when it answers soon.</summary>
internal static class NodeArgument
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Makes the argument.</summary>
    public static Argument<string> Create(Connection connection)
    {
        var node = new Argument<string>("node") { Description = "Its name" };
        node.CompletionSources.Add(context => Names(connection, context));
        return node;
    }

    private static IEnumerable<CompletionItem> Names(Connection connection, CompletionContext context)
    {
        try
        {
            using var limit = new CancellationTokenSource(s_patience);
            using var client = connection.Client(context.ParseResult);
            var status = client.GetAsync("status", limit.Token).GetAwaiter().GetResult();
            return [.. status.GetProperty("nodes").EnumerateArray().Select(n => new CompletionItem(Output.Text(n, "name")))];
        }
        catch (Exception e) when (e is CliException or OperationCanceledException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return []; // somebody is typing: what is the matter is told when the command runs
        }
    }
}
