using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>Lag policy <c>bestEffort</c>: the client does not wait, and the replica is given up.</summary>
[TestClass]
public sealed class BestEffortLagTests : LagTest
{
    protected override string Configuration => "recorder: { lag: bestEffort, windowBytes: 4MiB }";

    [TestMethod]
    public async Task The_client_goes_on_unharmed_and_its_flow_is_shown_as_unprotected()
    {
        var traffic = await UploadToHungBackupAsync();
        await GatewayUntilAsync(gateway => gateway.Recorder.In(Unprotected) == 1, "the flow is shown as unprotected");
        Assert.AreEqual(Unprotected, (await GatewayReport.FlowsAsync(Lab.ApiUrl, Cancellation)).Single().State);
        await traffic.UntilAsync(progress => progress.UploadFraction > 0.8, Patience, Cancellation);
        var gateway = await GatewayAsync();
        Assert.AreEqual(0, gateway.Recorder.HeldBack);
        Assert.AreEqual(0UL, gateway.Counters["window_narrowed"]);

        await FaultAsync(FaultKind.Heal, "node2");

        AssertUnharmed(await traffic.ReportAsync(Cancellation), 1);
        await ForgottenAsync();
        var next = StartClient(LabAddresses.Vip4, "--connections", "10", "--wait-stop");
        await AllProtectedAsync(10);
        await CrashAsync(LabHost.Node1);
        AssertUnharmed(await next.FinishAsync(Cancellation), 10);
    }
}
