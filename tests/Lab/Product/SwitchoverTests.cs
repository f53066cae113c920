using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>The service moves in good order, and the old active node stays in step as the replica.</summary>
[TestClass]
public sealed class SwitchoverTests : TrafficTest
{
    private const int Connections = 200;

    [TestMethod]
    public async Task To_and_fro_under_load_costs_neither_a_connection_nor_its_protection()
    {
        const int Switchovers = 100;
        var client = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await ProtectedAsync(Connections);

        for (var i = 0; i < Switchovers; i++)
        {
            var (from, to) = i % 2 == 0 ? (LabHost.Node1, LabHost.Node2) : (LabHost.Node2, LabHost.Node1);
            Assert.AreEqual(LabNames.Of(to), await SwitchAsync());
            var gateway = await ProtectedAsync(Connections, from);
            Assert.AreEqual("active", gateway.Node(to).Role);
        }

        var report = await client.FinishAsync(Cancellation);
        TestContext.WriteLine($"worst gap {report.MaxGapMs:0.0} ms in {Switchovers} switchovers");
        AssertUnharmed(report, Connections);
    }

    [TestMethod]
    public async Task Streams_at_full_speed_go_on()
    {
        var client = StartClient(LabAddresses.Vip4, "--uploads", "1", "--downloads", "1", "--stream-bytes", "2000000000", "--sha256");
        await ProtectedAsync(2);
        for (var i = 0; i < 4; i++)
        {
            await SwitchAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(300), Cancellation); // under way again
        }

        var report = await client.ReportAsync(Cancellation);
        TestContext.WriteLine($"worst gap {report.MaxGapMs:0.0} ms");
        AssertUnharmed(report, 2);
    }

    [TestMethod]
    public async Task The_old_active_node_can_take_over_again_by_itself()
    {
        var client = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await ProtectedAsync(Connections);
        await SwitchAsync();
        var epoch = (await ProtectedAsync(Connections, LabHost.Node1)).Epoch;

        await FaultAsync(FaultKind.Crash, "node2");
        await TakenOverAsync(LabHost.Node1, epoch);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has its turn
        AssertUnharmed(await client.FinishAsync(Cancellation), Connections);
    }

    [TestMethod]
    public async Task Without_a_usable_replica_it_is_refused_with_the_reason()
    {
        await GatewayUntilAsync(gateway => gateway.Ready, "both nodes take part");
        await FaultAsync(FaultKind.KillApp, "backup");
        await GatewayUntilAsync(gateway => gateway.Node(LabHost.Node2).ServerEnded, "the replica's server has ended");
        StringAssert.Contains(await RefusalAsync("planned"), "server");

        await FaultAsync(FaultKind.Crash, "node2");
        await GatewayUntilAsync(gateway => gateway.Node(LabHost.Node2).Role == "down", "the replica is down");
        StringAssert.Contains(await RefusalAsync("planned"), "replica");
        StringAssert.Contains(await RefusalAsync("forced"), "replica");
        StringAssert.Contains(await RefusalAsync("someday", HttpStatusCode.BadRequest), "kind");
    }

    [TestMethod]
    public async Task Connections_that_would_be_lost_forbid_it_unless_the_loss_is_accepted()
    {
        await FaultAsync(FaultKind.KillApp, "backup");
        var client = StartClient(LabAddresses.Vip4, "--connections", "5", "--wait-stop");
        await GatewayUntilAsync(gateway => gateway.Recorder.In("unprotected") == 5, "no replica");
        StringAssert.Contains(await RefusalAsync("planned"), "5 open connections");

        await StartServerAsync(LabHost.Node2);
        await GatewayUntilAsync(gateway => !gateway.Node(LabHost.Node2).ServerEnded, "the server is back");
        Assert.AreEqual("node2", await SwitchAsync(acceptLoss: true));
    }

    private async Task<string> RefusalAsync(string kind, HttpStatusCode code = HttpStatusCode.Conflict)
    {
        using var answer = await OrderAsync(kind, acceptLoss: false);
        Assert.AreEqual(code, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString()!;
    }
}
