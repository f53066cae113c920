using Appliance.Gateway.Recording;
using Appliance.Recording;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>What becomes of a flow when its bound or the memory of all is exhausted, and of memory when a flow goes.</summary>
[TestClass]
public sealed class RecordingsMemoryTests
{
    [TestMethod]
    public void A_flow_beyond_its_bound_is_given_up()
    {
        var scene = new RecorderScene(windowBytes: 1000, isBounded: true);
        var flow = scene.Open();
        scene.Confirm(flow, 1, 0);
        Assert.IsTrue(scene.Record(flow, 0, 1000));
        Assert.IsFalse(scene.Record(flow, 1000, 1));
        Assert.AreEqual((1001L, 0L, 1L), (flow.Window.Start, scene.Pool.UsedBytes, scene.Recordings.Evictions));
        Assert.IsTrue(flow.Shares[1].IsLost);
        Assert.AreEqual(FlowState.Unprotected, scene.StateOf(flow));
    }

    [TestMethod]
    public void What_was_given_up_is_protected_again_when_the_replica_has_it_after_all()
    {
        var scene = new RecorderScene(windowBytes: 1000, isBounded: true);
        var flow = scene.Open();
        scene.Confirm(flow, 1, 0);
        scene.Record(flow, 0, 1000);
        scene.Record(flow, 1000, 1);
        scene.Confirm(flow, 1, 1000);
        Assert.IsTrue(flow.Shares[1].IsLost, "one byte is missing");
        scene.Confirm(flow, 1, 1001);
        Assert.IsTrue(flow.Shares[1].IsReplica);
        Assert.AreEqual(FlowState.Protected, scene.StateOf(flow));
    }

    [TestMethod]
    public void Without_a_bound_of_its_own_a_flow_may_have_all_memory()
    {
        var scene = new RecorderScene(windowBytes: 1000, isBounded: false, poolBytes: 16 * ChunkPool.ChunkBytes);
        var flow = scene.Open();
        scene.Confirm(flow, 1, 0);
        var recorded = 0;
        while (scene.Record(flow, recorded, 1000))
        {
            recorded += 1000;
        }
        Assert.IsGreaterThan(13 * ChunkPool.ChunkBytes, recorded);
        Assert.AreEqual((recorded + 1000L, 1L), (flow.Window.Start, scene.Recordings.Evictions));
    }

    [TestMethod]
    public void A_flow_that_is_given_up_costs_no_other_its_memory()
    {
        var scene = new RecorderScene(poolBytes: 16 * ChunkPool.ChunkBytes);
        var (one, other) = (scene.Open(Ends.V4), scene.Open(Ends.V6));
        scene.Confirm(one, 1, 0);
        scene.Confirm(other, 1, 0);
        scene.Record(other, 0, 100);
        for (var offset = 0; scene.Record(one, offset, 1000); offset += 1000)
        {
        }
        Assert.AreEqual(100L, other.Window.Bytes);
        Assert.IsFalse(other.Shares[1].IsLost);
    }

    [TestMethod]
    public void History_goes_before_what_a_replica_lacks()
    {
        var scene = new RecorderScene(RecordPolicy.Full, poolBytes: 16 * ChunkPool.ChunkBytes);
        var flow = scene.Open();
        for (var offset = 0L; offset < 200_000; offset += 1000)
        {
            scene.Record(flow, offset, 1000);
            scene.Confirm(flow, 1, offset);
            Assert.AreEqual(offset, flow.Window.NextHeld(offset), "what the replica lacks");
            Assert.IsTrue(flow.Shares[1].IsReplica);
        }
        Assert.IsFalse(flow.IsComplete);
    }

    [TestMethod]
    public void The_history_of_others_goes_before_what_a_replica_lacks()
    {
        var scene = new RecorderScene(RecordPolicy.Full, poolBytes: 16 * ChunkPool.ChunkBytes);
        var (old, flow) = (scene.Open(Ends.V4), scene.Open(Ends.V6));
        scene.Record(old, 0, 10 * ChunkPool.ChunkBytes);
        scene.Confirm(old, 1, (10 * ChunkPool.ChunkBytes) - 7);
        scene.Confirm(flow, 1, 0);
        for (var offset = 0L; offset < 10 * ChunkPool.ChunkBytes; offset += 1000)
        {
            Assert.IsTrue(scene.Record(flow, offset, 1000));
        }
        Assert.AreEqual(7L, old.Window.Bytes, "all but what its replica lacks");
        Assert.AreEqual((0L, 0L), (scene.Recordings.Evictions, flow.Window.Start));
    }

    [TestMethod]
    public void A_flow_beyond_its_own_bound_takes_nothing_of_others()
    {
        var scene = new RecorderScene(RecordPolicy.Window, windowBytes: 1000, isBounded: true);
        var (other, flow) = (scene.Open(Ends.V4), scene.Open(Ends.V6));
        scene.Record(other, 0, 900);
        scene.Confirm(other, 1, 900);
        scene.Confirm(flow, 1, 0);
        scene.Record(flow, 0, 1000);
        scene.Record(flow, 1000, 1000);
        Assert.AreEqual(1L, scene.Recordings.Evictions);
        Assert.AreEqual((0L, 900L), (other.Window.Start, other.Window.Bytes));
    }

    [TestMethod]
    public void A_new_connection_of_the_same_ends_takes_the_place_of_the_old_one()
    {
        var scene = new RecorderScene();
        var old = scene.Open();
        scene.Record(old, 0, 5000);
        var earlier = scene.Recordings.Open(old.Key, RecorderScene.Handshake(isn: 7), 0, scene.Now, out var flow);
        Assert.AreSame(old, earlier);
        Assert.AreEqual(0L, scene.Pool.UsedBytes);
        Assert.AreSame(flow, scene.Recordings.Find(old.Key));
        Assert.AreSame(flow, scene.Recordings.Find(old.Key, 7));
        Assert.IsNull(scene.Recordings.Find(old.Key, RecorderScene.ClientIsn));
        Assert.HasCount(1, scene.Recordings.Flows);
    }

    [TestMethod]
    public void A_flow_that_was_replaced_does_not_remove_its_successor()
    {
        var scene = new RecorderScene();
        var old = scene.Open();
        var flow = scene.Open(isn: 7);
        scene.Record(flow, 0, 10);
        scene.Recordings.Remove(old);
        Assert.AreSame(flow, scene.Recordings.Find(flow.Key));
        Assert.AreEqual(10L, flow.Window.Bytes);
        scene.Recordings.Remove(flow);
        Assert.IsEmpty(scene.Recordings.Flows);
        Assert.AreEqual(0L, scene.Pool.UsedBytes);
    }
}
