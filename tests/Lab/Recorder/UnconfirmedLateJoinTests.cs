using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>Policy <c>unconfirmed</c>: what replicas had is forgotten, and with it the way to make another one.</summary>
[TestClass]
public sealed class UnconfirmedLateJoinTests : RecorderTest
{
    private const int Old = 20;
    private const int New = 30;

    [TestMethod]
    public async Task Old_connections_are_shown_as_unprotected_and_new_ones_survive_the_next_failover()
    {
        var old = StartClient(LabAddresses.Vip4, "--connections", $"{Old}", "--wait-stop");
        await old.UntilAsync(progress => progress is { Connected: Old, Echoes: > 3 * Old }, Patience, Cancellation);
        await AllProtectedAsync(Old);
        await CrashAsync(LabHost.Node1);
        await ReturnAsync(LabHost.Node1);
        await GatewayUntilAsync(gateway => gateway.Recorder.In(Unprotected) == Old, "the old flows are unprotected");

        var fresh = StartClient(LabAddresses.Vip4, "--connections", $"{New}", "--wait-stop");
        await fresh.UntilAsync(progress => progress is { Connected: New, Echoes: > 3 * New }, Patience, Cancellation);
        await GatewayUntilAsync(
            gateway => gateway.Recorder.In(Protected) == New && gateway.Recorder.In(Unprotected) == Old,
            "the new flows are protected");
        var states = (await GatewayReport.FlowsAsync(Lab.ApiUrl, Cancellation)).CountBy(flow => flow.State).ToDictionary();
        Assert.AreEqual(Old, states[Unprotected]);
        Assert.AreEqual(New, states[Protected]);

        await CrashAsync(LabHost.Node2);

        AssertUnharmed(await fresh.FinishAsync(Cancellation), New);
    }
}
