using System.Net.Sockets;
using System.Text;
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

    /// <summary>Far more than a busy machine does to the waits by itself.</summary>
    private static readonly TimeSpan s_detection = TimeSpan.FromSeconds(2);

    private static readonly string[] s_echo = ["--connections", $"{EchoConnections}", "--wait-stop"];

    // 7 s of streams: the fault comes in their middle, the detection before their end.
    private static readonly string[] s_streams =
        ["--connections", "50", "--downloads", "2", "--uploads", "2", "--stream-bytes", "70000000", "--stream-rate", "10000000", "--sha256"];

    // As long as it takes, and then the rest fast.
    private static readonly string[] s_steady =
        ["--connections", "50", "--downloads", "2", "--uploads", "2", "--stream-bytes", "100000000", "--stream-rate", "4000000", "--sha256", "--wait-stop"];

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
        var traffic = StartClient(LabAddresses.Vip4, s_steady);
        await traffic.UntilAsync(progress => progress is { DownloadFraction: > 0.02, UploadFraction: > 0.02 }, Patience, Cancellation);
        await HotAsync(54);

        await SetOutputAsync("silent");
        await HotAsync(0);
        await SetOutputAsync("hot");
        await HotAsync(54);
        Assert.AreEqual("node2", await SwitchAsync());
        await HotAsync(54);
        Assert.AreEqual("node1", await SwitchAsync());
        await HotAsync(54);

        AssertUnharmed(await traffic.FinishAsync(Cancellation), 54);
    }

    /// <summary>Node 2 is quicker, and says something else to those who ask for it.</summary>
    [TestMethod]
    public async Task A_client_that_was_given_what_differs_is_reset_and_the_others_go_on()
    {
        const int Port = 7100;
        const int Each = 10;
        Keep(ScriptedServer.Start(Lab, LabHost.Node1, Port, (socket, cancellation) => AnswerAsync(socket, static text => text, 100, cancellation)));
        Keep(ScriptedServer.Start(Lab, LabHost.Node2, Port, (socket, cancellation) => AnswerAsync(socket, static text => text.Replace("odd", "old", StringComparison.Ordinal), 0, cancellation)));
        var sockets = new List<Socket>();
        for (var i = 0; i < 2 * Each; i++)
        {
            sockets.Add(Keep(await ClientNetwork.ConnectAsync(Lab, Port, Cancellation)));
        }
        await HotAsync(2 * Each);
        var (alike, odd) = (sockets[..Each], sockets[Each..]);
        foreach (var socket in sockets)
        {
            Assert.AreEqual("hello", await socket.EchoAsync("hello"));
            Assert.AreEqual("hello again", await socket.EchoAsync("hello again"));
        }
        foreach (var socket in odd)
        {
            await socket.TellAsync("odd things");
            Assert.AreEqual("old things", await socket.HearTextAsync(10), "the first copy");
        }
        foreach (var socket in odd)
        {
            var ended = await Assert.ThrowsExactlyAsync<SocketException>(() => socket.HearAsync(1));
            Assert.AreEqual(SocketError.ConnectionReset, ended.SocketErrorCode);
        }
        foreach (var socket in alike)
        {
            Assert.AreEqual("the same", await socket.EchoAsync("the same"));
        }
    }

    private static async Task AnswerAsync(Socket socket, Func<string, string> answer, int delayMs, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, cancellation) is > 0 and var length)
        {
            await Task.Delay(delayMs, cancellation);
            await socket.TellAsync(answer(Encoding.ASCII.GetString(buffer, 0, length)));
        }
    }

    private Task<GatewayReport> HotAsync(int connections) =>
        GatewayUntilAsync(gateway => gateway.Recorder.Hot == connections, $"{connections} clients hear both nodes");
}
