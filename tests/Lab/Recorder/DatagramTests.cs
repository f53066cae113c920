using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>UDP services: replicated, repaired, silent, and alive after a takeover.</summary>
[TestClass]
public sealed class DatagramTests : ApplianceTest
{
    private const int RequestPort = 5300;
    private const int StreamPort = 7100;
    private const int Burst = 20;

    [TestMethod]
    [DataRow(LabAddresses.Vip4, DisplayName = "IPv4")]
    [DataRow(LabAddresses.Vip6, DisplayName = "IPv6")]
    public async Task A_stream_of_which_copies_are_lost_reaches_the_silent_backup_whole(string address)
    {
        StartWriters(address);
        var (primary, backup, _) = await RolesAsync();
        await LoseCopiesAsync(1000);
        var spoken = await FrameCounter.StartAsync(Lab, backup);

        using var client = Client(address, StreamPort);
        await SendAsync(client, first: 0, count: 6000);

        await UntilAsync(() => Written(primary).Count == 6000, "the primary has the whole stream");
        await UntilAsync(() => Written(backup).Count >= 6000, "the backup has as much");
        await Task.Delay(TimeSpan.FromMilliseconds(500), Cancellation); // for what may come twice
        CollectionAssert.AreEqual(Written(primary).Order().ToList(), Written(backup).Order().ToList(), "each exactly once");
        Assert.AreEqual(0L, await spoken.ReadAsync(), "frames of the service that left the backup");
        var (held, repaired, repeated) = await RecorderAsync();
        TestContext.WriteLine($"{repaired} of 6000 repaired, {repeated} sent again");
        Assert.IsInRange(400, 1500, repaired);
        Assert.AreEqual(0, held);
    }

    [TestMethod]
    [DataRow(LabAddresses.Vip4, DisplayName = "IPv4")]
    [DataRow(LabAddresses.Vip6, DisplayName = "IPv6")]
    public async Task A_stream_goes_on_through_a_takeover_and_the_backup_has_all_that_the_primary_had(string address)
    {
        StartWriters(address);
        var (primary, backup, epoch) = await RolesAsync();
        await LoseCopiesAsync(1000);
        using var client = Client(address, StreamPort);

        var sending = SendAsync(client, first: 0, count: 6000);
        await UntilAsync(() => Written(primary).Count > 2000, "the stream is under way");
        await FaultAsync(FaultKind.Crash, "primary");
        await TakenOverAsync(backup, epoch);
        await sending;
        await Lab.FaultAsync(new FaultRequest(FaultKind.TapLoss, LabNames.Of(backup)) { BasisPoints = 0 }, Cancellation);
        await SendAsync(client, first: 6000, count: 2000);

        await UntilAsync(() => Written(backup).Contains(7999), "the end of the stream");
        var first = Written(primary);
        var second = Written(backup);
        TestContext.WriteLine($"primary {first.Count}, backup {second.Count} of 8000");
        Assert.IsEmpty(first.Except(second), "what the primary had");
        Assert.HasCount(second.Count, second.Distinct(), "nothing twice");
        Assert.IsEmpty(Enumerable.Range(6000, 2000).Except(second), "what came to the backup itself");
    }

    [TestMethod]
    [DataRow(LabAddresses.Vip4, DisplayName = "IPv4")]
    [DataRow(LabAddresses.Vip6, DisplayName = "IPv6")]
    public async Task Requests_are_answered_by_the_backup_when_the_primary_has_crashed(string address)
    {
        foreach (var node in LabNames.Nodes)
        {
            Keep(DatagramServer.Answering(Lab, node, new IPEndPoint(IPAddress.Parse(address), RequestPort)));
        }

        var (_, backup, epoch) = await RolesAsync();
        var spoken = await FrameCounter.StartAsync(Lab, backup);
        using var client = Client(address, RequestPort);
        for (var i = 0; i < 100; i++)
        {
            Assert.IsTrue(await AskAsync(client, $"before-{i}"), $"request {i}");
        }

        Assert.AreEqual(0L, await spoken.ReadAsync(), "frames of the service that left the backup");

        await FaultAsync(FaultKind.Crash, "primary");
        var crashed = TimeProvider.System.GetTimestamp();
        var lost = 0;
        while (!await AskAsync(client, $"after-{lost}"))
        {
            Assert.IsLessThan(Patience, TimeProvider.System.GetElapsedTime(crashed), "an answer after the crash");
            lost++;
        }

        TestContext.WriteLine($"answered {TimeProvider.System.GetElapsedTime(crashed).TotalMilliseconds:0} ms after the crash; {lost} requests lost");
        await TakenOverAsync(backup, epoch);
        for (var i = 0; i < 100; i++)
        {
            Assert.IsTrue(await AskAsync(client, $"later-{i}"), $"request {i}");
        }
    }

    private void StartWriters(string address)
    {
        foreach (var node in LabNames.Nodes)
        {
            Keep(DatagramServer.Writing(Lab, node, new IPEndPoint(IPAddress.Parse(address), StreamPort), FileOf(node)));
        }
    }

    /// <summary>The node that holds the service, and the other one.</summary>
    private async Task<(LabHost Primary, LabHost Backup, ulong Epoch)> RolesAsync()
    {
        var gateway = await GatewayUntilAsync(gateway => gateway.Ready, "both nodes play their parts");
        var primary = LabNames.Nodes.Single(node => gateway.Node(node).Role == "active");
        return (primary, LabNames.Nodes.Single(node => node != primary), gateway.Epoch);
    }

    private Task<FaultRecord> LoseCopiesAsync(int basisPoints) =>
        Lab.FaultAsync(new FaultRequest(FaultKind.TapLoss, FaultRequest.Backup) { BasisPoints = basisPoints }, Cancellation);

    private string FileOf(LabHost node) => Path.Combine(Lab.Directory, $"{LabNames.Of(node)}-stream.txt");

    /// <summary>The numbers that a node's server has written, in their order.</summary>
    private List<int> Written(LabHost node) =>
        [.. File.ReadAllText(FileOf(node)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];

    private Socket Client(string address, int port)
    {
        var service = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = NetworkNamespace.Run(
            Lab.Namespace(LabHost.Client),
            () => new Socket(service.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        socket.Connect(service);
        return socket;
    }

    /// <summary>Some 2,000 datagrams a second, each with its number.</summary>
    private async Task SendAsync(Socket client, int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            await client.SendAsync(Encoding.ASCII.GetBytes($"{number:D8}\n"), Cancellation);
            if (number % Burst == Burst - 1)
            {
                await Task.Delay(10, Cancellation);
            }
        }
    }

    /// <summary>Asks once; false when no answer comes, after a crash within 20 ms. Late answers to earlier requests are passed over.</summary>
    private async Task<bool> AskAsync(Socket client, string request)
    {
        var buffer = new byte[2048];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        try
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(request), Cancellation);
            limit.CancelAfter(request.StartsWith("after", StringComparison.Ordinal) ? TimeSpan.FromMilliseconds(20) : TimeSpan.FromSeconds(2));
            while (true)
            {
                var length = await client.ReceiveAsync(buffer, limit.Token);
                if (Encoding.ASCII.GetString(buffer, 0, length) == DatagramServer.AnswerTo(request))
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            return false;
        }
        catch (SocketException)
        {
            return false; // the gateway's "unreachable"
        }
    }

    private async Task<(int Held, int Repaired, int Repeated)> RecorderAsync()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var status = await http.GetFromJsonAsync<JsonElement>(new Uri(Lab.ApiUrl, "/api/v1/status"), Cancellation);
        var datagrams = status.GetProperty("recorder").GetProperty("datagrams");
        return (datagrams.GetProperty("heldBytes").GetInt32(), datagrams.GetProperty("repaired").GetInt32(), datagrams.GetProperty("repeated").GetInt32());
    }
}
