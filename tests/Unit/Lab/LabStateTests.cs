using System.Text.Json;
using Appliance.Lab.Daemons;
using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.State;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class LabStateTests
{
    private static readonly LabState State = new()
    {
        Name = "t",
        Index = 3,
        Phase = LabPhase.Ready,
        WithDaemons = true,
        Programs = "/opt/appliance",
        Daemons = [new DaemonRecord(LabHost.Gateway, "appliance-gateway", new ProcessStamp(42, 4711))],
        LastRoles = new Dictionary<LabHost, NodeRole> { [LabHost.Node1] = NodeRole.Down, [LabHost.Node2] = NodeRole.Active },
        Faults =
        [
            new FaultRecord(FaultKind.HangApp, LabHost.Node1, 1_000, 1_500)
            {
                Active = true,
                Pids = [7, 8],
                UntilNs = 2_000,
                Timer = new ProcessStamp(9, 10),
            },
        ],
    };

    [TestMethod]
    public void Comes_back_as_it_was_written()
    {
        var json = JsonSerializer.Serialize(State, LabJson.Indented);
        var back = JsonSerializer.Deserialize<LabState>(json, LabJson.Indented)!;

        Assert.AreEqual(json, JsonSerializer.Serialize(back, LabJson.Indented));
        Assert.AreEqual(State.Daemons[0], back.Daemons[0]);
        Assert.AreEqual(NodeRole.Active, back.LastRoles[LabHost.Node2]);
        Assert.AreEqual(State.Faults[0].Timer, back.Faults[0].Timer);
    }

    [TestMethod]
    public void The_layout_is_the_one_that_version_1_fixed()
    {
        const string Golden = """
            {"version":1,"name":"t","index":3,"phase":"ready","withDaemons":true,"programs":"/opt/appliance","daemons":[{"host":"gateway","program":"appliance-gateway","process":{"pid":42,"startTicks":4711}}],"lastRoles":{"node1":"down","node2":"active"},"faults":[{"fault":"hangApp","target":"node1","atNs":1000,"doneNs":1500,"active":true,"pids":[7,8],"untilNs":2000,"timer":{"pid":9,"startTicks":10}}]}
            """;
        Assert.AreEqual(Golden, JsonSerializer.Serialize(State, LabJson.Compact));
    }
}
