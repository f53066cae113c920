using System.Net.Sockets;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>What the gateway says of a flow's protection is true, at once and for as long as it is.</summary>
[TestClass]
public sealed class FlowStateTests : RecorderTest
{
    private const int Connections = 200;

    [TestMethod]
    public async Task Connections_that_say_little_and_fall_silent_are_protected_until_there_is_no_replica()
    {
        foreach (var socket in ClientNetwork.Open(Lab, Connections))
        {
            Keep(socket);
            await socket.ConnectAsync(ClientNetwork.Service(EchoPort), Cancellation);
            Assert.AreEqual("hello", await socket.EchoAsync("hello"));
        }

        await AllProtectedAsync(Connections);
        var flows = await GatewayReport.FlowsAsync(Lab.ApiUrl, Cancellation);
        Assert.AreEqual(Connections, flows.Count(flow => flow.State == Protected));

        await CrashAsync(LabHost.Node1);

        await GatewayUntilAsync(gateway => gateway.Recorder.In(Unprotected) == Connections, "nothing is left that could protect them");
    }
    [TestMethod]
    public async Task A_replica_whose_server_says_less_than_the_client_has_seen_is_shown_as_diverged()
    {
        const int Port = 7100;
        Keep(ScriptedServer.Start(Lab, LabHost.Node1, Port, ScriptedServer.EchoAsync));
        Keep(ScriptedServer.Start(Lab, LabHost.Node2, Port, EchoOnceAsync));
        using var same = await ClientNetwork.ConnectAsync(Lab, EchoPort, Cancellation);
        using var other = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
        foreach (var message in new[] { "one", "two", "three" })
        {
            Assert.AreEqual(message, await same.EchoAsync(message));
            Assert.AreEqual(message, await other.EchoAsync(message));
        }

        await GatewayUntilAsync(
            gateway => gateway.Recorder.In("diverged") == 1 && gateway.Recorder.In(Protected) == 1 && gateway.Node(LabHost.Node2).Flows.Diverged == 1,
            "the one is diverged, the other is not",
            TimeSpan.FromSeconds(30));
        Assert.AreEqual("four", await other.EchoAsync("four"), "its client does not notice");
    }

    private static async Task EchoOnceAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        await socket.TellAsync(buffer.AsMemory(0, await socket.ReceiveAsync(buffer, cancellation)));
        while (await socket.ReceiveAsync(buffer, cancellation) > 0)
        {
            // and says nothing any more
        }
    }
}
