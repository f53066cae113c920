using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>Policy <c>full</c>: a node that joins becomes a replica of connections that were open long before.</summary>
[TestClass]
public sealed class FullLateJoinTests : RecorderTest
{
    private const int EchoConnections = 50;
    private const int AllConnections = EchoConnections + 1;

    protected override string Configuration => "recorder: { policy: full }";

    [TestMethod]
    public async Task Open_connections_are_protected_again_after_a_failover_and_survive_the_next()
    {
        var traffic = StartClient(
            LabAddresses.Vip4,
            "--connections", $"{EchoConnections}", "--uploads", "1", "--stream-bytes", "120000000", "--stream-rate", "3000000", "--sha256", "--wait-stop");
        await traffic.UntilAsync(progress => progress is { UploadFraction: > 0.01, Connected: AllConnections, Lost: 0 }, Patience, Cancellation);
        await AllProtectedAsync(AllConnections);
        await CrashAsync(LabHost.Node1);

        await ReturnAsync(LabHost.Node1);
        await AllProtectedAsync(AllConnections);
        await CrashAsync(LabHost.Node2);

        AssertUnharmed(await traffic.FinishAsync(Cancellation), AllConnections);
    }

    [TestMethod]
    public async Task What_was_recorded_before_a_restart_of_the_gateway_is_there_for_a_node_that_joins_later()
    {
        const int Many = 150;
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Many}", "--wait-stop");
        await AllProtectedAsync(Many);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has a history
        await FaultAsync(FaultKind.Crash, "gateway");
        await FaultAsync(FaultKind.Heal, "gateway");
        await AllProtectedAsync(Many);
        await CrashAsync(LabHost.Node1);

        await ReturnAsync(LabHost.Node1);
        await AllProtectedAsync(Many);
        await CrashAsync(LabHost.Node2);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has its turn
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Many);
    }

    [TestMethod]
    public async Task A_server_that_is_killed_while_its_replicas_are_made_anew_is_relieved_by_them()
    {
        const int Many = 150;
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Many}", "--wait-stop");
        await AllProtectedAsync(Many);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has a history
        var epoch = (await GatewayAsync()).Epoch;
        await FaultAsync(FaultKind.KillApp, "node2");
        await StartServerAsync(LabHost.Node2);
        await FaultAsync(FaultKind.KillApp, "node1");

        await TakenOverAsync(LabHost.Node2, epoch);
        await Task.Delay(TimeSpan.FromSeconds(2), Cancellation); // every connection has its turn
        var report = await traffic.FinishAsync(Cancellation);
        TestContext.WriteLine($"worst gap {report.MaxGapMs:0} ms");
        AssertUnharmed(report, Many);
    }

    /// <summary>The rolling upgrade of docs/operations.md, step by step.</summary>
    [TestMethod]
    public async Task Both_servers_are_upgraded_under_load_and_no_connection_notices()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{EchoConnections}", "--wait-stop");
        await AllProtectedAsync(EchoConnections);

        await ReplaceServerAsync(LabHost.Node2);
        Assert.AreEqual("node2", await SwitchAsync());
        await ReplaceServerAsync(LabHost.Node1);
        var later = StartClient(LabAddresses.Vip4, "--connections", $"{EchoConnections}", "--wait-stop");
        await AllProtectedAsync(2 * EchoConnections);

        await CrashAsync(LabHost.Node2);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has its turn
        AssertUnharmed(await traffic.FinishAsync(Cancellation), EchoConnections);
        AssertUnharmed(await later.FinishAsync(Cancellation), EchoConnections);
    }

    /// <summary>Within the gateway's grace for a silent replica, no epoch tells that the node has begun anew.</summary>
    [TestMethod]
    public async Task A_node_that_gave_the_service_away_and_crashed_is_given_its_connections_anew()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{EchoConnections}", "--wait-stop");
        await AllProtectedAsync(EchoConnections);
        Assert.AreEqual("node2", await SwitchAsync());
        await ProtectedAsync(EchoConnections, LabHost.Node1);

        await FaultAsync(FaultKind.Crash, "node1");
        await GatewayUntilAsync(gateway => gateway.Recorder.In("protected") == 0, "the crash is noticed");
        await ReturnAsync(LabHost.Node1);
        await ProtectedAsync(EchoConnections, LabHost.Node1);

        await CrashAsync(LabHost.Node2);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has its turn
        AssertUnharmed(await traffic.FinishAsync(Cancellation), EchoConnections);
    }

    /// <summary>Stops a replica's server, starts its successor, and waits until that has all connections.</summary>
    private async Task ReplaceServerAsync(LabHost node)
    {
        await FaultAsync(FaultKind.KillApp, LabNames.Of(node));
        await GatewayUntilAsync(gateway => gateway.Node(node).ServerEnded, "the server has ended");
        await StartServerAsync(node);
        await AllProtectedAsync(EchoConnections);
    }
}
