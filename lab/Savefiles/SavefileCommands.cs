using System.CommandLine;
using System.CommandLine.Parsing;
using Appliance.Bpf.Layout;
using Appliance.Lab.Commands;
using Appliance.Savefiles;

namespace Appliance.Lab.Savefiles;

/// <summary><c>record</c> and <c>replay</c>.</summary>
internal static class SavefileCommands
{
    /// <summary>Makes <c>record</c>.</summary>
    public static Command Record()
    {
        var file = new Option<string>("--write", "-w") { Description = "The savefile; - is standard output", HelpName = "FILE", Required = true };
        var flow = Flow("Only this flow, as it is recorded up to now");
        var held = new Option<bool>("--held") { Description = "What is recorded of all flows up to now, instead of what comes from now on" };
        var api = CommonOptions.Api();
        var duration = CommonOptions.Duration("--duration", "How long to record (default: until Ctrl-C)");
        var force = new Option<bool>("--force") { Description = "Overwrite the file" };
        var command = new Command("record", "Save what the gateway records, for tcpdump, Wireshark and replay") { file, flow, held, api, duration, force, CommonOptions.Name };
        command.Validators.Add(result =>
        {
            if (result.GetValue(duration) is not null && (result.GetValue(flow) is not null || result.GetValue(held)))
            {
                result.AddError("--duration goes with neither --flow nor --held, which end by themselves.");
            }
        });
        command.SetAction((parsed, cancellation) => CommandGuard.RunAsync(() => new RecordRun
        {
            File = parsed.GetValue(file)!,
            Flow = parsed.GetValue(flow),
            Follow = !parsed.GetValue(held),
            ApiUrl = parsed.GetValue(api) ?? GatewayUrl.OfLabOrHost(parsed.GetValue(CommonOptions.Name)!),
            Duration = parsed.GetValue(duration),
            Force = parsed.GetValue(force),
        }.RunAsync(cancellation)));
        return command;
    }

    /// <summary>Makes <c>replay</c>.</summary>
    public static Command Replay()
    {
        var file = new Argument<string>("file") { Description = "A savefile of record or tcpdump -w; - is standard input" };
        var against = new Option<ReplayTarget>("--against")
        {
            Description = "A fresh server; the port is the recorded one unless told",
            HelpName = "HOST[:PORT]",
            Required = true,
            CustomParser = ParseTarget,
        };
        var flow = Flow("Only this flow");
        var speed = new Option<string>("--speed") { Description = "max: as fast as the server answers; recorded: with the pauses of the recording", DefaultValueFactory = _ => "max" };
        speed.AcceptOnlyFromAmong("max", "recorded");
        var wait = CommonOptions.Duration("--wait", "How long the server may be silent when it owes bytes (default: 5s)");
        var command = new Command("replay", "Do to a fresh server what recorded clients did") { file, against, flow, speed, wait, CommonOptions.Json };
        command.SetAction((parsed, cancellation) => CommandGuard.RunAsync(() => ReplayRun.RunAsync(
            parsed.GetValue(file)!,
            parsed.GetValue(flow),
            new ReplayOptions
            {
                Target = parsed.GetValue(against)!,
                AtRecordedSpeed = parsed.GetValue(speed) == "recorded",
                Wait = parsed.GetValue(wait) ?? TimeSpan.FromSeconds(5),
            },
            parsed.GetValue(CommonOptions.Json),
            cancellation)));
        return command;
    }

    private static Option<FlowKey?> Flow(string description) => new("--flow")
    {
        Description = description,
        HelpName = "client~port~service~port",
        CustomParser = result =>
        {
            if (FlowId.TryParse(result.Tokens[0].Value, out var flow))
            {
                return flow;
            }

            result.AddError($"'{result.Tokens[0].Value}' is no flow: write for example 10.0.1.2~40000~10.0.2.100~80.");
            return null;
        },
    };

    private static ReplayTarget? ParseTarget(ArgumentResult result)
    {
        if (ReplayTarget.TryParse(result.Tokens[0].Value, out var target))
        {
            return target;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no server: write for example 127.0.0.1:6379 or [::1]:6379.");
        return null;
    }
}
