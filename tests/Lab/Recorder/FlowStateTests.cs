using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>What the gateway says of a flow's protection is true, at once and for as long as it is.</summary>
[TestClass]
public sealed class FlowStateTests : RecorderTest
{
    private const int Connections = 200;

    [TestMethod]
    public async Task Connections_that_say_little_and_fall_silent_are_protected_until_there_is_no_replica()
    {
        foreach (var socket in ClientNetwork.Open(Lab, Connections))
        {
            Keep(socket);
            await socket.ConnectAsync(ClientNetwork.Service(EchoPort), Cancellation);
            Assert.AreEqual("hello", await socket.EchoAsync("hello"));
        }

        await AllProtectedAsync(Connections);
        var flows = await GatewayReport.FlowsAsync(Lab.ApiUrl, Cancellation);
        Assert.AreEqual(Connections, flows.Count(flow => flow.State == Protected));

        await CrashAsync(LabHost.Node1);

        await GatewayUntilAsync(gateway => gateway.Recorder.In(Unprotected) == Connections, "nothing is left that could protect them");
    }
}
