using System.CommandLine;
using System.Text.Json;

namespace Appliance.Cli.Commands;

/// <summary><c>failover</c>: moves the service.</summary>
internal static class FailoverCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Connection connection)
    {
        var forced = new Option<bool>("--forced") { Arity = ArgumentArity.Zero, Description = "At once, whatever it costs; without it both nodes go on and nothing is lost" };
        var acceptLoss = new Option<bool>("--accept-loss") { Arity = ArgumentArity.Zero, Description = "Also when connections without a replica would be lost" };
        return connection.Command("failover", "Move the service to the replica, in good order", [forced, acceptLoss], async (client, parsed, json, cancellation) =>
        {
            var body = new { kind = parsed.GetValue(forced) ? "forced" : "planned", acceptLoss = parsed.GetValue(acceptLoss) };
            Write(await client.OrderAsync(HttpMethod.Post, "failover", body, cancellation), json);
            return ExitCode.Done;
        });
    }

    /// <summary>Tells what came of an operation.</summary>
    public static void Write(JsonElement operation, bool json) =>
        Console.WriteLine(json ? operation.ToString() : $"{Output.Text(operation, "active")} holds the service, epoch {Output.Text(operation, "epoch")}.");
}
