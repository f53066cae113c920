using System.Net.Sockets;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>With a slow detection there is time between the crash and the takeover.</summary>
[TestClass]
public sealed class SlowDetectionTests : ApplianceTest
{
    private const int Port = 7100;

    protected override LabOptions Options => new() { DetectionTimeout = TimeSpan.FromSeconds(1) };

    [TestMethod]
    public async Task What_clients_send_while_the_primary_is_dead_is_answered_by_the_backup()
    {
        foreach (var node in LabNames.Nodes)
        {
            Keep(ScriptedServer.Start(Lab, node, Port, ScriptedServer.EchoAsync));
        }

        var sockets = new List<Socket>();
        for (var i = 0; i < 20; i++)
        {
            sockets.Add(Keep(await ClientNetwork.ConnectAsync(Lab, Port, Cancellation)));
        }

        var epoch = (await ProtectedAsync(sockets.Count)).Epoch;
        await FaultAsync(FaultKind.Crash, "node1");
        foreach (var socket in sockets)
        {
            await socket.TellAsync("is anybody there?");
        }

        Assert.AreEqual(epoch, (await GatewayAsync()).Epoch, "nobody has noticed yet");
        foreach (var socket in sockets)
        {
            Assert.AreEqual("is anybody there?", await socket.HearTextAsync(17));
        }

        await TakenOverAsync(LabHost.Node2, epoch);
    }
}
