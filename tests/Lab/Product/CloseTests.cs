using System.Net.Sockets;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>A server's close waits for its replica's, but not for ever, and a close in step does not wait at all.</summary>
[TestClass]
public sealed class CloseTests : ApplianceTest
{
    private const int Port = 7100;
    private const int Others = 25;

    [TestMethod]
    public async Task Closes_in_step_reach_the_client_at_once()
    {
        const int Closes = 200;
        Serve(LabNames.Nodes, async (socket, _) => await socket.HearAsync(1));
        var delays = new List<double>();
        for (var i = 0; i < Closes; i++)
        {
            using var socket = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
            var started = TimeProvider.System.GetTimestamp();
            await socket.TellAsync("x");
            Assert.IsEmpty(await socket.HearAsync(1));
            delays.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
        }

        delays.Sort();
        var counters = (await GatewayAsync()).Counters;
        TestContext.WriteLine($"median {delays[Closes / 2]:0.000} ms, worst {delays[^1]:0.000} ms; {counters["close_held"]} held, {counters["close_agreed"]} agreed, {counters["consent"]} consents");
        Assert.AreEqual(0UL, counters["close_unconfirmed"]);
    }

    [TestMethod]
    public async Task A_close_that_only_the_active_node_makes_passes_in_the_end()
    {
        Serve([LabHost.Node1], async (socket, _) => await socket.HearAsync(1));
        Serve([LabHost.Node2], ScriptedServer.EchoAsync);
        await OpenOthersAsync();
        using var socket = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
        await ProtectedAsync(Others + 1);

        await socket.TellAsync("x");
        Assert.IsEmpty(await socket.HearAsync(1), "what the replica would say is not heard");

        Assert.IsGreaterThan(0UL, (await GatewayAsync()).Counters["close_unconfirmed"]);
        Assert.AreEqual("active", (await GatewayAsync()).Node(LabHost.Node1).Role);
    }

    [TestMethod]
    public async Task A_reset_that_only_the_active_node_makes_passes_in_the_end()
    {
        Serve([LabHost.Node1], async (socket, _) =>
        {
            await socket.HearAsync(1);
            socket.Abort();
        });
        Serve([LabHost.Node2], ScriptedServer.EchoAsync);
        await OpenOthersAsync();
        using var socket = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
        await ProtectedAsync(Others + 1);

        await socket.TellAsync("x");
        var error = await Assert.ThrowsExactlyAsync<SocketException>(() => socket.HearAsync(1));
        Assert.AreEqual(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [TestMethod]
    public async Task Without_a_server_at_the_replica_a_close_does_not_wait()
    {
        Serve([LabHost.Node1], async (socket, _) => await socket.HearAsync(1));
        for (var i = 0; i < 20; i++)
        {
            using var socket = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
            var started = TimeProvider.System.GetTimestamp();
            await socket.TellAsync("x");
            Assert.IsEmpty(await socket.HearAsync(1));
            Assert.IsLessThan(TimeSpan.FromMilliseconds(500), TimeProvider.System.GetElapsedTime(started), "the bound is a second");
        }

        Assert.AreEqual(0UL, (await GatewayAsync()).Counters["close_unconfirmed"]);
    }

    [TestMethod]
    public async Task What_a_server_says_last_arrives_with_the_close()
    {
        const int Length = 3_000_000;
        Serve(LabNames.Nodes, async (socket, _) =>
        {
            await socket.HearAsync(1);
            await socket.TellAsync(Pattern.Bytes(Length));
        });
        for (var i = 0; i < 10; i++)
        {
            using var socket = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
            await socket.TellAsync("x");
            Pattern.AssertIs(await socket.HearAsync(Length + 1), Length);
        }
    }

    /// <summary>Beside them, one close is nothing that a server's death would explain.</summary>
    private async Task OpenOthersAsync()
    {
        for (var i = 0; i < Others; i++)
        {
            Keep(await ClientNetwork.ConnectAsync(Lab, Port, Cancellation));
        }
    }

    private void Serve(IEnumerable<LabHost> nodes, Func<Socket, CancellationToken, Task> conversation)
    {
        foreach (var node in nodes)
        {
            Keep(ScriptedServer.Start(Lab, node, Port, conversation));
        }
    }
}
