using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Support;

/// <summary>
/// A test of the real appliance: gateway and both node agents run in a lab of the test's own. When the test fails, the
/// gateway's last word and the programs' logs are part of its output.
/// </summary>
public abstract class ApplianceTest : LabTest
{
    /// <summary>How long anything that must happen may take; what is right happens far sooner.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false });

    private static int s_labs;
    private readonly string _name = $"{LabName}-{Interlocked.Increment(ref s_labs)}";
    private readonly List<IDisposable> _possessions = [];
    private Laboratory? _lab;

    /// <summary>The test's lab.</summary>
    protected Laboratory Lab => _lab ?? throw new InvalidOperationException("The lab is not up.");

    /// <summary>
    /// How the lab is made. What happens is tested here, not how fast: the detection is slow enough that a busy machine
    /// does not look like a dead node.
    /// </summary>
    protected virtual LabOptions Options => new() { DetectionTimeout = TimeSpan.FromMilliseconds(300) };

    [TestInitialize]
    public async Task RaiseLab()
    {
        var options = Options with { Name = _name };
        await Laboratory.UpAsync(
            options,
            meanwhile: lab =>
            {
                _lab = lab;
                return PopulateAsync();
            },
            cancellation: Cancellation);
        if (options.WithDaemons)
        {
            await BeginAtNode1Async();
        }
    }

    [TestCleanup]
    public async Task RemoveLab()
    {
        try
        {
            if (_lab is not null && Directory.Exists(_lab.Directory) && TestContext.CurrentTestOutcome != UnitTestOutcome.Passed)
            {
                await DescribeAsync(_lab);
            }
        }
        finally
        {
            try
            {
                _possessions.ForEach(possession => possession.Dispose());
            }
            finally
            {
                _lab?.Dispose();
                await Laboratory.DownAsync(_name);
            }
        }
    }

    /// <summary>
    /// Every test begins with the service at node1. Where a busy machine stretches the first moments of its program beyond the detection
    /// timeout, node2 has it by now.
    /// </summary>
    private async Task BeginAtNode1Async()
    {
        try
        {
            if ((await GatewayAsync()).Node(LabHost.Node1).Role == "active")
            {
                return;
            }
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.Unauthorized)
        {
            return; // such a test asks who may do what, not who holds the service
        }
        using var answer = await OrderAsync("planned", acceptLoss: true);
        Assert.AreEqual(HttpStatusCode.Accepted, answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        await GatewayUntilAsync(gateway => gateway.Ready && gateway.Node(LabHost.Node1).Role == "active", "the service is at node1");
    }

    /// <summary>Orders a switchover.</summary>
    private protected Task<HttpResponseMessage> OrderAsync(string kind, bool acceptLoss) =>
        s_http.PostAsJsonAsync(new Uri(Lab.ApiUrl, "/api/v1/failover"), new { kind, acceptLoss }, Cancellation);

    /// <summary>Starts what every test of a class needs in its network, while the appliance starts.</summary>
    protected virtual Task PopulateAsync() => Task.CompletedTask;

    /// <summary>Keeps something until the end of the test.</summary>
    protected T Keep<T>(T possession)
        where T : IDisposable
    {
        _possessions.Add(possession);
        return possession;
    }

    /// <summary>Makes a fault: crash, cut or heal.</summary>
    protected Task<FaultRecord> FaultAsync(FaultKind kind, string target) => Lab.FaultAsync(new FaultRequest(kind, target), Cancellation);

    /// <summary>What the gateway says now.</summary>
    protected Task<GatewayReport> GatewayAsync() => GatewayReport.ReadAsync(Lab.ApiUrl, Cancellation);

    /// <summary>Waits until the gateway says what it has to.</summary>
    protected async Task<GatewayReport> GatewayUntilAsync(Func<GatewayReport, bool> condition, string what, TimeSpan? limit = null)
    {
        GatewayReport? last = null;
        await UntilAsync(
            async () =>
            {
                last = await GatewayReport.TryReadAsync(Lab.ApiUrl, Cancellation);
                return last is not null && condition(last);
            },
            () => $"{what}; the gateway says {last}",
            limit);
        return last!;
    }

    /// <summary>Waits until a node holds the service in a later epoch than <paramref name="epoch"/>.</summary>
    protected Task<GatewayReport> TakenOverAsync(LabHost by, ulong epoch) => GatewayUntilAsync(
        gateway => gateway.Epoch > epoch && gateway.Node(by).Role == "active",
        $"{LabNames.Of(by)} takes over");

    /// <summary>
    /// Sends a signal to the appliance's program on a host; the result is its process id. One that is stopped has stopped then: the kernel
    /// leaves it to one of its threads to stop the others, and on a busy machine that one has to wait for a processor.
    /// </summary>
    protected async Task<int> SignalAsync(LabHost host, UnixSignal signal)
    {
        var status = await Lab.StatusAsync(Cancellation);
        var pid = status.Hosts.Single(candidate => candidate.Host == host).Pid!.Value;
        ProcessTable.Signal(pid, signal);
        if (signal == UnixSignal.Stop)
        {
            await UntilAsync(() => Directory.EnumerateDirectories($"/proc/{pid}/task").All(thread => ProcessTable.TryGet(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture)) is null or { State: 'T' }), "all of its threads have stopped");
        }
        return pid;
    }

    /// <summary>Waits until every one of <paramref name="flows"/> connections has a replica that is in step.</summary>
    protected Task<GatewayReport> ProtectedAsync(int flows, LabHost replica = LabHost.Node2) => GatewayUntilAsync(
        gateway => gateway.Flows == flows && gateway.Node(replica).Flows is { } its && its.Replicas == flows && gateway.Recorder.In("protected") == flows,
        $"{flows} flows are protected by {LabNames.Of(replica)}");

    /// <summary>Waits until neither the gateway nor a node knows any connection.</summary>
    protected Task<GatewayReport> ForgottenAsync(TimeSpan? limit = null) => GatewayUntilAsync(
        gateway => gateway.Flows == 0 && gateway.Nodes.All(node => node.Flows.Replicas == 0),
        "every flow is forgotten",
        limit);

    /// <summary>Waits for something that has to happen.</summary>
    protected Task UntilAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        UntilAsync(() => Task.FromResult(condition()), () => what, limit);

    /// <summary>Where a program that the test starts on a host writes.</summary>
    protected string LogOf(LabHost host, string program) => Path.Combine(Lab.Directory, $"{LabNames.Of(host)}-{program}.out");

    /// <summary>Starts a server on a node and waits until it listens.</summary>
    protected async Task<LabProcess> StartListeningAsync(LabHost node, int port, params string[] command)
    {
        var server = Keep(Lab.StartProcess(node, command, LogOf(node, "server")));
        await UntilAsync(() => server.HasExited || KernelSockets.Listens(Lab, node, port), $"the server listens on {LabNames.Of(node)}");
        Assert.IsFalse(server.HasExited, "the server ended");
        return server;
    }

    /// <summary>How the kernels on both sides and the gateway see the connections now, for what should not stand still.</summary>
    protected async Task<string> StandingAsync()
    {
        var sockets = await Task.WhenAll(new[] { LabHost.Client, LabHost.Node1, LabHost.Node2 }.Select(async host =>
            $"{LabNames.Of(host)}: {(await Lab.RunAsync(host, ["ss", "-tinHmo"], cancellation: Cancellation)).Output}"));
        return $"{await GatewayReport.TryReadAsync(Lab.ApiUrl, Cancellation)}\n{string.Join('\n', sockets)}";
    }

    /// <summary>Waits for something, for as long as anything may take.</summary>
    protected async Task UntilAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan? limit = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > (limit ?? Patience))
            {
                Assert.Fail($"Not within {(limit ?? Patience).TotalSeconds} s: {what()}");
            }

            await Task.Delay(20, Cancellation);
        }
    }

    private async Task DescribeAsync(Laboratory lab)
    {
        if (await GatewayReport.TryReadAsync(lab.ApiUrl, CancellationToken.None) is { } gateway)
        {
            TestContext.WriteLine($"gateway: {gateway}");
        }

        foreach (var file in Directory.EnumerateFiles(lab.Directory).Where(file => Path.GetExtension(file) is ".log" or ".out").Order(StringComparer.Ordinal))
        {
            var lines = File.ReadLines(file).Where(line => !line.Contains("Microsoft.AspNetCore", StringComparison.Ordinal));
            TestContext.WriteLine($"--- {Path.GetFileName(file)}\n{string.Join('\n', lines.TakeLast(30))}");
        }
    }
}
