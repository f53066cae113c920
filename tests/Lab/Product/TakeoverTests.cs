using System.Net.Sockets;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>Connections that the takeover finds in an unusual moment of their life.</summary>
[TestClass]
public sealed class TakeoverTests : ApplianceTest
{
    private const int Port = 7100;
    private static readonly TimeSpan s_clientPatience = TimeSpan.FromSeconds(5);

    [TestMethod]
    public async Task Connects_around_the_instant_of_the_crash_succeed_and_their_connections_work()
    {
        const int Connects = 300;
        Serve(ScriptedServer.EchoAsync);
        var sockets = ClientNetwork.Open(Lab, Connects);
        var outcomes = Enumerable.Range(0, Connects).Select(i => Task.Run(async () =>
        {
            // The load itself is spread over 200 ms, with the crash in its middle.
            await Task.Delay(i * 200 / Connects, Cancellation);
            using var limit = new CancellationTokenSource(s_clientPatience);
            await sockets[i].ConnectAsync(ClientNetwork.Service(Port), limit.Token);
            return await sockets[i].EchoAsync($"connection {i:000}");
        })).ToList();
        await Task.Delay(100, Cancellation);
        await FaultAsync(FaultKind.Crash, "node1");

        var failures = new List<string>();
        for (var i = 0; i < Connects; i++)
        {
            try
            {
                Assert.AreEqual($"connection {i:000}", await outcomes[i]);
            }
            catch (Exception exception)
            {
                failures.Add($"{i} from port {sockets[i].LocalEndPoint}: {exception.GetType().Name} {exception.Message}");
            }

            sockets[i].Dispose();
        }

        Assert.IsEmpty(failures, string.Join('\n', failures));
    }

    [TestMethod]
    public async Task A_server_that_speaks_first_is_answered_after_the_takeover()
    {
        const string Banner = "220 ready when you are\r\n";
        Serve(async (socket, cancellation) =>
        {
            await socket.TellAsync(Banner);
            await ScriptedServer.EchoAsync(socket, cancellation);
        });
        var sockets = await ConnectAsync(20);
        Assert.AreEqual(Banner, await sockets[0].HearTextAsync(Banner.Length), "one has read it before");

        await TakeOverAsync(sockets.Count);

        for (var i = 0; i < sockets.Count; i++)
        {
            Assert.AreEqual(i == 0 ? "" : Banner, await sockets[i].HearTextAsync(i == 0 ? 0 : Banner.Length));
            Assert.AreEqual("HELO", await sockets[i].EchoAsync("HELO"));
        }
    }

    [TestMethod]
    public async Task Connections_that_were_idle_all_the_time_work_seconds_later()
    {
        Serve(ScriptedServer.EchoAsync);
        var sockets = await ConnectAsync(50);
        foreach (var socket in sockets[..25])
        {
            Assert.AreEqual("before", await socket.EchoAsync("before"));
        }

        await TakeOverAsync(sockets.Count);
        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation); // the idleness that is tried here

        foreach (var socket in sockets)
        {
            Assert.AreEqual("long after", await socket.EchoAsync("long after"));
        }
    }

    [TestMethod]
    public async Task A_client_with_a_full_window_drains_it_and_gets_every_byte()
    {
        const int Length = 20_000_000;
        Serve(async (socket, _) => await socket.TellAsync(Pattern.Bytes(Length)));
        var socket = Keep(ClientNetwork.Open(Lab));
        socket.ReceiveBufferSize = 100_000;
        await socket.ConnectAsync(ClientNetwork.Service(Port), Cancellation);
        var full = 0;
        await UntilAsync(() => full == (full = socket.Available) && full > 50_000, "the window is full");

        await TakeOverAsync(1);

        Pattern.AssertIs(await socket.HearAsync(Length), Length);
    }

    [TestMethod]
    public async Task A_server_with_a_full_window_drains_it_and_gets_every_byte()
    {
        const int Length = 20_000_000;
        using var read = new SemaphoreSlim(0);
        Serve(async (socket, cancellation) =>
        {
            await read.WaitAsync(cancellation);
            var all = await socket.HearAsync(Length);
            await socket.TellAsync(all.AsSpan().SequenceEqual(Pattern.Bytes(Length)) ? "right" : "wrong");
        }, receiveBuffer: 100_000);
        var socket = Keep(ClientNetwork.Open(Lab));
        await socket.ConnectAsync(ClientNetwork.Service(Port), Cancellation);
        var sending = socket.TellAsync(Pattern.Bytes(Length));
        var bytes = 0UL;
        await GatewayUntilAsync(_ => bytes == (bytes = ClientBytes().GetAwaiter().GetResult()) && bytes > 50_000, "the window is full");
        Assert.IsFalse(sending.IsCompleted);

        await TakeOverAsync(1);
        read.Release(2);

        await sending;
        Assert.AreEqual("right", await socket.HearTextAsync(5));

        async Task<ulong> ClientBytes() => (await GatewayReport.FlowsAsync(Lab.ApiUrl, Cancellation)).Single().ClientBytes;
    }

    private void Serve(Func<Socket, CancellationToken, Task> conversation, int? receiveBuffer = null)
    {
        foreach (var node in LabNames.Nodes)
        {
            Keep(ScriptedServer.Start(Lab, node, Port, conversation, receiveBuffer));
        }
    }

    private async Task<List<Socket>> ConnectAsync(int count)
    {
        var sockets = new List<Socket>();
        foreach (var socket in ClientNetwork.Open(Lab, count))
        {
            sockets.Add(Keep(socket));
            await socket.ConnectAsync(ClientNetwork.Service(Port), Cancellation);
        }

        return sockets;
    }

    private async Task TakeOverAsync(int flows)
    {
        var epoch = (await ProtectedAsync(flows)).Epoch;
        await FaultAsync(FaultKind.Crash, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);
    }
}
