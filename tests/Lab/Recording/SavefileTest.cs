using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Appliance.Bench;
using Appliance.Bpf.Layout;
using Appliance.Lab.Processes;
using Appliance.Savefiles;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording;

/// <summary>A test with savefiles of its own and the programs that read them.</summary>
public abstract class SavefileTest
{
    protected const int RecordedPort = 6379;

    protected const ulong Second = 1_000_000_000;

    /// <summary>Acknowledgement number of a client that has received nothing yet.</summary>
    protected const uint ServerFirst = 5001;

    private readonly List<Process> _processes = [];

    public TestContext TestContext { get; set; } = null!;

    protected CancellationToken Cancellation => TestContext.CancellationToken;

    protected string Files { get; } = Directory.CreateTempSubdirectory("appliance-savefile").FullName;

    protected string Savefile => Path.Combine(Files, "file.pcap");

    protected static FlowKey Flow { get; } = FlowOf(40000);

    protected static Handshake Handshake { get; } = new()
    {
        SynackNs = 1_000_000_000,
        ClientIsn = 0xffff_fff0,
        ServerIsn = ServerFirst - 1,
        SynackTsval = 77,
        Flags = HandshakeFlags.Syn | HandshakeFlags.SynAck
            | HandshakeFlags.ClientTimestamp | HandshakeFlags.ClientSack | HandshakeFlags.ClientWscale
            | HandshakeFlags.ServerTimestamp | HandshakeFlags.ServerSack | HandshakeFlags.ServerWscale,
        ClientMss = 1460,
        ClientWscale = 7,
        ServerWscale = 9,
    };

    [TestCleanup]
    public async Task EndProgramsAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }

        Directory.Delete(Files, recursive: true);
    }

    protected static FlowKey FlowOf(int clientPort) =>
        new(new IPEndPoint(IPAddress.Parse("10.0.1.2"), clientPort), new IPEndPoint(IPAddress.Parse("10.0.2.100"), RecordedPort));

    /// <summary>Writes the test's savefile as the gateway does.</summary>
    protected void Write(Action<FlowFrames> write)
    {
        using var stream = File.Create(Savefile);
        using var writer = new SavefileWriter(stream, FlowFrames.LinkType);
        write(new FlowFrames(writer, WallClock.Now));
        writer.Flush();
    }

    /// <summary>Runs the lab tool as a user would.</summary>
    protected Task<CommandResult> ToolAsync(params string[] arguments) =>
        CommandRunner.RunAsync([BenchPaths.TrafficProgram, .. arguments], timeout: TimeSpan.FromSeconds(30), cancellation: Cancellation);

    /// <summary>Replays the test's savefile against a server on this machine.</summary>
    protected Task<CommandResult> ReplayAsync(int port, params string[] options) =>
        ToolAsync(["replay", Savefile, "--against", $"127.0.0.1:{port}", "--json", .. options]);

    /// <summary>The JSON line that a replay ends with.</summary>
    protected static JsonElement Report(CommandResult result) => JsonElement.Parse(result.Output.TrimEnd().Split('\n')[^1]);

    /// <summary>Starts a program that is ended with the test.</summary>
    protected Process Start(params string[] command)
    {
        var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts an empty Redis on this machine and returns its port, once it answers.</summary>
    protected async Task<int> StartRedisAsync()
    {
        var program = DebianServer.Require("/usr/bin/redis-server", "redis-server");
        var port = FreePort();
        Start(program, "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--dir", Files);
        await EventuallyAsync(async () =>
        {
            try
            {
                return await AskRedisAsync(port, "PING") == "+PONG\r\n";
            }
            catch (SocketException)
            {
                return false;
            }
        });
        return port;
    }

    /// <summary>One command on a connection of its own; the answer has to be one packet.</summary>
    protected async Task<string> AskRedisAsync(int port, string command)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, Cancellation);
        return await TalkAsync(socket, command + "\r\n");
    }

    protected async Task<string> TalkAsync(Socket socket, string text)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), SocketFlags.None, Cancellation);
        var buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, SocketFlags.None, Cancellation));
    }

    protected async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.IsLessThan(TimeSpan.FromSeconds(10), TimeProvider.System.GetElapsedTime(started));
            await Task.Delay(10, Cancellation);
        }
    }

    protected static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
