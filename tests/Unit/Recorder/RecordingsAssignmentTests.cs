using Appliance.Gateway.Recording;
using Appliance.Recording;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>Who has to have a connection's bytes as the service moves and nodes come and go.</summary>
[TestClass]
public sealed class RecordingsAssignmentTests
{
    [TestMethod]
    public void After_a_failover_the_new_active_node_has_to_have_the_bytes()
    {
        var scene = new RecorderScene();
        var flow = scene.Open(origin: 0);
        scene.Record(flow, 0, 100);
        scene.Confirm(flow, 1, 40);
        scene.Assign(active: 1);
        Assert.AreEqual(-1, flow.Origin);
        Assert.IsTrue(scene.Recordings.IsHolder(flow, 1));
        Assert.AreEqual((40L, 40L), (scene.Recordings.Needed(flow), flow.Window.Start));
        Assert.IsTrue(scene.Record(flow, 100, 50));
        scene.Confirm(flow, 1, 150);
        Assert.AreEqual(150L, flow.Window.Start);
    }

    [TestMethod]
    public void The_node_that_lost_the_service_is_waited_for_only_when_it_replicates_again()
    {
        var scene = new RecorderScene(RecordPolicy.Full);
        var flow = scene.Open(origin: 0);
        scene.Record(flow, 0, 100);
        scene.Confirm(flow, 1, 100);
        scene.Assign(active: 1);
        Assert.IsFalse(scene.Recordings.IsHolder(flow, 0));
        scene.Assign(active: 1, replicas: 0);
        Assert.IsTrue(scene.Recordings.IsHolder(flow, 0));
        Assert.AreEqual(0L, scene.Recordings.Needed(flow));
        Assert.IsFalse(flow.Shares[0].IsLost, "everything is held: a replica can be made");
    }

    [TestMethod]
    public void Who_joins_late_can_have_only_flows_whose_whole_stream_is_held()
    {
        var scene = new RecorderScene();
        scene.Assign(active: 0);
        var (begun, fresh) = (scene.Open(), scene.Open(Tests.Support.Ends.V6));
        scene.Record(begun, 0, 100);
        scene.Assign(active: 0, replicas: 1);
        Assert.IsTrue(begun.Shares[1].IsLost);
        Assert.IsFalse(fresh.Shares[1].IsLost);
        Assert.AreEqual((FlowState.Unprotected, FlowState.Repairing), (scene.StateOf(begun), scene.StateOf(fresh)));
    }

    [TestMethod]
    public void What_a_node_had_before_it_left_does_not_count_when_it_joins_again()
    {
        var scene = new RecorderScene(RecordPolicy.Full);
        var flow = scene.Open();
        scene.Record(flow, 0, 100);
        scene.Confirm(flow, 1, 100);
        scene.Assign(active: 0);
        scene.Assign(active: 0, replicas: 1);
        Assert.IsFalse(flow.Shares[1].IsKnown);
        Assert.AreEqual(0L, scene.Recordings.Needed(flow));
    }

    [TestMethod]
    public void A_node_that_stays_keeps_its_share()
    {
        var scene = new RecorderScene(nodes: 3);
        var flow = scene.Open();
        scene.Record(flow, 0, 100);
        scene.Confirm(flow, 1, 100);
        scene.Confirm(flow, 2, 70);
        scene.Assign(active: 2, replicas: 1);
        Assert.IsTrue(flow.Shares[1].IsReplica);
        Assert.AreEqual(70L, scene.Recordings.Needed(flow), "the active node still lacks the rest");
    }

    [TestMethod]
    public void When_the_last_holder_leaves_the_bytes_go()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Record(flow, 0, 5000);
        scene.Assign(active: 0);
        Assert.AreEqual(0L, scene.Pool.UsedBytes);
    }

    [TestMethod]
    public void The_node_whose_share_is_the_flow_itself_stays_its_origin()
    {
        var scene = new RecorderScene(nodes: 3);
        var flow = scene.Open(origin: 0);
        scene.Assign(active: 0, replicas: 2);
        Assert.AreEqual(0, flow.Origin);
    }

    [TestMethod]
    public void A_flow_accepted_before_the_failover_and_read_after_it_does_not_wait_for_the_dead_node()
    {
        var scene = new RecorderScene();
        scene.Assign(active: 1);
        var flow = scene.Open(origin: 0);
        Assert.IsTrue(scene.Recordings.IsHolder(flow, 1), "it may have a replica of it");
        Assert.IsFalse(scene.Recordings.IsHolder(flow, 0));
    }

    [TestMethod]
    public void A_flow_accepted_after_the_failover_and_read_before_it_does_not_wait_for_itself()
    {
        var scene = new RecorderScene();
        var flow = scene.Open(origin: 1);
        Assert.IsTrue(scene.Record(flow, 0, 100), "nothing is passed over meanwhile");
        scene.Assign(active: 1);
        Assert.AreEqual(1, flow.Origin);
        Assert.AreEqual(long.MaxValue, scene.Recordings.Needed(flow));
    }

    [TestMethod]
    public void The_origin_that_reports_a_replica_is_none()
    {
        var scene = new RecorderScene();
        var flow = scene.Open(origin: 0);
        scene.Confirm(flow, 0, 0);
        Assert.AreEqual(-1, flow.Origin);
        Assert.IsTrue(scene.Recordings.IsHolder(flow, 0));
    }

    [TestMethod]
    public void After_a_new_connection_to_a_node_nothing_is_forgotten_before_it_has_reported()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Confirm(flow, 1, 0);
        scene.Record(flow, 0, 100);
        scene.Confirm(flow, 1, 50);
        scene.Recordings.Unlearn(1);
        Assert.IsTrue(scene.Record(flow, 100, 100));
        Assert.AreEqual((50L, 150L), (flow.Window.Start, flow.Window.Bytes));
        scene.Confirm(flow, 1, 200);
        Assert.AreEqual(200L, flow.Window.Start);
    }

    [TestMethod]
    public void A_lost_replica_can_be_made_again_while_the_whole_stream_is_held()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Confirm(flow, 1, 0);
        scene.Record(flow, 0, 100);
        scene.Recordings.Lose(flow, 1);
        Assert.AreEqual((false, false), (flow.Shares[1].IsKnown, flow.Shares[1].IsLost));
        scene.Confirm(flow, 1, 10);
        scene.Recordings.Lose(flow, 1);
        Assert.IsTrue(flow.Shares[1].IsLost, "ten bytes are gone");
        Assert.AreEqual(0L, flow.Window.Bytes);
    }
}
