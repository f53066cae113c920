using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>The node that holds the service dies or disappears under load; nobody notices.</summary>
[TestClass]
public sealed class CrashTests : TrafficTest
{
    private const int EchoConnections = 200;
    private const int AllConnections = EchoConnections + 2;

    // 3 s of streams, so that the fault comes in their middle.
    private static readonly string[] s_traffic =
    [
        "--connections", $"{EchoConnections}", "--downloads", "1", "--uploads", "1",
        "--stream-bytes", "45000000", "--stream-rate", "15000000", "--sha256",
    ];

    private const string Translation = """
        table inet theirs {
            chain out {
                type nat hook postrouting priority srcnat
                oifname "elsewhere" masquerade
            }
        }

        """;

    [TestMethod]
    [DataRow(LabAddresses.Vip4, FaultKind.Crash, DisplayName = "crash, IPv4")]
    [DataRow(LabAddresses.Vip6, FaultKind.Crash, DisplayName = "crash, IPv6")]
    [DataRow(LabAddresses.Vip4, FaultKind.Cut, DisplayName = "cut, IPv4")]
    [DataRow(LabAddresses.Vip6, FaultKind.Cut, DisplayName = "cut, IPv6")]
    public async Task Every_connection_survives_the_primary_with_the_right_bytes(string address, FaultKind fault)
    {
        var traffic = StartClient(address, s_traffic);
        await UnderWayAsync(traffic, LabHost.Node2);
        var epoch = (await GatewayAsync()).Epoch;

        await FaultAsync(fault, "primary");

        await TakenOverAsync(LabHost.Node2, epoch);
        AssertUnharmed(await traffic.ReportAsync(Cancellation), AllConnections);
        Assert.AreEqual("down", (await GatewayAsync()).Node(LabHost.Node1).Role);
    }

    /// <summary>As every container has it, every container host, and many a firewall.</summary>
    [TestMethod]
    [DataRow(LabAddresses.Vip4, DisplayName = "IPv4")]
    [DataRow(LabAddresses.Vip6, DisplayName = "IPv6")]
    public async Task Nodes_whose_hosts_translate_addresses_replicate_all_the_same(string address)
    {
        foreach (var node in new[] { LabHost.Node1, LabHost.Node2 })
        {
            await CommandRunner.RequireAsync(["ip", "netns", "exec", Lab.Namespace(node), "nft", "-f", "-"], Translation, Cancellation);
        }
        var traffic = StartClient(address, s_traffic);
        await UnderWayAsync(traffic, LabHost.Node2);
        var epoch = (await GatewayAsync()).Epoch;

        await FaultAsync(FaultKind.Crash, "primary");

        await TakenOverAsync(LabHost.Node2, epoch);
        AssertUnharmed(await traffic.ReportAsync(Cancellation), AllConnections);
    }

    [TestMethod]
    public async Task A_cut_node_that_returns_is_fenced_and_then_replicates_and_takes_over_in_its_turn()
    {
        var first = StartClient(LabAddresses.Vip4, s_traffic);
        await UnderWayAsync(first, LabHost.Node2);
        var epoch = (await GatewayAsync()).Epoch;
        await FaultAsync(FaultKind.Cut, "node1");
        epoch = (await TakenOverAsync(LabHost.Node2, epoch)).Epoch;

        // It comes back while its lease lasts and its connections are still open: it would like to speak.
        await FaultAsync(FaultKind.Heal, "node1");
        epoch = (await GatewayUntilAsync(gateway => gateway.Ready && gateway.Epoch > epoch, "node1 joins as the replica")).Epoch;
        Assert.AreEqual("replica", (await GatewayAsync()).Node(LabHost.Node1).Role);
        AssertUnharmed(await first.ReportAsync(Cancellation), AllConnections);
        await ForgottenAsync();

        var second = StartClient(LabAddresses.Vip4, s_traffic);
        await UnderWayAsync(second, LabHost.Node1);
        await FaultAsync(FaultKind.Cut, "primary");
        await TakenOverAsync(LabHost.Node1, epoch);
        AssertUnharmed(await second.ReportAsync(Cancellation), AllConnections);
    }

    [TestMethod]
    public async Task A_node_that_was_rebooted_replicates_and_takes_over_in_its_turn()
    {
        var first = StartClient(LabAddresses.Vip4, s_traffic);
        await UnderWayAsync(first, LabHost.Node2);
        await FaultAsync(FaultKind.Crash, "node1");
        AssertUnharmed(await first.ReportAsync(Cancellation), AllConnections);

        await FaultAsync(FaultKind.Heal, "node1");
        var epoch = (await GatewayUntilAsync(gateway => gateway.Ready, "node1 joins as the replica")).Epoch;
        await StartServerAsync(LabHost.Node1);

        var second = StartClient(LabAddresses.Vip6, s_traffic);
        await UnderWayAsync(second, LabHost.Node1);
        await FaultAsync(FaultKind.Crash, "primary");
        await TakenOverAsync(LabHost.Node1, epoch);
        AssertUnharmed(await second.ReportAsync(Cancellation), AllConnections);
    }

    /// <summary>Waits until the streams are in their middle and every flow has its replica.</summary>
    private async Task UnderWayAsync(RunningTraffic traffic, LabHost replica)
    {
        await traffic.UntilAsync(
            progress => progress is { DownloadFraction: > 0.1, UploadFraction: > 0.1, Connected: AllConnections, Lost: 0 },
            Patience,
            Cancellation);
        await GatewayUntilAsync(
            gateway => gateway.Flows == AllConnections && gateway.Node(replica).Flows is { Replicas: AllConnections, Diverged: 0 },
            $"every flow has a replica on {LabNames.Of(replica)}");
    }
}
