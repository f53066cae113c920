using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>What fails is a part: one direction, some datagrams, the agent alone. At most a switchover comes of it.</summary>
[TestClass]
public sealed class PartitionTests : TrafficTest
{
    private const int Connections = 50;

    [TestMethod]
    public async Task An_active_node_that_hears_nothing_more_is_relieved_although_it_is_heard()
    {
        var client = await StartAsync();
        var epoch = (await GatewayAsync()).Epoch;
        await FilterAsync(Port(LabHost.Node1, "egress", "policy drop;"));
        var gateway = await TakenOverAsync(LabHost.Node2, epoch);
        await GatewayUntilAsync(g => g.Node(LabHost.Node1) is { Deaf: true, Role: "down" }, "node1 is known to be deaf");
        await HealAsync(gateway.Epoch);
        await AssertUnharmedAsync(client);
    }

    [TestMethod]
    public async Task An_active_node_that_is_not_heard_is_relieved_although_it_hears()
    {
        var client = await StartAsync();
        var epoch = (await GatewayAsync()).Epoch;
        await FilterAsync(Port(LabHost.Node1, "ingress", "policy drop;"));
        var gateway = await TakenOverAsync(LabHost.Node2, epoch);
        await HealAsync(gateway.Epoch);
        await AssertUnharmedAsync(client);
    }

    [TestMethod]
    public async Task A_replica_that_hears_nothing_disturbs_nobody()
    {
        var client = await StartAsync();
        await FilterAsync(Port(LabHost.Node2, "egress", "policy drop;"));
        await GatewayUntilAsync(gateway => gateway.Node(LabHost.Node2).Role == "down", "the replica does not count");
        Assert.AreEqual("active", (await GatewayAsync()).Node(LabHost.Node1).Role);
        await HealAsync(epoch: 0, LabHost.Node2);
        await AssertUnharmedAsync(client);
    }

    [TestMethod]
    public async Task Three_heartbeats_in_ten_may_be_lost_in_either_direction()
    {
        var client = await StartAsync();
        var epoch = (await GatewayAsync()).Epoch;
        var loss = $"policy accept; udp dport {LabAddresses.HeartbeatPort} numgen random mod 10 < 3 drop; udp sport {LabAddresses.HeartbeatPort} numgen random mod 10 < 3 drop;";
        await FilterAsync(string.Concat(LabNames.Nodes.Select(node => Port(node, "egress", loss) + Port(node, "ingress", loss))));
        await Task.Delay(TimeSpan.FromSeconds(5), Cancellation); // of five hundred heartbeats, ten in a row would have to be lost
        Assert.AreEqual(epoch, (await GatewayAsync()).Epoch, "nobody was suspected");
        await HealAsync(epoch: 0, LabHost.Node2);
        await AssertUnharmedAsync(client);
    }

    [TestMethod]
    public async Task A_paused_agent_costs_a_switchover_and_nothing_else()
    {
        var client = await StartAsync();
        var epoch = (await GatewayAsync()).Epoch;
        await SignalAsync(LabHost.Node1, UnixSignal.Stop);
        var gateway = await TakenOverAsync(LabHost.Node2, epoch);
        await SignalAsync(LabHost.Node1, UnixSignal.Continue);
        await HealAsync(gateway.Epoch);
        await AssertUnharmedAsync(client);
    }

    private async Task<RunningTraffic> StartAsync()
    {
        var client = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await ProtectedAsync(Connections);
        return client;
    }

    private async Task AssertUnharmedAsync(RunningTraffic client)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has its turn
        AssertUnharmed(await client.FinishAsync(Cancellation), Connections);
    }

    /// <summary>Takes the rules away, and waits until the node is the replica, without another move of the service.</summary>
    private async Task HealAsync(ulong epoch, LabHost node = LabHost.Node1)
    {
        await FilterAsync(string.Empty);
        await GatewayUntilAsync(gateway => gateway.Ready && gateway.Node(node) is { Role: "replica", Deaf: false }, $"{LabNames.Of(node)} is the replica");
        var now = await GatewayAsync();
        Assert.IsGreaterThanOrEqualTo(epoch, now.Epoch, "no epoch comes back");
        Assert.AreEqual("active", now.Node(LabNames.Peer(node)).Role);
    }

    /// <summary>A chain at the switch's port of a node: egress leads to the node, ingress comes from it.</summary>
    private static string Port(LabHost node, string hook, string rules) => $$"""
        chain {{LabNames.Of(node)}}_{{hook}} { type filter hook {{hook}} device "{{LabNames.SwitchPort(node)}}" priority 0; {{rules}} }

        """;

    private async Task FilterAsync(string chains)
    {
        const string Table = "netdev partition";
        var result = await Lab.RunAsync(
            LabHost.Switch, ["nft", "-f", "-"], $"add table {Table}\ndelete table {Table}\ntable {Table} {{\n{chains}}}\n", cancellation: Cancellation);
        Assert.AreEqual(0, result.ExitCode, result.Error);
    }
}
