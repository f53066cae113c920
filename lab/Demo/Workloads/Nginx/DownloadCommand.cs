using System.CommandLine;
using System.Net;
using Appliance.Lab.Traffic.Client;

namespace Appliance.Lab.Demo.Workloads.Nginx;

/// <summary><c>demo download</c>: what the demonstration runs in the client's namespace.</summary>
internal static class DownloadCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "download";

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var target = new Argument<string>("target") { Description = "Address of the server" };
        var path = new Argument<string>("path") { Description = "Path of the file on the server" };
        var port = new Option<int>("--port") { DefaultValueFactory = _ => 80 };
        var connections = new Option<int>("--connections") { DefaultValueFactory = _ => 1 };
        var bytes = new Option<long>("--bytes") { Required = true };
        var rate = new Option<long>("--rate");
        var seed = new Option<ulong>("--seed");
        var command = new Command(Name, "Download a patterned file over HTTP, compare it and measure every wait")
        {
            target, path, port, connections, bytes, rate, seed,
        };
        command.Hidden = true;
        command.SetAction(parsed => new HttpDownloadRun(
            new TrafficClientOptions
            {
                Target = IPAddress.Parse(parsed.GetRequiredValue(target)),
                StreamPort = parsed.GetValue(port),
                Downloads = parsed.GetValue(connections),
                StreamBytes = parsed.GetValue(bytes),
                StreamRate = parsed.GetValue(rate),
                Seed = parsed.GetValue(seed),
            },
            parsed.GetRequiredValue(path)).Execute());
        return command;
    }
}
