using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>Only who is allowed to speaks: the right to do so ends by itself when the gateway is not heard.</summary>
[TestClass]
public sealed class LeaseTests : TrafficTest
{
    private const int Connections = 50;

    /// <summary>A short lease: its end is what is tried here.</summary>
    protected override LabOptions Options => base.Options with { ConfigurationFile = Keep(new ConfigurationOverlay("heartbeat: { lease: 500ms }")).Path };

    [TestMethod]
    public async Task The_active_node_falls_silent_while_the_gateway_hangs_and_its_connections_survive()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await ProtectedFlowsAsync(LabHost.Node2);
        var spoken = await FrameCounter.StartAsync(Lab, LabHost.Node1);
        await SpeaksAsync(spoken);

        await SignalAsync(LabHost.Gateway, UnixSignal.Stop);
        await IsSilentAsync(spoken);

        // Still silent although clients, whose segments the gateway's kernel goes on to forward, ask again and again.
        await SignalAsync(LabHost.Gateway, UnixSignal.Continue);
        await SpeaksAsync(spoken);
        var gateway = await GatewayUntilAsync(gateway => gateway.Ready, "both nodes hold their roles");
        Assert.AreEqual("active", gateway.Node(LabHost.Node1).Role);
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
    }

    [TestMethod]
    public async Task A_node_that_was_cut_off_does_not_speak_when_the_link_heals_even_if_its_agent_hangs()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await ProtectedFlowsAsync(LabHost.Node2);
        var epoch = (await GatewayAsync()).Epoch;
        await FaultAsync(FaultKind.Cut, "node1");
        await SignalAsync(LabHost.Node1, UnixSignal.Stop);
        await TakenOverAsync(LabHost.Node2, epoch);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // the lease, twice: what is tried here

        var spoken = await FrameCounter.StartAsync(Lab, LabHost.Node1);
        await FaultAsync(FaultKind.Heal, "node1");
        await HasUnsentDataAsync();
        await Task.Delay(TimeSpan.FromSeconds(2), Cancellation); // its stack would send again several times

        Assert.AreEqual(0L, await spoken.ReadAsync(), "frames from the service's address that left node1");
        await SignalAsync(LabHost.Node1, UnixSignal.Continue);
        var gateway = await GatewayUntilAsync(gateway => gateway.Ready, "node1 joins as the replica");
        Assert.AreEqual("replica", gateway.Node(LabHost.Node1).Role);
        Assert.AreEqual(0L, await spoken.ReadAsync(), "nor after that");
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
    }

    /// <summary>Waits until every flow has its replica.</summary>
    private Task<GatewayReport> ProtectedFlowsAsync(LabHost replica) => GatewayUntilAsync(
        gateway => gateway.Flows == Connections && gateway.Node(replica).Flows.Replicas == Connections,
        "every flow has a replica");

    /// <summary>Node1's stack still has its old connections, and so a reason to speak.</summary>
    private Task HasUnsentDataAsync() => UntilAsync(
        () => KernelSockets.On(Lab, LabHost.Node1).Any(socket => socket is { Port: EchoPort, State: TcpState.Established }),
        "node1's stack holds its old connections");

    private async Task SpeaksAsync(FrameCounter spoken)
    {
        var before = await spoken.ReadAsync();
        await UntilAsync(() => spoken.ReadAsync().GetAwaiter().GetResult() > before, "the active node speaks");
    }

    private async Task IsSilentAsync(FrameCounter spoken)
    {
        var before = -1L;
        var since = TimeProvider.System.GetTimestamp();
        await UntilAsync(
            () =>
            {
                var now = spoken.ReadAsync().GetAwaiter().GetResult();
                if (now != before)
                {
                    (before, since) = (now, TimeProvider.System.GetTimestamp());
                }

                return TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(1);
            },
            "the active node is silent for a second");
    }
}
