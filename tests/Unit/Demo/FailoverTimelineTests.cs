using System.Text.Json;
using Appliance.Lab.Demo.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Demo;

[TestClass]
public sealed class FailoverTimelineTests
{
    private const long FaultNs = 5_000_000_000;

    private const string Status = """
        {"epoch":4,"events":[
          {"epoch":1,"cause":"start","node":"node1","active":"node1","decidedNs":1000,"fencedNs":1100,"orderedNs":1200,"receivedNs":1300,"firstSegmentNs":1400},
          {"epoch":2,"cause":"replicaJoined","node":"node2","active":"node1","decidedNs":4999000000,"fencedNs":4999000001,"orderedNs":4999000002},
          {"epoch":3,"cause":"activeSilent","node":"node1","active":"node2","decidedNs":5027500000,"fencedNs":5027600000,"orderedNs":5027700000,"receivedNs":5027800000,"firstSegmentNs":5028900000},
          {"epoch":4,"cause":"replicaJoined","node":"node1","active":"node2","decidedNs":9000000000,"fencedNs":1,"orderedNs":1}
        ]}
        """;

    [TestMethod]
    public void Relates_every_step_to_the_fault()
    {
        var timeline = FailoverTimeline.Create(FaultNs, Find(Status), FaultNs + 30_000_000);
        Assert.AreEqual(27.5, timeline.DetectionMs);
        Assert.AreEqual(27.6, timeline.FencedMs);
        Assert.AreEqual(27.7, timeline.OrderedMs);
        Assert.AreEqual(27.8, timeline.ReceivedMs);
        Assert.AreEqual(28.9, timeline.FirstSegmentMs);
        Assert.AreEqual(30, timeline.FirstDataMs);
        Assert.AreEqual(1.1, timeline.TakeoverMs);
        Assert.AreEqual(3, timeline.Epoch);
        Assert.AreEqual("activeSilent", timeline.Cause);
        var steps = timeline.Steps("first byte");
        Assert.HasCount(7, steps);
        Assert.AreEqual(new TimelineStep("fault", 0), steps[0]);
        Assert.AreEqual(new TimelineStep("first byte", 30), steps[^1]);
    }

    [TestMethod]
    public void Leaves_out_what_was_not_observed()
    {
        var nothing = FailoverTimeline.Create(FaultNs, failover: null, firstDataNs: null);
        Assert.IsNull(nothing.DetectionMs);
        Assert.IsNull(nothing.TakeoverMs);
        Assert.HasCount(1, nothing.Steps("first byte"));

        var waiting = new GatewayEventRecord(3, "activeSilent", "node2", FaultNs + 1, FaultNs + 2, FaultNs + 3, 0, 0);
        Assert.IsFalse(waiting.IsComplete);
        var half = FailoverTimeline.Create(FaultNs, waiting, firstDataNs: null);
        Assert.IsNotNull(half.OrderedMs);
        Assert.IsNull(half.ReceivedMs);
        Assert.IsNull(half.TakeoverMs);
    }

    [TestMethod]
    public void Finds_the_event_that_answered_the_fault_and_no_other()
    {
        var events = GatewayEventRecord.ReadAll(JsonElement.Parse(Status));
        Assert.HasCount(4, events);
        Assert.AreEqual(3, GatewayEventRecord.FindFailover(events, FaultNs, "node2")?.Epoch);
        Assert.IsNull(GatewayEventRecord.FindFailover(events, FaultNs, "node1"));
        Assert.IsNull(GatewayEventRecord.FindFailover(events, 9_000_000_001, "node2"));
    }

    [TestMethod]
    public void Blames_the_failover_for_waits_that_touch_it_only()
    {
        var timeline = FailoverTimeline.Create(FaultNs, Find(Status), FaultNs + 30_000_000);
        Wait[] waits =
        [
            new(FaultNs - 900_000_000, FaultNs - 1),
            new(FaultNs - 5_000_000, FaultNs + 40_000_000),
            new(FaultNs + 10_000_000, FaultNs + 50_000_000),
            new(FaultNs + 30_000_001, FaultNs + 800_000_000),
        ];
        Assert.AreEqual(45, Wait.LongestAt(waits, timeline));
        Assert.IsNull(Wait.LongestAt([waits[0], waits[3]], timeline));
    }

    [TestMethod]
    public void Counts_failovers_that_no_fault_called_for()
    {
        var events = GatewayEventRecord.ReadAll(JsonElement.Parse(Status));
        Assert.AreEqual(0, GatewayEventRecord.CountUnplanned(events, [3]));
        Assert.AreEqual(1, GatewayEventRecord.CountUnplanned(events, []));
    }

    [TestMethod]
    [DataRow("7")]
    [DataRow("{}")]
    [DataRow("""{"events":null}""")]
    [DataRow("""{"events":[1,"x",null]}""")]
    public void Finds_nothing_in_strange_documents(string json) => Assert.IsEmpty(GatewayEventRecord.ReadAll(JsonElement.Parse(json)));

    [TestMethod]
    public void Takes_strange_members_as_unknown()
    {
        var events = GatewayEventRecord.ReadAll(JsonElement.Parse("""{"events":[{"epoch":"x","active":5,"decidedNs":1.5,"receivedNs":-1}]}"""));
        Assert.HasCount(1, events);
        Assert.AreEqual(new GatewayEventRecord(0, "", "", 0, 0, 0, -1, 0), events[0]);
        Assert.IsFalse(events[0].IsComplete);
    }

    private static GatewayEventRecord? Find(string status) =>
        GatewayEventRecord.FindFailover(GatewayEventRecord.ReadAll(JsonElement.Parse(status)), FaultNs, "node2");
}
