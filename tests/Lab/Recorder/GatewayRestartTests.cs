using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>The gateway's program ends under load; another one goes on in its place.</summary>
[TestClass]
public sealed class GatewayRestartTests : RecorderTest
{
    private const int EchoConnections = 50;
    private const int AllConnections = EchoConnections + 1;

    [TestMethod]
    [DataRow(UnixSignal.Kill, DisplayName = "killed")]
    [DataRow(UnixSignal.HangUp, DisplayName = "makes way")]
    public async Task No_connection_notices_and_all_survive_the_primary_afterwards(UnixSignal signal)
    {
        var traffic = StartClient(
            LabAddresses.Vip4,
            "--connections", $"{EchoConnections}", "--uploads", "1", "--stream-bytes", "50000000", "--stream-rate", "10000000", "--sha256");
        await traffic.UntilAsync(progress => progress is { UploadFraction: > 0.1, Connected: AllConnections, Lost: 0 }, Patience, Cancellation);
        var before = await AllProtectedAsync(AllConnections);

        await EndGatewayAsync(signal);
        await FaultAsync(FaultKind.Heal, "gateway");

        var after = await AllProtectedAsync(AllConnections);
        Assert.AreEqual(before.Epoch + 2, after.Epoch);
        Assert.AreEqual("active", after.Node(LabHost.Node1).Role);
        await CrashAsync(LabHost.Node1);
        AssertUnharmed(await traffic.ReportAsync(Cancellation), AllConnections);
    }

    private async Task EndGatewayAsync(UnixSignal signal)
    {
        var pid = await SignalAsync(LabHost.Gateway, signal);
        await UntilAsync(() => ProcessTable.TryGet(pid) is null, "the gateway's program ends");
    }
}
