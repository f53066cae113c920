using System.Net;
using System.Net.Http.Json;
using Appliance.Lab;
using Appliance.Lab.Daemons;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>Output hot: the death of a server costs its clients nothing, long before anybody has detected it.</summary>
[TestClass]
public sealed class HotTests : TrafficTest
{
    private const int EchoConnections = 1000;

    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false });

    /// <summary>Far more than a busy machine does to the waits by itself.</summary>
    private static readonly TimeSpan s_detection = TimeSpan.FromSeconds(2);

    private static readonly string[] s_echo = ["--connections", $"{EchoConnections}", "--wait-stop"];

    // 7 s of streams: the fault comes in their middle, the detection before their end.
    private static readonly string[] s_streams =
        ["--connections", "50", "--downloads", "2", "--uploads", "2", "--stream-bytes", "70000000", "--stream-rate", "10000000", "--sha256"];

    protected override LabOptions Options => new() { Output = OutputPolicy.Hot, DetectionTimeout = s_detection };

    [TestMethod]
    [DataRow(LabAddresses.Vip4, FaultKind.Crash, "node1", DisplayName = "the primary crashes, IPv4")]
    [DataRow(LabAddresses.Vip6, FaultKind.Crash, "node1", DisplayName = "the primary crashes, IPv6")]
    [DataRow(LabAddresses.Vip4, FaultKind.Crash, "node2", DisplayName = "the backup crashes")]
    public async Task No_client_waits_for_the_detection(string address, FaultKind fault, string node)
    {
        var traffic = StartClient(address, s_echo);
        await traffic.UntilAsync(progress => progress is { Connected: EchoConnections }, Patience, Cancellation);
        await HotAsync(EchoConnections);
        await traffic.ForgetAsync();
        await Task.Delay(500, Cancellation);
        var epoch = (await GatewayAsync()).Epoch;

        await FaultAsync(fault, node);
        await Task.Delay(1000, Cancellation);

        Assert.AreEqual(epoch, (await GatewayAsync()).Epoch, "nobody has noticed yet");
        var report = await traffic.FinishAsync(Cancellation);
        AssertUnharmed(report, EchoConnections);
        Assert.IsLessThan(s_detection.TotalMilliseconds / 4, report.MaxGapMs);
    }

    [TestMethod]
    [DataRow("node1", DisplayName = "the primary crashes")]
    [DataRow("node2", DisplayName = "the backup crashes")]
    public async Task Streams_go_on_in_both_directions(string node)
    {
        var traffic = StartClient(LabAddresses.Vip4, s_streams);
        await traffic.UntilAsync(progress => progress is { DownloadFraction: > 0.15, UploadFraction: > 0.15 }, Patience, Cancellation);
        await HotAsync(54);

        await FaultAsync(FaultKind.Crash, node);

        var report = await traffic.ReportAsync(Cancellation);
        AssertUnharmed(report, 54);
        Assert.IsLessThan(s_detection.TotalMilliseconds / 4, report.Streams.Max(stream => stream.MaxGapMs));
        if (node == "node1")
        {
            await GatewayUntilAsync(gateway => gateway.Node(LabHost.Node2).Role == "active", "node2 takes over in the end");
        }
    }

    [TestMethod]
    public async Task The_policy_changes_and_the_service_moves_under_load()
    {
        var traffic = StartClient(LabAddresses.Vip4, s_streams);
        await traffic.UntilAsync(progress => progress is { DownloadFraction: > 0.05, UploadFraction: > 0.05 }, Patience, Cancellation);
        await HotAsync(54);

        await SetOutputAsync("silent");
        await HotAsync(0);
        await SetOutputAsync("hot");
        await HotAsync(54);
        Assert.AreEqual("node2", await SwitchAsync());
        await HotAsync(54);
        Assert.AreEqual("node1", await SwitchAsync());
        await HotAsync(54);

        AssertUnharmed(await traffic.ReportAsync(Cancellation), 54);
    }

    private async Task SetOutputAsync(string policy)
    {
        using var answer = await s_http.PutAsJsonAsync(new Uri(Lab.ApiUrl, "/api/v1/services/all/output"), new { policy }, Cancellation);
        Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private Task<GatewayReport> HotAsync(int connections) =>
        GatewayUntilAsync(gateway => gateway.Recorder.Hot == connections, $"{connections} clients hear both nodes");
}
