using System.Net.Sockets;
using System.Text;
using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>Servers that are not alike: what differs is known before it matters, and no client ever reads it.</summary>
[TestClass]
public sealed class DivergenceTests : ApplianceTest
{
    private const int Port = 7100;
    private const int Connections = 10;

    [TestMethod]
    public async Task A_replica_that_answers_otherwise_is_shown_and_its_client_is_reset_at_the_takeover()
    {
        Start(LabHost.Node1, ScriptedServer.EchoAsync);
        Start(LabHost.Node2, (socket, cancellation) => AnswerAsync(socket, text => text.Replace("odd", "old", StringComparison.Ordinal), cancellation));
        var (alike, odd) = (await OpenAsync(2 * Connections), await OpenAsync(Connections));
        await AllAsync(alike, "hello");
        await AllAsync(odd, "hello");
        await AllAsync(alike, "the same");
        await AllAsync(odd, "odd things");
        await GatewayUntilAsync(
            gateway => gateway.Recorder.In("diverged") == Connections && gateway.Recorder.In("protected") == 2 * Connections, "those that differ are known");
        StringAssert.Contains(await LogAsync(LabHost.Node2), "The active node said \"odd things\" before byte 15", StringComparison.Ordinal);
        StringAssert.Contains(await LogAsync(LabHost.Node2), "this node \"old things\" before byte 15", StringComparison.Ordinal);

        await TakeOverAsync();
        await ResetAsync(odd);
        await AllAsync(alike, "goes on");
        await AllAsync(await OpenAsync(1), "a new connection is welcome");
    }

    [TestMethod]
    public async Task One_that_its_node_has_ended_is_not_made_anew_there_though_the_gateway_had_never_heard_of_it()
    {
        const string Silence = "table inet silence { chain out { type filter hook output priority 0; tcp dport 7400 drop; }; }";
        Start(LabHost.Node1, ScriptedServer.EchoAsync);
        Start(LabHost.Node2, (socket, cancellation) => AnswerAsync(socket, text => text.Replace("odd", "old", StringComparison.Ordinal), cancellation));
        await CommandRunner.RequireAsync(Lab.CommandOn(LabHost.Node2, ["nft", "-f", "-"]), Silence, Cancellation);
        var odd = await OpenAsync(Connections);
        await AllAsync(odd, "hello");
        await AllAsync(odd, "odd things");
        await UntilAsync(async () => (await LogAsync(LabHost.Node2)).Split("The active node said").Length == Connections + 1, static () => "the node knows");
        await TakeOverAsync();
        await UntilAsync(async () => (await LogAsync(LabHost.Node2)).Contains($"{Connections} connections had diverged", StringComparison.Ordinal), static () => "the node has ended them");
        await CommandRunner.RequireAsync(Lab.CommandOn(LabHost.Node2, ["nft", "delete", "table", "inet", "silence"]), cancellation: Cancellation);
        await ResetAsync(odd);
    }

    [TestMethod]
    public async Task A_replica_that_fell_silent_does_not_speak_from_the_middle_after_the_takeover()
    {
        Start(LabHost.Node1, ScriptedServer.EchoAsync);
        Start(LabHost.Node2, (socket, cancellation) => AnswerAsync(socket, text => text == "nothing" ? "" : text, cancellation));
        var (alike, silent) = (await OpenAsync(1), await OpenAsync(1));
        await AllAsync(alike, "the same");
        await AllAsync(silent, "nothing");
        await AllAsync(silent, "and more");
        await GatewayUntilAsync(gateway => gateway.Recorder.In("diverged") == 1, "the one is known", TimeSpan.FromSeconds(30));

        await TakeOverAsync();
        await ResetAsync(silent);
        await AllAsync(alike, "goes on");
    }

    [TestMethod]
    public async Task A_shorter_answer_of_the_replica_is_known_at_once_and_leaves_no_request_unexecuted()
    {
        const int Requests = 50;
        var executed = 0;
        Start(LabHost.Node1, ScriptedServer.EchoAsync);
        Start(LabHost.Node2, (socket, cancellation) => AnswerAsync(
            socket,
            text =>
            {
                Interlocked.Increment(ref executed);
                return text.Replace("100", "99", StringComparison.Ordinal);
            },
            cancellation));
        var (alike, other) = (await OpenAsync(1), await OpenAsync(1));
        await AllAsync(alike, "the same");
        await AllAsync(other, "hello");
        await AllAsync(other, ":98");
        await AllAsync(other, ":100");
        await AllAsync(other, "next");
        await GatewayUntilAsync(gateway => gateway.Recorder.In("diverged") == 1, "the one is known", TimeSpan.FromSeconds(3));
        for (var i = 0; i < Requests; i++)
        {
            await AllAsync(other, $"request {i}");
        }

        await UntilAsync(() => Volatile.Read(ref executed) == 5 + Requests, "the replica's server has executed all of them", TimeSpan.FromSeconds(2));
        await TakeOverAsync();
        await ResetAsync(other);
        await AllAsync(alike, "goes on");
    }

    [TestMethod]
    public async Task When_most_connections_diverge_none_counts_as_protected()
    {
        Start(LabHost.Node1, ScriptedServer.EchoAsync);
        Start(LabHost.Node2, (socket, cancellation) => AnswerAsync(socket, text => text.Replace("odd", "old", StringComparison.Ordinal), cancellation));
        var (alike, odd) = (await OpenAsync(5), await OpenAsync(Connections));
        await AllAsync([.. alike, .. odd], "hello");
        await GatewayUntilAsync(gateway => gateway.Recorder.In("protected") == 5 + Connections, "all are protected");
        await AllAsync(odd, "odd things");
        await GatewayUntilAsync(gateway => gateway.Recorder.In("diverged") == 5 + Connections, "none is protected");
        StringAssert.Contains(await LogAsync(LabHost.Gateway), "The servers of all are not alike: ", StringComparison.Ordinal);

        odd.ForEach(socket => socket.Close());
        await GatewayUntilAsync(gateway => gateway.Recorder.In("protected") == 5, "the others are protected again");
        StringAssert.Contains(await LogAsync(LabHost.Gateway), "The servers of all agree again", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task What_differs_in_a_long_stream_is_found_too()
    {
        const int Length = 20_000_000;
        const int Place = 3_000_000;
        Start(LabHost.Node1, (socket, cancellation) => StreamAsync(socket, Length, int.MaxValue, cancellation));
        Start(LabHost.Node2, (socket, cancellation) => StreamAsync(socket, Length, Place, cancellation));
        var socket = (await OpenAsync(1)).Single();
        await socket.TellAsync("!");
        var reading = socket.HearAsync(Length);
        await GatewayUntilAsync(gateway => gateway.Recorder.In("diverged") == 1, "the stream is known to differ");
        Pattern.AssertIs(await reading, Length);
    }

    private void Start(LabHost node, Func<Socket, CancellationToken, Task> conversation) => Keep(ScriptedServer.Start(Lab, node, Port, conversation));

    private async Task<List<Socket>> OpenAsync(int count)
    {
        var sockets = new List<Socket>();
        foreach (var socket in ClientNetwork.Open(Lab, count))
        {
            sockets.Add(Keep(socket));
            await socket.ConnectAsync(ClientNetwork.Service(Port), Cancellation);
        }

        return sockets;
    }

    private async Task TakeOverAsync()
    {
        var epoch = (await GatewayAsync()).Epoch;
        await FaultAsync(FaultKind.Crash, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);
    }

    private static async Task AllAsync(List<Socket> sockets, string text)
    {
        foreach (var socket in sockets)
        {
            Assert.AreEqual(text, await socket.EchoAsync(text));
        }
    }

    /// <summary>Every client reads a reset, and nothing before it.</summary>
    private static async Task ResetAsync(List<Socket> sockets)
    {
        foreach (var socket in sockets)
        {
            var failure = await Assert.ThrowsExactlyAsync<SocketException>(() => socket.HearAsync(1));
            Assert.AreEqual(SocketError.ConnectionReset, failure.SocketErrorCode);
        }
    }

    private async Task<string> LogAsync(LabHost node) =>
        await File.ReadAllTextAsync(Path.Combine(Lab.Directory, $"{LabNames.Of(node)}.log"), Cancellation);

    private static async Task AnswerAsync(Socket socket, Func<string, string> answer, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, cancellation) is > 0 and var length)
        {
            await socket.TellAsync(answer(Encoding.ASCII.GetString(buffer, 0, length)));
        }
    }

    /// <summary>Sends the pattern, and from a place on something else.</summary>
    private static async Task StreamAsync(Socket socket, int length, int place, CancellationToken cancellation)
    {
        var bytes = Pattern.Bytes(length);
        for (var i = place; i < length; i++)
        {
            bytes[i] ^= 1;
        }

        await socket.ReceiveAsync(new byte[1], cancellation);
        await socket.TellAsync(bytes);
    }
}
