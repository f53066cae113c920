using System.Net;
using System.Net.Sockets;
using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Labs;

/// <summary>A lab for one measurement. Disposing takes it down with everything in it.</summary>
public sealed class BenchLab : IAsyncDisposable
{
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(10);

    private readonly List<TrafficClientProcess> _clients = [];

    private BenchLab(Laboratory laboratory)
    {
        Laboratory = laboratory;
        Gateway = new GatewayApi(laboratory.ApiUrl);
    }

    /// <summary>The lab.</summary>
    public Laboratory Laboratory { get; }

    /// <summary>Its name.</summary>
    public string Name => Laboratory.Name;

    /// <summary>Its gateway's REST interface; there is none in a lab that is a network only.</summary>
    public GatewayApi Gateway { get; }

    /// <summary>Makes a lab; what a bench that was killed left under this name goes first.</summary>
    /// <param name="name">What it is for; becomes part of its name.</param>
    /// <param name="withAppliance">False for the network only.</param>
    /// <param name="cancellation">Ends the attempt, and nothing is left.</param>
    public static Task<BenchLab> UpAsync(string name, bool withAppliance, CancellationToken cancellation) =>
        UpAsync(new LabOptions { Name = name, WithDaemons = withAppliance }, configuration: null, cancellation);

    /// <summary>Makes a lab with a configuration of its own.</summary>
    /// <param name="options">What it is like; its name is what it is for.</param>
    /// <param name="configuration">YAML that is laid over the gateway's configuration, or null.</param>
    /// <param name="cancellation">Ends the attempt, and nothing is left.</param>
    public static async Task<BenchLab> UpAsync(LabOptions options, string? configuration, CancellationToken cancellation)
    {
        options = options with { Name = $"bench-{options.Name}" };
        await Laboratory.DownAsync(options.Name);
        var file = configuration is null ? null : Path.GetTempFileName();
        try
        {
            if (file is not null)
            {
                await File.WriteAllTextAsync(file, configuration, cancellation);
            }

            return await StartAsync(options with { ConfigurationFile = file }, cancellation);
        }
        finally
        {
            if (file is not null)
            {
                File.Delete(file);
            }
        }
    }

    private static async Task<BenchLab> StartAsync(LabOptions options, CancellationToken cancellation)
    {
        var lab = new BenchLab(await Laboratory.UpAsync(options, cancellation: cancellation));
        try
        {
            // Every client of ten thousand connections leaves as many ports in TIME-WAIT.
            await lab.RequireAsync(LabHost.Client, ["sysctl", "-q", "-w", "net.ipv4.tcp_tw_reuse=1"], cancellation);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives node 1 the service address by hand, as without the appliance.</summary>
    public Task PlaceAddressAsync(CancellationToken cancellation) =>
        RequireAsync(LabHost.Node1, ["ip", "addr", "add", $"{LabAddresses.Vip4}/32", "dev", "lo"], cancellation);

    /// <summary>Starts the traffic server on hosts and waits until it listens.</summary>
    public Task StartServersAsync(CancellationToken cancellation, params LabHost[] hosts) => Task.WhenAll(hosts.Select(host => StartServerAsync(host, cancellation)));

    /// <summary>Starts one with arguments of its own.</summary>
    public async Task StartServerAsync(LabHost host, CancellationToken cancellation, params string[] arguments)
    {
        var log = ServerLog(host);
        var earlier = Listening();
        StartProgram(host, [BenchPaths.TrafficProgram, "traffic-server", .. arguments], log).Dispose();
        await WaitAsync(() => Listening() > earlier, $"the traffic server on {LabNames.Of(host)}", cancellation);

        // Those that were started before, there or in its place, have written to the same file.
        int Listening() => File.Exists(log) ? File.ReadLines(log).Count(static line => line.StartsWith("listening", StringComparison.Ordinal)) : 0;
    }

    /// <summary>What the traffic servers on a host have written.</summary>
    public string ServerLog(LabHost host) => Log($"server-{LabNames.Of(host)}");

    /// <summary>Starts a program in the background; it ends with the lab.</summary>
    public LabProcess StartProgram(LabHost host, IReadOnlyList<string> command, string logFile) =>
        Laboratory.StartProcess(host, command, logFile);

    /// <summary>Waits until something accepts connections on a host, at a port of its loopback address.</summary>
    public Task ListeningAsync(LabHost host, int port, CancellationToken cancellation) =>
        WaitAsync(() => NetworkNamespace.Run(Laboratory.Namespace(host), () => Accepts(port)), $"a server at port {port} on {LabNames.Of(host)}", cancellation);

    /// <summary>Starts a traffic client.</summary>
    public TrafficClientProcess StartClient(string target, params string[] arguments)
    {
        var client = TrafficClientProcess.Start(Laboratory, target, arguments);
        _clients.Add(client);
        return client;
    }

    /// <summary>A log file in the lab's directory.</summary>
    public string Log(string name) => Path.Combine(Laboratory.Directory, name + ".log");

    /// <summary>Runs a command that has to succeed.</summary>
    /// <exception cref="LabException">It did not.</exception>
    public async Task<string> RequireAsync(LabHost host, IReadOnlyList<string> command, CancellationToken cancellation)
    {
        var result = await Laboratory.RunAsync(host, command, cancellation: cancellation);
        return result.ExitCode == 0
            ? result.Output
            : throw new LabException(LabFailure.CommandFailed, $"'{string.Join(' ', command)}' failed: {result.Error.Trim()}");
    }

    /// <summary>Waits until something has come true.</summary>
    /// <exception cref="LabException">It has not in time.</exception>
    public static async Task WaitAsync(Func<bool> condition, string what, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > s_startTime)
            {
                throw new LabException(LabFailure.NotReady, $"Waited in vain for {what}.");
            }

            await Task.Delay(s_pollInterval, cancellation);
        }
    }

    /// <summary>Whether a log file has a text in it yet.</summary>
    public static bool Contains(string file, string text) =>
        File.Exists(file) && File.ReadAllText(file).Contains(text, StringComparison.Ordinal);

    private static bool Accepts(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        Gateway.Dispose();
        Laboratory.Dispose();
        await Laboratory.DownAsync(Name);
    }
}
