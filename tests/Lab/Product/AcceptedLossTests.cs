using System.Net.Sockets;
using System.Text;
using Appliance.Lab;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>A planned switchover that costs connections: their clients hear it at once, although the node that had them lives and does not close.</summary>
[TestClass]
public sealed class AcceptedLossTests : TrafficTest
{
    private const int Port = 7100;
    private const int Connections = 20;

    /// <inheritdoc/>
    protected override LabOptions Options => base.Options with { ConfigurationFile = Keep(new ConfigurationOverlay("closeTimeout: 1m")).Path };

    [TestMethod]
    public async Task Clients_whose_replicas_differ_are_reset_at_once()
    {
        Keep(ScriptedServer.Start(Lab, LabHost.Node1, Port, ScriptedServer.EchoAsync));
        Keep(ScriptedServer.Start(Lab, LabHost.Node2, Port, AnswerAsync));
        var sockets = new List<Socket>();
        for (var i = 0; i < Connections; i++)
        {
            sockets.Add(Keep(await ClientNetwork.ConnectAsync(Lab, Port, Cancellation)));
            foreach (var text in i % 2 == 0 ? new[] { "hello", "the same" } : ["hello", "odd things"])
            {
                Assert.AreEqual(text, await sockets[i].EchoAsync(text));
            }
        }

        await GatewayUntilAsync(gateway => gateway.Recorder.In("diverged") == Connections, "half of them differ, so none is protected");
        Assert.AreEqual("node2", await SwitchAsync(acceptLoss: true));
        for (var i = 0; i < Connections; i++)
        {
            if (i % 2 == 0)
            {
                Assert.AreEqual("goes on", await sockets[i].EchoAsync("goes on"));
            }
            else
            {
                var failure = await Assert.ThrowsExactlyAsync<SocketException>(() => sockets[i].HearAsync(1).WaitAsync(Patience, Cancellation));
                Assert.AreEqual(SocketError.ConnectionReset, failure.SocketErrorCode);
            }
        }

        var gateway = await GatewayAsync();
        TestContext.WriteLine($"{gateway.Counters["close_held"]} held, {gateway.Counters["consent"]} consents, {gateway.Counters["drop_absent"]} absent dropped, {gateway.Counters["close_unconfirmed"]} unconfirmed");
        Assert.AreEqual("active", gateway.Node(LabHost.Node2).Role);
    }

    private static async Task AnswerAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, cancellation) is > 0 and var length)
        {
            await socket.TellAsync(Encoding.ASCII.GetString(buffer, 0, length).Replace("odd", "old", StringComparison.Ordinal));
        }
    }
}
