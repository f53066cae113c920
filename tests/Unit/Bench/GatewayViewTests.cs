using Appliance.Bench.Labs;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class GatewayViewTests
{
    private const string Status = """
        {"epoch":2,"flows":12,"nodes":[{"name":"node1","role":"down","flows":{"replicas":0}},
        {"name":"node2","role":"active","flows":{"replicas":12,"inStep":11,"diverged":1,"held":3}}],
        "events":[{"epoch":1,"cause":"start","active":"node1","decidedNs":1000000},
        {"epoch":2,"cause":"silent","active":"node2","decidedNs":31000000,"orderedNs":31500000,"receivedNs":31600000,"firstSegmentNs":32600000}]}
        """;

    [TestMethod]
    public void Reads_flows_nodes_and_events()
    {
        var view = GatewayView.Parse(Status);
        Assert.AreEqual(12, view.Flows);
        Assert.AreEqual(new NodeFlows("node2", "active", 12, 11, 1, 3), view.Find("node2"));
        Assert.IsNull(view.Find("node3"));
        Assert.HasCount(2, view.Events);
    }

    [TestMethod]
    public void Takes_the_times_of_a_failover()
    {
        var change = GatewayView.Parse(Status).TakeoverAfter(2_000_000, "node2");
        Assert.IsNotNull(change);
        Assert.AreEqual(2, change.Epoch);
        Assert.AreEqual(29.0, change.DetectionMs(2_000_000), 1e-9);
        Assert.AreEqual(1.0, change.TakeoverMs!.Value, 1e-9);
    }

    [TestMethod]
    public void A_takeover_without_a_segment_has_no_time() => Assert.IsNull(GatewayView.Parse(Status).Events[0].TakeoverMs);

    [TestMethod]
    public void Nothing_has_happened_since_then() => Assert.IsNull(GatewayView.Parse(Status).TakeoverAfter(40_000_000, "node2"));

    [TestMethod]
    public void What_another_node_took_over_is_not_meant() => Assert.IsNull(GatewayView.Parse(Status).TakeoverAfter(0, "node3"));

    [TestMethod]
    public void The_start_is_no_false_alarm()
    {
        var view = GatewayView.Parse(Status);
        Assert.AreEqual(0, view.FalseAlarmsBefore(31_000_000));
        Assert.AreEqual(1, view.FalseAlarmsBefore(32_000_000));
    }

    [TestMethod]
    public void What_is_missing_is_empty()
    {
        var view = GatewayView.Parse("{}");
        Assert.AreEqual(0, view.Flows);
        Assert.IsEmpty(view.Nodes);
        Assert.IsEmpty(view.Events);
    }
}
