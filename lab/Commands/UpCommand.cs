using System.CommandLine;
using System.Text.Json;
using Appliance.Lab.Daemons;
using Appliance.Lab.State;

namespace Appliance.Lab.Commands;

/// <summary><c>lab up</c>.</summary>
internal static class UpCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var file = new Option<string?>("--config") { Description = "A YAML file laid over the gateway's configuration", HelpName = "FILE" };
        var nodeFile = new Option<string?>("--node-config") { Description = "A YAML file laid over both nodes' configuration", HelpName = "FILE" };
        var output = new Option<OutputPolicy?>("--output") { Description = "Whose output reaches clients (default: silent)" };
        var heartbeat = CommonOptions.Duration("--heartbeat", "Interval of the heartbeats (default: 10ms)");
        var timeout = CommonOptions.Duration("--detection-timeout", "Silence after which a node is suspected (default: 30ms)");
        var networkOnly = new Option<bool>("--without-daemons") { Description = "Make the network only, for baselines without the appliance" };

        var command = new Command("up", "Make the lab and start the appliance in it") { file, nodeFile, output, heartbeat, timeout, networkOnly, CommonOptions.Json };
        command.SetAction((parsed, cancellation) => CommandGuard.RunAsync(() => RunAsync(
            new LabOptions
            {
                Name = parsed.GetValue(CommonOptions.Name)!,
                ConfigurationFile = parsed.GetValue(file),
                NodeConfigurationFile = parsed.GetValue(nodeFile),
                Output = parsed.GetValue(output),
                Heartbeat = parsed.GetValue(heartbeat),
                DetectionTimeout = parsed.GetValue(timeout),
                WithDaemons = !parsed.GetValue(networkOnly),
            },
            parsed.GetValue(CommonOptions.Json),
            cancellation)));
        return command;
    }

    private static async Task<int> RunAsync(LabOptions options, bool json, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var laboratory = await Laboratory.UpAsync(options, new ConsoleProgress(), cancellation: cancellation);
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        var apiUrl = options.WithDaemons ? laboratory.ApiUrl : null;
        if (json)
        {
            var summary = new { laboratory.Name, ApiUrl = apiUrl, laboratory.Directory, UpMs = Math.Round(elapsed.TotalMilliseconds, 1) };
            Console.WriteLine(JsonSerializer.Serialize(summary, LabJson.Compact));
            return 0;
        }

        Console.WriteLine($"Lab '{laboratory.Name}' is up after {elapsed.TotalSeconds:0.0} s.{(apiUrl is null ? "" : $" Gateway: {apiUrl}")}");
        return 0;
    }
}
