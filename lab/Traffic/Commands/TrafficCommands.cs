using System.CommandLine;
using System.Net;
using Appliance.Lab.Traffic.Client;
using Appliance.Lab.Traffic.Server;

namespace Appliance.Lab.Traffic.Commands;

/// <summary>The traffic programs as commands.</summary>
public static class TrafficCommands
{
    /// <summary><c>traffic-server</c>: runs until SIGTERM or SIGINT.</summary>
    public static Command Server()
    {
        var defaults = new TrafficServerOptions();
        Option<IPAddress> address = Address("--address", "local address", defaults.Address);
        Option<int> echoPort = Value("--echo-port", "TCP port that echoes", defaults.EchoPort);
        Option<int> streamPort = Value("--stream-port", "TCP port of downloads and uploads", defaults.StreamPort);
        Option<long> flip = Value("--flip-every", "a faulty server: one byte in so many of its downloads is wrong, 0 for none", defaults.FlipEvery);
        var command = new Command("traffic-server", "Ordinary TCP server for traffic-client: echoes, and streams checked bytes.")
        {
            address, echoPort, streamPort, flip,
        };
        command.SetAction(result => TrafficServerConsole.Run(new TrafficServerOptions
        {
            Address = result.GetRequiredValue(address),
            EchoPort = result.GetValue(echoPort),
            StreamPort = result.GetValue(streamPort),
            FlipEvery = result.GetValue(flip),
        }));
        return command;
    }

    /// <summary><c>traffic-client</c>: JSON lines on stdout, orders on stdin; exit code 0 only if nothing was lost or corrupted.</summary>
    public static Command Client()
    {
        var defaults = new TrafficClientOptions { Target = IPAddress.IPv6Loopback };
        var target = new Argument<IPAddress>("target")
        {
            Description = "address of the server, IPv4 or IPv6",
            CustomParser = result => ParseAddress(result),
        };
        Option<int> echoPort = Value("--echo-port", "TCP port that echoes", defaults.EchoPort);
        Option<int> streamPort = Value("--stream-port", "TCP port of downloads and uploads", defaults.StreamPort);
        Option<int> connections = Value("--connections", "echo connections, 0 to 20000", defaults.EchoConnections);
        Option<double?> think = Value<double?>("--think-ms", "time between messages of a connection; default: about 5000 messages/s in total", null);
        Option<int> size = Value("--message-size", "bytes of an echo message", defaults.MessageSize);
        Option<int> downloads = Value("--downloads", "streams from the server", defaults.Downloads);
        Option<int> uploads = Value("--uploads", "streams to the server", defaults.Uploads);
        Option<long> bytes = Value("--stream-bytes", "length of each stream", defaults.StreamBytes);
        Option<long> rate = Value("--stream-rate", "limit of each stream in bytes/s, until it is told to stop; 0 for none", defaults.StreamRate);
        Option<ulong> seed = Value("--seed", "chooses all content", defaults.Seed);
        Option<bool> sha256 = Value("--sha256", "also compare SHA-256 digests of the streams", false);
        Option<double> finish = Value("--finish-seconds", "time for streams to complete after the stop", defaults.StreamFinishTime.TotalSeconds);
        Option<double?> duration = Value<double?>("--duration", "stop after this many seconds", null);
        Option<bool> waitStop = Value("--wait-stop", "run until told to stop: 'stop' or end of input on stdin, or SIGTERM", false);
        var command = new Command("traffic-client", "Makes connections to traffic-server, checks every byte and measures every wait.")
        {
            target, echoPort, streamPort, connections, think, size, downloads, uploads, bytes, rate, seed, sha256, finish, duration, waitStop,
        };
        command.SetAction(result =>
        {
            var options = new TrafficClientOptions
            {
                Target = result.GetRequiredValue(target),
                EchoPort = result.GetValue(echoPort),
                StreamPort = result.GetValue(streamPort),
                EchoConnections = result.GetValue(connections),
                ThinkTime = result.GetValue(think) is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
                MessageSize = result.GetValue(size),
                Downloads = result.GetValue(downloads),
                Uploads = result.GetValue(uploads),
                StreamBytes = result.GetValue(bytes),
                StreamRate = result.GetValue(rate),
                Seed = result.GetValue(seed),
                Sha256 = result.GetValue(sha256),
                StreamFinishTime = TimeSpan.FromSeconds(result.GetValue(finish)),
            };
            TimeSpan? length = result.GetValue(duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            using var console = new TrafficClientConsole(options, length, result.GetValue(waitStop));
            return console.Run();
        });
        return command;
    }

    private static Option<T> Value<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static Option<IPAddress> Address(string name, string description, IPAddress value) =>
        new(name)
        {
            Description = description,
            DefaultValueFactory = _ => value,
            CustomParser = result => ParseAddress(result),
        };

    private static IPAddress? ParseAddress(System.CommandLine.Parsing.ArgumentResult result)
    {
        if (result.Tokens.Count == 1 && IPAddress.TryParse(result.Tokens[0].Value, out IPAddress? address))
        {
            return address;
        }

        result.AddError("an IPv4 or IPv6 address is needed");
        return null;
    }
}
