using System.CommandLine;

namespace Appliance.Cli.Commands;

/// <summary><c>drain</c> and <c>undrain</c>: keep a node out, and let it in again.</summary>
internal static class DrainCommand
{
    /// <summary>Makes <c>drain</c>.</summary>
    public static Command Drain(Connection connection)
    {
        var node = NodeArgument.Create(connection);
        var acceptLoss = new Option<bool>("--accept-loss") { Arity = ArgumentArity.Zero, Description = "Also when connections without a replica would be lost" };
        return connection.Command("drain", "Move the service away from a node, and keep the node out for maintenance", [node, acceptLoss], async (client, parsed, json, cancellation) =>
        {
            var answer = await client.OrderAsync(HttpMethod.Post, $"nodes/{Uri.EscapeDataString(parsed.GetValue(node)!)}/drain", new { acceptLoss = parsed.GetValue(acceptLoss) }, cancellation);
            FailoverCommand.Write(answer, json);
            return ExitCode.Done;
        });
    }

    /// <summary>Makes <c>undrain</c>.</summary>
    public static Command Undrain(Connection connection)
    {
        var node = NodeArgument.Create(connection);
        return connection.Command("undrain", "Let a drained node take part again", [node], async (client, parsed, json, cancellation) =>
        {
            FailoverCommand.Write(await client.OrderAsync(HttpMethod.Delete, $"nodes/{Uri.EscapeDataString(parsed.GetValue(node)!)}/drain", null, cancellation), json);
            return ExitCode.Done;
        });
    }
}
