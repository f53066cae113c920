using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>Policy <c>window</c>: what fits into a connection's window is kept although replicas have it.</summary>
[TestClass]
public sealed class WindowLateJoinTests : RecorderTest
{
    private const int Quiet = 20;
    private const int Long = 10 << 20;

    protected override string Configuration => "recorder: { policy: window, windowBytes: 1MiB }";

    [TestMethod]
    public async Task Connections_younger_than_their_window_are_protected_again_and_older_ones_shown_as_unprotected()
    {
        var quiet = StartClient(LabAddresses.Vip4, "--connections", $"{Quiet}", "--wait-stop");
        await AllProtectedAsync(Quiet);
        using var old = await ClientNetwork.ConnectAsync(Lab, EchoPort, Cancellation);
        await TalkAsync(old, Long);
        await AllProtectedAsync(Quiet + 1);
        await CrashAsync(LabHost.Node1);
        await TalkAsync(old, 100);

        await ReturnAsync(LabHost.Node1);
        await GatewayUntilAsync(
            gateway => gateway.Recorder.In(Protected) == Quiet && gateway.Recorder.In(Unprotected) == 1, "all but the old one are protected again");
        Assert.AreEqual(Unprotected, (await GatewayReport.FlowsAsync(Lab.ApiUrl, Cancellation)).MaxBy(flow => flow.ClientBytes)!.State);
        await TalkAsync(old, 100);

        await CrashAsync(LabHost.Node2);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has its turn
        AssertUnharmed(await quiet.FinishAsync(Cancellation), Quiet);
    }

    private static async Task TalkAsync(System.Net.Sockets.Socket socket, int length)
    {
        var hearing = socket.HearAsync(length);
        await socket.TellAsync(Pattern.Bytes(length));
        Pattern.AssertIs(await hearing, length);
    }
}
