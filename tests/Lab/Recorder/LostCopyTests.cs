using System.Net.Sockets;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>All copies of one part of a connection's life are lost: its beginning, the end of a burst, its end.</summary>
[TestClass]
public sealed class LostCopyTests : RecorderTest
{
    private const int Connections = 50;
    private const int Burst = 20_000;

    [TestMethod]
    public async Task Connections_whose_beginning_was_not_copied_get_their_replicas()
    {
        await LoseCopiesAsync(Everything);
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await traffic.UntilAsync(progress => progress is { Connected: Connections, Echoes: > 3 * Connections }, Patience, Cancellation);

        await LoseCopiesAsync(0);

        await AllProtectedAsync(Connections);
        await CrashAsync(LabHost.Node1);
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
    }

    [TestMethod]
    public async Task Connections_that_open_and_fall_silent_without_a_single_copy_get_their_replicas()
    {
        await LoseCopiesAsync(Everything);
        var idle = await OpenAsync(Connections / 2);
        var talked = await OpenAsync(Connections / 2);
        await TalkAsync(talked, Burst);

        // What repairs does not come by way of the copies: they are lost all the time.
        await RepairedAsync((long)talked.Count * Burst);
        await CrashAsync(LabHost.Node1);
        await LoseCopiesAsync(0);
        await TalkAsync([.. idle, .. talked], 100);
    }

    [TestMethod]
    public async Task The_last_segments_before_a_silence_are_repaired_without_further_traffic()
    {
        var sockets = await OpenAsync(Connections);
        await TalkAsync(sockets, 100);
        await ProtectedAsync(Connections);

        await LoseCopiesAsync(Everything);
        await TalkAsync(sockets, Burst);
        await LoseCopiesAsync(0);

        await RepairedAsync((long)Connections * Burst);
        await CrashAsync(LabHost.Node1);
        await TalkAsync(sockets, 100);
    }

    [TestMethod]
    public async Task The_last_segments_before_the_crash_are_repaired_during_the_takeover()
    {
        var sockets = await OpenAsync(Connections);
        await TalkAsync(sockets, 100);
        await ProtectedAsync(Connections);

        await LoseCopiesAsync(Everything);
        await TalkAsync(sockets, Burst);
        await CrashAsync(LabHost.Node1);

        await LoseCopiesAsync(0);
        await TalkAsync(sockets, 100);
    }

    [TestMethod]
    public async Task A_replica_that_missed_the_end_of_its_connection_is_removed()
    {
        var sockets = await OpenAsync(Connections);
        await TalkAsync(sockets, 100);
        await ProtectedAsync(Connections);

        await LoseCopiesAsync(Everything);
        for (var i = 0; i < Connections; i++)
        {
            if (i % 2 == 0)
            {
                sockets[i].Abort();
            }
            else
            {
                sockets[i].Close();
            }
        }

        await ForgottenAsync();
        await UntilAsync(() => KernelSockets.Lasting(Lab, LabHost.Node2).Count == 0, "only listeners and TIME_WAIT are left on node2");
    }

    /// <summary>Waits until the replicas have fetched what they lacked, and all flows are protected by it.</summary>
    private async Task RepairedAsync(long bytes)
    {
        await GatewayUntilAsync(gateway => gateway.Recorder.RepairedBytes >= bytes, $"{bytes} bytes are repaired");
        await AllProtectedAsync(Connections);
        await ProtectedAsync(Connections);
    }

    private async Task<List<Socket>> OpenAsync(int count)
    {
        var sockets = new List<Socket>();
        foreach (var socket in ClientNetwork.Open(Lab, count))
        {
            sockets.Add(Keep(socket));
            await socket.ConnectAsync(ClientNetwork.Service(EchoPort), Cancellation);
        }

        return sockets;
    }

    private static async Task TalkAsync(List<Socket> sockets, int length)
    {
        var message = Pattern.Bytes(length);
        foreach (var socket in sockets)
        {
            var hearing = socket.HearAsync(length);
            await socket.TellAsync(message);
            Pattern.AssertIs(await hearing, length);
        }
    }
}
