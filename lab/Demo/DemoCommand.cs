using System.CommandLine;
using System.Runtime.InteropServices;
using Appliance.Lab.Commands;
using Appliance.Lab.Demo.Reports;
using Appliance.Lab.Demo.Views;
using Appliance.Lab.Demo.Workloads.Nginx;
using Appliance.Lab.Faults;
using Spectre.Console;

namespace Appliance.Lab.Demo;

/// <summary><c>demo</c>: a server dies under traffic, and its clients do not notice.</summary>
internal static class DemoCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var defaults = new DemoOptions();
        var server = Choice("--server", "The server (default: echo)", DemoServer.Echo, DemoServer.Nginx, DemoServer.Postgres);
        var connections = new Option<int?>("--connections") { Description = "Client connections (default: echo 200, nginx 4, postgres 8)", HelpName = "N" };
        var fault = Choice("--fault", "How its machine dies (default: crash)", FaultKind.Crash, FaultKind.Cut);
        var heartbeat = CommonOptions.Duration("--heartbeat", "Interval of the heartbeats (default: 10ms)");
        var timeout = CommonOptions.Duration("--detection-timeout", "Silence after which a node is suspected (default: 30ms)");
        var ipv6 = new Option<bool>("--ipv6") { Description = "Clients use IPv6" };
        var repeat = Value("--repeat", "How many servers die, one after the other", defaults.Repeat);
        var seed = new Option<int?>("--seed") { Description = "Repeats the content and the moments of an earlier run", HelpName = "S" };
        var name = Value("--name", "Name of the demonstration's lab", defaults.Name);
        var keep = new Option<bool>("--keep") { Description = "Leave the lab standing after the report" };
        var command = new Command("demo", "See a server die without its clients noticing")
        {
            server, connections, fault, heartbeat, timeout, ipv6, repeat, seed, name, CommonOptions.Json, keep,
            DownloadCommand.Create(),
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new DemoOptions
            {
                Server = parsed.GetValue(server) ?? defaults.Server,
                Connections = parsed.GetValue(connections),
                Fault = parsed.GetValue(fault) ?? defaults.Fault,
                Heartbeat = parsed.GetValue(heartbeat) ?? defaults.Heartbeat,
                DetectionTimeout = parsed.GetValue(timeout) ?? defaults.DetectionTimeout,
                IPv6 = parsed.GetValue(ipv6),
                Repeat = parsed.GetValue(repeat),
                Seed = parsed.GetValue(seed) ?? Random.Shared.Next(1, 1_000_000),
                Name = parsed.GetValue(name)!,
                Keep = parsed.GetValue(keep),
            },
            parsed.GetValue(CommonOptions.Json),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, bool json, CancellationToken cancellation)
    {
        var errors = options.Validate();
        foreach (var error in errors)
        {
            await Console.Error.WriteLineAsync(error);
        }

        if (errors.Count > 0)
        {
            return DemoExitCode.Misused;
        }

        // A terminal that is closed is one more way to end early.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            ending.Cancel();
        });
        try
        {
            var report = await new DemoRunner(options, CreateView(json)).RunAsync(ending.Token);
            Show(report, options, json);
            return report.IsSuccess ? DemoExitCode.Succeeded : DemoExitCode.Failed;
        }
        catch (LabException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return DemoExitCode.Of(exception.Failure);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return DemoExitCode.Interrupted;
        }
    }

    private static IDemoView CreateView(bool json) => json || Console.IsOutputRedirected
        ? new PlainView(json ? Console.Error : Console.Out, TimeProvider.System)
        : new LiveView(AnsiConsole.Console);

    private static void Show(DemoReport report, DemoOptions options, bool json)
    {
        if (options.Keep)
        {
            Console.Error.WriteLine($"The lab stays. Take it down: appliance lab down --name {options.Name}");
        }

        if (json)
        {
            Console.WriteLine(report.ToJson());
            return;
        }

        ReportTable.Write(
            Console.IsOutputRedirected
                ? AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors })
                : AnsiConsole.Console,
            report);
        Console.WriteLine(ReportTable.Verdict(report));
    }

    private static Option<T?> Choice<T>(string name, string description, params T[] values)
        where T : struct, Enum
    {
        var words = values.ToDictionary(value => value.ToString().ToLowerInvariant(), value => value, StringComparer.Ordinal);
        return new Option<T?>(name)
        {
            Description = description,
            HelpName = string.Join('|', words.Keys),
            CustomParser = result =>
            {
                if (words.TryGetValue(result.Tokens[0].Value, out var value))
                {
                    return value;
                }

                result.AddError($"{name} takes {string.Join(", ", words.Keys)}, not '{result.Tokens[0].Value}'.");
                return null;
            },
        };
    }

    private static Option<T> Value<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
