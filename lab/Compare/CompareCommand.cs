using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Appliance.Lab.Commands;
using Appliance.Lab.Savefiles;

namespace Appliance.Lab.Compare;

/// <summary><c>compare</c>: are two instances of a server alike enough to replicate each other?</summary>
internal static class CompareCommand
{
    private const int Alike = 0;
    private const int Different = 1;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var first = Target("first");
        var second = Target("second");
        var file = new Option<string?>("--file") { Description = "What recorded clients did, a savefile of record or tcpdump -w, is done to both", HelpName = "FILE" };
        var listen = new Option<IPEndPoint?>("--listen")
        {
            Description = "Clients that connect here talk to the first instance, and the second one is told the same; until Ctrl-C",
            HelpName = "ADDRESS:PORT",
            CustomParser = result => IPEndPoint.TryParse(result.Tokens[0].Value, out var endPoint) && endPoint.Port > 0 ? endPoint : Bad(result),
        };
        var wait = CommonOptions.Duration("--wait", "How long a server may be silent when it owes bytes (default: 5s)");
        var command = new Command("compare", "Compare what two instances of a server say to the same clients, and tell why they differ") { first, second, file, listen, wait, CommonOptions.Json };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(file) is null) == (result.GetValue(listen) is null))
            {
                result.AddError("Give either --file, with what clients did, or --listen, for clients to come.");
            }
            else if (result.GetValue(listen) is not null && (result.GetValue(first)?.Port is null || result.GetValue(second)?.Port is null))
            {
                result.AddError("With --listen, both servers need a port.");
            }
        });
        command.SetAction((parsed, cancellation) => CommandGuard.RunAsync(async () =>
        {
            var options = new ReplayOptions { Target = parsed.GetValue(first)!, Wait = parsed.GetValue(wait) ?? TimeSpan.FromSeconds(5) };
            var report = parsed.GetValue(file) is { } name
                ? await SavefileComparison.RunAsync(ReplayRun.Read(name).Streams, options, options with { Target = parsed.GetValue(second)! }, cancellation)
                : await ListenAsync(parsed.GetValue(listen)!, options.Target, parsed.GetValue(second)!, cancellation);
            foreach (var line in parsed.GetValue(CommonOptions.Json) ? [report.ToJson()] : report.ToLines())
            {
                Console.WriteLine(line);
            }
            return report.IsAlike ? Alike : Different;
        }));
        return command;
    }

    private static async Task<ComparisonReport> ListenAsync(IPEndPoint listen, ReplayTarget first, ReplayTarget second, CancellationToken cancellation)
    {
        var proxy = new CompareProxy(listen, first, second, TimeSpan.FromMilliseconds(200));
        proxy.Progressed = report => Console.Error.Write($"\r{report.Connections} connections, {report.BytesCompared:N0} bytes, {report.Differences.Count} differ ");
        await Console.Error.WriteLineAsync($"Clients may connect to {listen}; Ctrl-C ends.");
        try
        {
            return await proxy.RunAsync(cancellation);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new LabException(LabFailure.InvalidArgument, $"--listen {listen}: {e.Message}: choose an address of this host and a free port.", e);
        }
    }

    private static Argument<ReplayTarget> Target(string name) => new(name)
    {
        Description = $"The {name} instance: HOST[:PORT], the port is the recorded one unless told",
        CustomParser = result => ReplayTarget.TryParse(result.Tokens[0].Value, out var target) ? target : BadTarget(result),
    };

    private static ReplayTarget? BadTarget(ArgumentResult result)
    {
        result.AddError($"'{result.Tokens[0].Value}' is no server: write for example 127.0.0.1:6379 or [::1]:6379.");
        return null;
    }

    private static IPEndPoint? Bad(ArgumentResult result)
    {
        result.AddError($"'{result.Tokens[0].Value}' is no address with a port: write for example 127.0.0.1:7000.");
        return null;
    }
}
