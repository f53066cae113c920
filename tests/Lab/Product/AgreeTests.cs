using System.Net.Sockets;
using Appliance.Lab;
using Appliance.Lab.Daemons;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>Output agree: clients are given what both nodes have said, and nothing that only one says.</summary>
[TestClass]
public sealed class AgreeTests : TrafficTest
{
    private const int Port = 7100;
    private const int Clients = 12;
    private const int Megabyte = 1_000_000;

    /// <summary>Shorter than what ends the servers' patience (<see cref="SocketConversation"/>), so that the sockets can be looked at.</summary>
    private static readonly TimeSpan s_longestStandstill = TimeSpan.FromSeconds(8);

    private static readonly string[] s_traffic =
        ["--connections", "50", "--downloads", "2", "--uploads", "2", "--stream-bytes", "100000000", "--stream-rate", "4000000", "--sha256", "--wait-stop"];

    protected override LabOptions Options => new()
    {
        Output = OutputPolicy.Agree,
        DetectionTimeout = TimeSpan.FromSeconds(1), // nor is a busy node to look like a dead one
        ConfigurationFile = Keep(new ConfigurationOverlay("agreement: { wait: 30s }")).Path, // a busy machine's replica may be late, and nothing may pass without it
    };

    /// <summary>One in a million bytes of one server is wrong, the active one or the other.</summary>
    [TestMethod]
    [DataRow(LabHost.Node1)]
    [DataRow(LabHost.Node2)]
    public async Task No_byte_that_only_one_server_says_reaches_a_client(LabHost faulty)
    {
        var right = Pattern.Bytes(2 * Megabyte);
        var flips = 0;
        foreach (var node in LabNames.Nodes)
        {
            Keep(ScriptedServer.Start(Lab, node, Port, (socket, cancellation) => StreamAsync(socket, node == faulty, cancellation)));
        }
        var ended = await Task.WhenAll(Enumerable.Range(0, Clients).Select(ReadAsync));

        Assert.AreEqual(flips, ended.Count(wasReset => wasReset), "those and no others were reset");
        Assert.IsInRange(1, Clients - 1, flips);
        var gateway = await GatewayUntilAsync(status => status.Recorder.Agreement.Differences == flips, $"{flips} differences are counted");
        Assert.AreEqual(0L, gateway.Recorder.Agreement.ReleasedBytes);

        async Task StreamAsync(Socket socket, bool isFaulty, CancellationToken cancellation)
        {
            var number = (await socket.HearAsync(1))[0];
            var bytes = right.ToArray();
            if (isFaulty && number % 3 == 0)
            {
                Interlocked.Increment(ref flips);
                bytes[(Megabyte / 2) + (number * 40_001)] ^= 4;
            }
            await socket.TellAsync(bytes);
            await socket.HearAsync(1);
        }

        async Task<int> HearAsync(Socket socket, byte[] buffer, int at)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            limit.CancelAfter(s_longestStandstill);
            try
            {
                return await socket.ReceiveAsync(buffer, limit.Token);
            }
            catch (OperationCanceledException e) when (!Cancellation.IsCancellationRequested)
            {
                throw new AssertFailedException($"A client stands still after {at} bytes: {await StandingAsync()}", e);
            }
        }

        // True: it was reset; what came before was right.
        async Task<bool> ReadAsync(int number)
        {
            using var socket = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
            await socket.TellAsync(new byte[] { (byte)number });
            var buffer = new byte[100_000];
            var at = 0;
            try
            {
                while (at < right.Length && await HearAsync(socket, buffer, at) is > 0 and var length)
                {
                    Assert.AreEqual(length, right.AsSpan(at).CommonPrefixLength(buffer.AsSpan(0, length)), $"client {number}: a wrong byte after {at}");
                    at += length;
                }
                Assert.AreEqual(right.Length, at, $"client {number}");
                return false;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                Assert.IsLessThan(right.Length, at);
                return true;
            }
        }
    }

    [TestMethod]
    public async Task The_policy_changes_and_the_primary_dies_under_load()
    {
        var traffic = StartClient(LabAddresses.Vip4, s_traffic);
        await traffic.UntilAsync(progress => progress is { DownloadFraction: > 0.02, UploadFraction: > 0.02 }, Patience, Cancellation);
        await GatewayUntilAsync(gateway => gateway.Recorder.Hot == 54, "all are agreed on");
        await SetOutputAsync("hot");
        await SetOutputAsync("agree");
        await SetOutputAsync("silent");
        await SetOutputAsync("agree");
        await GatewayUntilAsync(gateway => gateway.Recorder.Hot == 54, "all are agreed on again");

        await FaultAsync(FaultKind.Crash, "node1");
        await GatewayUntilAsync(gateway => gateway.Node(LabHost.Node2).Role == "active", "node2 takes over");
        await Task.Delay(500, Cancellation); // every connection has its turn

        AssertUnharmed(await traffic.FinishAsync(Cancellation), 54);
    }
}
