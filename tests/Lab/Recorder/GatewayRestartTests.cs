using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Tests.Lab.Support;
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
    [DataRow(UnixSignal.Kill, false, DisplayName = "killed")]
    [DataRow(UnixSignal.HangUp, true, DisplayName = "makes way, and the service moves before it crashes")]
    public async Task No_connection_notices_and_all_survive_the_active_node_afterwards(UnixSignal signal, bool moves)
    {
        var traffic = StartClient(
            LabAddresses.Vip4,
            "--connections", $"{EchoConnections}", "--uploads", "1", "--stream-bytes", "160000000", "--stream-rate", "5000000", "--sha256", "--wait-stop");
        await traffic.UntilAsync(progress => progress is { UploadFraction: > 0.02, Connected: AllConnections, Lost: 0 }, Patience, Cancellation);
        var before = await AllProtectedAsync(AllConnections);

        await EndGatewayAsync(signal);
        await FaultAsync(FaultKind.Heal, "gateway");

        var after = await AllProtectedAsync(AllConnections);
        Assert.AreEqual(before.Epoch + 2, after.Epoch);
        Assert.AreEqual("active", after.Node(LabHost.Node1).Role);
        if (moves)
        {
            Assert.AreEqual("node2", await SwitchAsync());
            await AllProtectedAsync(AllConnections);
        }
        await CrashAsync(moves ? LabHost.Node2 : LabHost.Node1);
        AssertUnharmed(await traffic.FinishAsync(Cancellation), AllConnections);
    }
}
