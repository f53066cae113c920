using System.Globalization;
using System.Net.Sockets;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>
/// Clients that take turns with a server that serves each connection by itself, now quicker, now slower, and numbers all answers: who asks
/// after another's answer has the next number. As it comes, a replica's server soon gives two of them the other's.
/// </summary>
public abstract class DeliveryOrderTest(string delivery) : ApplianceTest
{
    private const int Port = 7100;
    private const int Clients = 8;
    private const int Rounds = 12;

    private readonly int[] _counts = new int[2];

    /// <inheritdoc/>
    protected override LabOptions Options => base.Options with
    {
        ConfigurationFile = Keep(new ConfigurationOverlay($$"""services: [{ name: all, addresses: ["{{LabAddresses.Vip4}}", "{{LabAddresses.Vip6}}"], delivery: {{delivery}} }]""")).Path,
    };

    [TestMethod]
    public async Task Who_asks_after_an_answer_to_another_is_served_after_it_on_both_nodes()
    {
        for (var node = 0; node < LabNames.Nodes.Count; node++)
        {
            var own = node;
            Keep(ScriptedServer.Start(Lab, LabNames.Nodes[node], Port, (socket, cancellation) => CountAsync(socket, own, cancellation)));
        }

        var sockets = new List<Socket>();
        for (var i = 0; i < Clients; i++)
        {
            sockets.Add(Keep(await ClientNetwork.ConnectAsync(Lab, Port, Cancellation)));
        }

        var number = await TakeTurnsAsync(sockets, 0);
        var epoch = (await ProtectedAsync(Clients)).Epoch;
        Assert.AreEqual(0, (await GatewayAsync()).Recorder.In("diverged"));

        await FaultAsync(FaultKind.Crash, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);
        Assert.AreEqual(2 * Clients * Rounds, await TakeTurnsAsync(sockets, number), "no number is left out, none comes twice");
    }

    private static async Task<int> TakeTurnsAsync(List<Socket> sockets, int number)
    {
        for (var turn = 0; turn < Clients * Rounds; turn++)
        {
            var socket = sockets[turn % Clients];
            await socket.TellAsync("?");
            number++;
            Assert.AreEqual($"{number:0000}", await socket.HearTextAsync(4));
        }

        return number;
    }

#pragma warning disable CA5394 // Makes a server's pace uneven, guards nothing.
    private async Task CountAsync(Socket socket, int node, CancellationToken cancellation)
    {
        var question = new byte[1];
        while (await socket.ReceiveAsync(question, cancellation) > 0)
        {
            // Well within the 20 ms that others' answers are waited for, on a machine that stops for some of them.
            await Task.Delay(Random.Shared.Next(5), cancellation);
            await socket.TellAsync(Interlocked.Increment(ref _counts[node]).ToString("0000", CultureInfo.InvariantCulture));
        }
    }
#pragma warning restore CA5394
}

/// <summary>In the order in which they passed the gateway.</summary>
[TestClass]
public sealed class OrderedDeliveryTests() : DeliveryOrderTest("ordered");

/// <summary>In that order, one at a time.</summary>
[TestClass]
public sealed class SerialDeliveryTests() : DeliveryOrderTest("serial");
