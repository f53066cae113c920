using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>Copies get lost all the time; the replica fetches what it missed.</summary>
[TestClass]
public sealed class LossTests : RecorderTest
{
    private const int EchoConnections = 100;
    private const int AllConnections = EchoConnections + 1;

    [TestMethod]
    [DataRow(500, LabAddresses.Vip6, DisplayName = "5 %, IPv6")]
    [DataRow(2000, LabAddresses.Vip4, DisplayName = "20 %, IPv4")]
    public async Task Every_connection_survives_the_primary_although_copies_were_lost(int basisPoints, string address)
    {
        await LoseCopiesAsync(basisPoints);
        var traffic = StartClient(
            address,
            "--connections", $"{EchoConnections}", "--uploads", "1", "--stream-bytes", "30000000", "--stream-rate", "15000000", "--sha256");
        await traffic.UntilAsync(progress => progress is { UploadFraction: > 0.4, Connected: AllConnections, Lost: 0 }, Patience, Cancellation);
        await GatewayUntilAsync(
            gateway => gateway.Node(LabHost.Node2).Flows is { Replicas: AllConnections, Diverged: 0 } && gateway.Recorder.In(Unprotected) == 0,
            "every flow has a replica");
        Assert.IsGreaterThan(0L, (await GatewayAsync()).Recorder.RepairedBytes);

        await CrashAsync(LabHost.Node1);

        await LoseCopiesAsync(0); // from now on it is the service's own traffic that the fault would hit
        AssertUnharmed(await traffic.ReportAsync(Cancellation), AllConnections);
    }
}
