using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>Connections begin and end in every way that TCP knows; the appliance forgets each of them. The campaign of a million is a bench.</summary>
[TestClass]
public sealed class FlowLifeTests : ApplianceTest
{
    private const int Port = 7100;
    private const string ServerCloses = "s";
    private const string ClientCloses = "c";

    /// <summary>The appliance looks once a second and lets what is over linger for one; replicas may outlive their original by three.</summary>
    private static readonly TimeSpan s_forgetting = TimeSpan.FromSeconds(20);

    /// <summary>Many connections in a row keep both cores busy; that is no reason for a failover.</summary>
    protected override LabOptions Options => new() { DetectionTimeout = TimeSpan.FromSeconds(2) };

    [TestMethod]
    public async Task Twenty_thousand_short_connections_leave_nothing_behind()
    {
        const int Connections = 20_000;
        const int Clients = 16;
        Serve(EchoOnceAsync);
        var wrong = new ConcurrentQueue<string>();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            foreach (var numbers in Enumerable.Range(0, Connections / Clients).Chunk(50))
            {
                var sockets = new Queue<Socket>(ClientNetwork.Open(Lab, numbers.Length));
                foreach (var number in numbers)
                {
                    using var socket = sockets.Dequeue();
                    var question = $"{(number % 2 == 0 ? ServerCloses : ClientCloses)}{client:00}{number:0000}";
                    await socket.ConnectAsync(ClientNetwork.Service(Port), Cancellation);
                    var answer = await socket.EchoAsync(question);
                    if (answer != question || (number % 2 == 0 && (await socket.HearAsync(1)).Length != 0))
                    {
                        wrong.Enqueue($"{question} was answered with {answer}");
                    }
                }
            }
        })));

        Assert.IsEmpty(wrong);
        Assert.AreEqual((ulong)Connections, (await GatewayAsync()).Counters["flow_opened"]);
        await AssertNothingIsLeftAsync();
    }

    [TestMethod]
    public async Task A_reset_by_the_client_ends_the_replica()
    {
        Serve(ScriptedServer.EchoAsync);
        var sockets = await ConnectAsync(50);
        await ProtectedAsync(sockets.Count);

        sockets.ForEach(socket => socket.Abort());

        await AssertNothingIsLeftAsync();
    }

    [TestMethod]
    public async Task A_reset_by_the_server_ends_the_replica()
    {
        Serve(async (socket, cancellation) =>
        {
            await socket.HearAsync(1);
            socket.Abort();
        });
        var sockets = await ConnectAsync(50, "");
        await ProtectedAsync(sockets.Count);

        foreach (var socket in sockets)
        {
            await socket.TellAsync("x");
            var error = await Assert.ThrowsExactlyAsync<SocketException>(() => socket.HearAsync(1));
            Assert.AreEqual(SocketError.ConnectionReset, error.SocketErrorCode);
        }

        await AssertNothingIsLeftAsync();
    }

    [TestMethod]
    public async Task A_connection_that_the_client_half_closed_still_carries_the_answer()
    {
        Serve(AnswerAfterEndAsync);
        using var socket = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
        await socket.TellAsync(Pattern.Bytes(100_000));
        socket.Shutdown(SocketShutdown.Send);

        Pattern.AssertIs(await socket.HearAsync(2_000_000), 1_000_000);
        socket.Close();
        await AssertNothingIsLeftAsync();
    }

    [TestMethod]
    public async Task A_half_closed_connection_survives_the_primary()
    {
        using var goOn = new SemaphoreSlim(0);
        Serve(async (socket, cancellation) =>
        {
            while ((await socket.HearAsync(1000)).Length > 0)
            {
            }

            await goOn.WaitAsync(cancellation);
            await socket.TellAsync(Pattern.Bytes(1_000_000));
        });
        using var socket = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
        await socket.TellAsync("the last word");
        socket.Shutdown(SocketShutdown.Send);
        var epoch = (await ProtectedAsync(1)).Epoch;
        await UntilAsync(() => KernelSockets.On(Lab, LabHost.Node2).Contains((Port, TcpState.CloseWait)), "the replica knows of the end");

        await FaultAsync(FaultKind.Cut, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);
        goOn.Release(2);

        Pattern.AssertIs(await socket.HearAsync(2_000_000), 1_000_000);
    }

    [TestMethod]
    public async Task Ports_are_reused_while_the_replicas_socket_is_in_time_wait()
    {
        const int ClientPort = 9999;
        Serve(EchoOnceAsync);
        for (var round = 0; round < 20; round++)
        {
            using var brief = await ConnectFromAsync(ClientPort);
            Assert.AreEqual(ServerCloses + round, await brief.EchoAsync(ServerCloses + round));
            Assert.IsEmpty(await brief.HearAsync(1), "the server closed");
            brief.Close();
            await UntilAsync(
                () => LabNames.Nodes.All(node => KernelSockets.On(Lab, node).Contains((Port, TcpState.TimeWait))),
                "both nodes' sockets are in TIME_WAIT");
        }

        using var lasting = await ConnectFromAsync(ClientPort);
        await UntilAsync(() => KernelSockets.On(Lab, LabHost.Node2).Contains((Port, TcpState.Established)), "the last one has a replica");
        var epoch = (await ProtectedAsync(1)).Epoch;
        await FaultAsync(FaultKind.Cut, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);
        Assert.AreEqual(ClientCloses + "the end", await lasting.EchoAsync(ClientCloses + "the end"));
    }

    [TestMethod]
    public async Task Connections_that_ended_while_the_backup_was_away_are_forgotten_when_it_is_back()
    {
        Serve(ScriptedServer.EchoAsync);
        var sockets = await ConnectAsync(50);
        await ProtectedAsync(sockets.Count);
        await FaultAsync(FaultKind.Cut, "node2");
        await GatewayUntilAsync(gateway => gateway.Node(LabHost.Node2).Role == "down", "the backup is missed");

        sockets.ForEach(socket => socket.Close());
        await GatewayUntilAsync(gateway => gateway.Flows == 0, "the gateway forgets them");
        await FaultAsync(FaultKind.Heal, "node2");
        await GatewayUntilAsync(gateway => gateway.Ready, "the backup is back");

        await ForgottenAsync(s_forgetting);
        await UntilAsync(() => KernelSockets.Lasting(Lab, LabHost.Node2).Count == 0, "no connection is left on node2");
    }

    private void Serve(Func<Socket, CancellationToken, Task> conversation)
    {
        foreach (var node in LabNames.Nodes)
        {
            Keep(ScriptedServer.Start(Lab, node, Port, conversation));
        }
    }

    private async Task<List<Socket>> ConnectAsync(int count, string greeting = "hello")
    {
        var sockets = new List<Socket>();
        foreach (var socket in ClientNetwork.Open(Lab, count))
        {
            sockets.Add(Keep(socket));
            await socket.ConnectAsync(ClientNetwork.Service(Port), Cancellation);
            Assert.AreEqual(greeting, await socket.EchoAsync(greeting));
        }

        return sockets;
    }

    private async Task<Socket> ConnectFromAsync(int port)
    {
        var socket = ClientNetwork.Open(Lab);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        await socket.ConnectAsync(ClientNetwork.Service(Port), Cancellation);
        return socket;
    }

    private async Task AssertNothingIsLeftAsync()
    {
        var gateway = await ForgottenAsync(s_forgetting);
        Assert.AreEqual(1UL, gateway.Epoch, "no failover");
        await GatewayUntilAsync(now => now.Nodes.All(node => node.Flows.Held == 0), "nothing is held for a flow that is over");
        foreach (var node in LabNames.Nodes)
        {
            await UntilAsync(
                () => KernelSockets.Lasting(Lab, node).Count == 0,
                $"only listeners and TIME_WAIT are left on {LabNames.Of(node)}: {string.Join(", ", KernelSockets.Lasting(Lab, node).Take(5))}");
        }
    }

    /// <summary>Echoes one message, then closes or waits for the client to close, as its first letter says.</summary>
    private static async Task EchoOnceAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[64];
        var length = await socket.ReceiveAsync(buffer, cancellation);
        await socket.TellAsync(buffer.AsMemory(0, length));
        if (length > 0 && buffer[0] == ClientCloses[0])
        {
            await socket.ReceiveAsync(buffer, cancellation);
        }
    }

    private static async Task AnswerAfterEndAsync(Socket socket, CancellationToken cancellation)
    {
        var question = await socket.HearAsync(1_000_000);
        await socket.TellAsync(question.Length == 100_000 ? Pattern.Bytes(1_000_000) : []);
    }
}
