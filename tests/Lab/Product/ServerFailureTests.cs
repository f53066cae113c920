using System.Net.Sockets;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>The server fails, and its host goes on: its kernel closes or acknowledges in the dead server's name.</summary>
[TestClass]
public sealed class ServerFailureTests : TrafficTest
{
    private const int Connections = 200;

    [TestMethod]
    public async Task A_server_that_is_killed_is_relieved_and_no_connection_notices()
    {
        var client = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--uploads", "1", "--downloads", "1", "--stream-bytes", "300000000", "--stream-rate", "60000000", "--sha256", "--wait-stop");
        var epoch = (await ProtectedAsync(Connections + 2)).Epoch;

        await FaultAsync(FaultKind.KillApp, "primary");
        var after = await TakenOverAsync(LabHost.Node2, epoch);

        await client.UntilAsync(progress => progress.StreamsRunning == 0, TimeSpan.FromSeconds(40), Cancellation);
        var report = await client.FinishAsync(Cancellation);
        TestContext.WriteLine($"worst gap {report.MaxGapMs:0.0} ms");
        AssertUnharmed(report, Connections + 2);
        Assert.AreEqual("serverEnded", after.Events.Last(e => e.Cause != "replicaJoined").Cause);
    }

    [TestMethod]
    public async Task A_server_that_hangs_is_relieved_and_in_step_when_it_goes_on()
    {
        var client = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        var epoch = (await ProtectedAsync(Connections)).Epoch;

        await FaultAsync(FaultKind.HangApp, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);
        await FaultAsync(FaultKind.Heal, "node1");
        epoch = (await ProtectedAsync(Connections, LabHost.Node1)).Epoch;

        await FaultAsync(FaultKind.Crash, "node2");
        await TakenOverAsync(LabHost.Node1, epoch);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has its turn
        AssertUnharmed(await client.FinishAsync(Cancellation), Connections);
    }

    [TestMethod]
    public async Task A_replicas_server_that_is_killed_disturbs_nobody()
    {
        var client = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await ProtectedAsync(Connections);

        await FaultAsync(FaultKind.KillApp, "backup");
        await GatewayUntilAsync(gateway => gateway.Recorder.In("unprotected") == Connections, "the connections are shown as unprotected");

        AssertUnharmed(await client.FinishAsync(Cancellation), Connections);
        Assert.AreEqual("active", (await GatewayAsync()).Node(LabHost.Node1).Role);
    }

    [TestMethod]
    public async Task A_node_whose_server_was_killed_protects_again_when_it_is_back()
    {
        var epoch = (await GatewayUntilAsync(gateway => gateway.Ready, "both nodes take part")).Epoch;
        await FaultAsync(FaultKind.KillApp, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);

        await StartServerAsync(LabHost.Node1);
        await GatewayUntilAsync(gateway => gateway.Ready && !gateway.Node(LabHost.Node1).ServerEnded, "the server is back");
        var client = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        epoch = (await ProtectedAsync(Connections, LabHost.Node1)).Epoch;
        await FaultAsync(FaultKind.KillApp, "node2");
        await TakenOverAsync(LabHost.Node1, epoch);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has its turn
        AssertUnharmed(await client.FinishAsync(Cancellation), Connections);
    }

    [TestMethod]
    public async Task A_node_that_was_cut_off_ends_its_old_connections_in_silence()
    {
        var client = StartClient(LabAddresses.Vip4, "--connections", "50", "--wait-stop");
        var epoch = (await ProtectedAsync(50)).Epoch;
        await FaultAsync(FaultKind.Cut, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);

        await FaultAsync(FaultKind.Heal, "node1");
        await GatewayUntilAsync(gateway => gateway.Ready, "it is back");
        await UntilAsync(
            () => KernelSockets.Lasting(Lab, LabHost.Node1).Count == 0,
            "the sockets of before are gone");
        AssertUnharmed(await client.FinishAsync(Cancellation), 50);
    }

    [TestMethod]
    public async Task A_connection_attempt_in_the_gap_does_not_wait_for_its_own_second_try()
    {
        const int Attempts = 60;
        var epoch = (await GatewayUntilAsync(gateway => gateway.Ready, "both nodes take part")).Epoch;
        var sockets = ClientNetwork.Open(Lab, Attempts);
        await FaultAsync(FaultKind.Crash, "node1");
        var started = TimeProvider.System.GetTimestamp();
        var connects = sockets.Select(socket => socket.ConnectAsync(ClientNetwork.Service(EchoPort), Cancellation).AsTask()).ToList();
        await Task.WhenAll(connects);
        var took = TimeProvider.System.GetElapsedTime(started);
        await TakenOverAsync(LabHost.Node2, epoch);

        TestContext.WriteLine($"{Attempts} connected within {took.TotalMilliseconds:0} ms of the crash");
        Assert.IsLessThan(TimeSpan.FromMilliseconds(900), took, "a client's kernel sends its SYN again after a second");
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }
    }
}
