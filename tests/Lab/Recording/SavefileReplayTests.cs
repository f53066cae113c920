using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Lab.Processes;
using Appliance.Lab.Savefiles;
using Appliance.Savefiles;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording;

/// <summary>Recordings replayed into a fresh Redis, through the tool.</summary>
[TestClass]
public sealed class SavefileReplayTests : SavefileTest
{
    [TestMethod]
    public async Task A_session_leaves_a_fresh_server_as_it_left_the_recorded_one()
    {
        var redis = await StartRedisAsync();
        var value = new string('v', 10_000);
        Write(frames =>
        {
            frames.WriteHandshake(Flow, Handshake);
            var at = 0L;
            foreach (var (command, answered) in new[] { ("SET a 1\r\n", 0u), ("INCR a\r\nINCR a\r\n", 5u), ($"SET b {value}\r\n", 13u) })
            {
                frames.Write(Flow, Handshake, at, ServerFirst + answered, fin: false, 2 * Second, Encoding.ASCII.GetBytes(command));
                at += command.Length;
            }

            frames.Write(Flow, Handshake, at, ServerFirst + 18, fin: true, 3 * Second, default);
        });

        var result = await ReplayAsync(redis);

        Assert.AreEqual(0, result.ExitCode, result.Error);
        var report = Report(result);
        Assert.AreEqual(1, report.GetProperty("flows").GetInt32());
        Assert.AreEqual(9 + 16 + 10_008, report.GetProperty("bytesSent").GetInt32());
        Assert.AreEqual(18, report.GetProperty("bytesReceived").GetInt32());
        Assert.AreEqual(0, report.GetProperty("mismatches").GetInt32());
        Assert.AreEqual("$1\r\n3\r\n", await AskRedisAsync(redis, "GET a"));
        Assert.AreEqual(":10000\r\n", await AskRedisAsync(redis, "STRLEN b"));
    }

    /// <summary>A client that acknowledges an answer tells that its request had been served before whatever anybody sent later.</summary>
    [TestMethod]
    public async Task What_one_client_was_answered_comes_before_what_others_send_later()
    {
        const int Clients = 3;
        const int Rounds = 50;
        const string Pong = "+PONG\r\n";
        var redis = await StartRedisAsync();
        Write(frames =>
        {
            var (sent, answered) = (new int[Clients], new uint[Clients]);
            foreach (var client in Enumerable.Range(0, Clients))
            {
                frames.WriteHandshake(FlowOf(client + 1), Handshake);
            }

            for (var step = 0; step < Clients * Rounds; step++)
            {
                var client = step % Clients;
                Send($"APPEND k {client}\r\n", $":{step + 1}\r\n");
                Send("PING\r\n", Pong);

                void Send(string command, string answer)
                {
                    var at = Second + (ulong)(step * 2_000) + (answer == Pong ? 1_000u : 0);
                    frames.Write(FlowOf(client + 1), Handshake, sent[client], ServerFirst + answered[client], fin: false, at, Encoding.ASCII.GetBytes(command));
                    sent[client] += command.Length;
                    answered[client] += (uint)answer.Length;
                }
            }
        });

        var result = await ReplayAsync(redis);

        Assert.AreEqual(0, result.ExitCode, result.Error);
        Assert.AreEqual($"$150\r\n{string.Concat(Enumerable.Repeat("012", Rounds))}\r\n", await AskRedisAsync(redis, "GET k"));
    }

    [TestMethod]
    public async Task A_client_that_waits_for_another_one_is_served()
    {
        const string Popped = "*2\r\n$1\r\nq\r\n$1\r\nx\r\n";
        var redis = await StartRedisAsync();
        Write(frames =>
        {
            frames.WriteHandshake(FlowOf(1), Handshake);
            frames.WriteHandshake(FlowOf(2), Handshake);
            frames.Write(FlowOf(1), Handshake, 0, ServerFirst, fin: false, 2 * Second, "BLPOP q 0\r\n"u8);
            frames.Write(FlowOf(1), Handshake, 11, ServerFirst + (uint)Popped.Length, fin: true, 4 * Second, "SET got 1\r\n"u8);
            frames.Write(FlowOf(2), Handshake, 0, ServerFirst, fin: true, 3 * Second, "RPUSH q x\r\n"u8);
        });

        var result = await ReplayAsync(redis);

        Assert.AreEqual(0, result.ExitCode, result.Error);
        Assert.AreEqual("$1\r\n1\r\n", await AskRedisAsync(redis, "GET got"));
    }

    [TestMethod]
    public async Task One_flow_is_chosen_and_pauses_are_kept()
    {
        var redis = await StartRedisAsync();
        Write(frames =>
        {
            foreach (var port in new[] { 1, 2 })
            {
                frames.WriteHandshake(FlowOf(port), Handshake);
                frames.Write(FlowOf(port), Handshake, 0, ServerFirst, fin: true, Second + 300_000_000, Encoding.ASCII.GetBytes($"SET k{port} x\r\n"));
            }
        });

        var result = await ReplayAsync(redis, "--flow", FlowId.Format(FlowOf(2)), "--speed", "recorded");

        Assert.AreEqual(0, result.ExitCode, result.Error);
        Assert.AreEqual(1, Report(result).GetProperty("flows").GetInt32());
        Assert.IsGreaterThanOrEqualTo(300, Report(result).GetProperty("durationMs").GetDouble());
        Assert.AreEqual("$-1\r\n", await AskRedisAsync(redis, "GET k1"));
        Assert.AreEqual("$1\r\nx\r\n", await AskRedisAsync(redis, "GET k2"));
    }

    [TestMethod]
    public async Task A_server_that_answers_less_is_a_divergence_and_gets_no_more()
    {
        var redis = await StartRedisAsync();
        Write(frames =>
        {
            frames.WriteHandshake(Flow, Handshake);
            frames.Write(Flow, Handshake, 0, ServerFirst, fin: false, 2 * Second, "SET a 1\r\n"u8);
            frames.Write(Flow, Handshake, 9, ServerFirst + 100, fin: false, 2 * Second, "SET a 2\r\n"u8);
        });

        var result = await ReplayAsync(redis, "--wait", "100ms");

        Assert.AreEqual(1, result.ExitCode);
        Assert.AreEqual($"{Flow}: before byte 9 of the client expected 100 bytes of the server, got 5 and no more within 0.1 s\n", result.Error);
        Assert.AreEqual(1, Report(result).GetProperty("mismatches").GetInt32());
        Assert.AreEqual("$1\r\n1\r\n", await AskRedisAsync(redis, "GET a"));
    }

    [TestMethod]
    public async Task A_server_that_closes_is_a_divergence()
    {
        var redis = await StartRedisAsync();
        Write(frames =>
        {
            frames.WriteHandshake(Flow, Handshake);
            frames.Write(Flow, Handshake, 0, ServerFirst, fin: false, 2 * Second, "QUIT\r\n"u8);
            frames.Write(Flow, Handshake, 6, ServerFirst + 50, fin: false, 2 * Second, "PING\r\n"u8);
        });
        var result = await ReplayAsync(redis);
        Assert.AreEqual(1, result.ExitCode);
        StringAssert.Contains(result.Error, "expected 50 bytes of the server, got 5 and it closed", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Missing_bytes_and_beginnings_are_named_and_the_rest_is_replayed()
    {
        var redis = await StartRedisAsync();
        Write(frames =>
        {
            frames.WriteHandshake(FlowOf(1), Handshake);
            frames.Write(FlowOf(1), Handshake, 0, ServerFirst, fin: false, 2 * Second, "SET a 1\r\n"u8);
            frames.Write(FlowOf(1), Handshake, 20, ServerFirst, fin: false, 2 * Second, "SET a 2\r\n"u8);
            frames.Write(FlowOf(2), Handshake, 20, ServerFirst, fin: false, 2 * Second, "SET a 3\r\n"u8);
        });

        var result = await ReplayAsync(redis);

        Assert.AreEqual(1, result.ExitCode);
        StringAssert.Contains(result.Error, $"{FlowOf(1)}: the file lacks bytes 9 to 19 of the client", StringComparison.Ordinal);
        StringAssert.Contains(result.Error, $"{FlowOf(2)}: the file does not hold its beginning", StringComparison.Ordinal);
        Assert.AreEqual("$1\r\n1\r\n", await AskRedisAsync(redis, "GET a"));
    }

    [TestMethod]
    [DataRow("lo")]
    [DataRow("any")]
    public async Task What_tcpdump_captured_is_replayed_as_well(string networkInterface)
    {
        var (recorded, fresh) = (await StartRedisAsync(), await StartRedisAsync());

        // Its buffer holds as many packets as fit at full length: 8 of 256 KB, which is too few.
        string[] options = ["-i", networkInterface, "-s", "4096", "-U", "--immediate-mode", "-w", Savefile, $"tcp port {recorded}"];
        var tcpdump = Start([DebianServer.Require("/usr/bin/tcpdump", "tcpdump"), .. options]);
        while (await tcpdump.StandardError.ReadLineAsync(Cancellation) is { } line && !line.Contains("listening on", StringComparison.Ordinal))
        {
        }

        using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(IPAddress.Loopback, recorded, Cancellation);
            Assert.AreEqual("+OK\r\n", await TalkAsync(socket, "SET a 1\r\n"));
            Assert.AreEqual(":2\r\n", await TalkAsync(socket, "INCR a\r\n"));
        }

        await EventuallyAsync(() => Task.FromResult(CapturedEnd()));
        var result = await ReplayAsync(fresh);

        Assert.AreEqual(0, result.ExitCode, result.Error);
        Assert.AreEqual(9 + 8, Report(result).GetProperty("bytesSent").GetInt32());
        Assert.AreEqual(5 + 4, Report(result).GetProperty("bytesReceived").GetInt32());
        Assert.AreEqual("$1\r\n2\r\n", await AskRedisAsync(fresh, "GET a"));
    }

    private bool CapturedEnd()
    {
        try
        {
            using var reader = SavefileReader.Open(Savefile);
            return SavefileStreams.Read(reader, Savefile).Streams is [{ End: not null }];
        }
        catch (SavefileException)
        {
            return false;
        }
    }
}
