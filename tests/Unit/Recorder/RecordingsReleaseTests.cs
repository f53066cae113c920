using Appliance.Recording;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>When a byte may be forgotten: with every policy, and whoever may have to carry the connection on.</summary>
[TestClass]
public sealed class RecordingsReleaseTests
{
    [TestMethod]
    public void A_byte_is_kept_until_the_replica_has_it()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        Assert.IsTrue(scene.Record(flow, 0, 100));
        Assert.AreEqual((0L, 100L), (flow.Window.Start, flow.Window.Bytes));
        scene.Confirm(flow, 1, 60);
        Assert.AreEqual((60L, 40L), (flow.Window.Start, flow.Window.Bytes));
        scene.Confirm(flow, 1, 100);
        Assert.AreEqual((100L, 0L), (flow.Window.Start, scene.Pool.UsedBytes));
    }

    [TestMethod]
    public void What_the_replica_has_already_is_not_copied()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Confirm(flow, 1, 100);
        Assert.IsFalse(scene.Record(flow, 0, 100));
        Assert.AreEqual((100L, 100L, 0L), (flow.Window.Start, flow.Window.End, scene.Pool.UsedBytes));
    }

    [TestMethod]
    [DataRow(0, false)]
    [DataRow(99, false)]
    [DataRow(100, true)]
    [DataRow(101, true)]
    public void A_record_counts_as_confirmed_with_its_last_byte(long confirmed, bool expected)
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Confirm(flow, 1, confirmed);
        Assert.AreEqual(expected, scene.Recordings.IsConfirmed(flow, RecorderScene.Sequence(0), 100, fin: false));
    }

    [TestMethod]
    public void A_fin_is_one_more_to_confirm()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Confirm(flow, 1, 100);
        Assert.IsFalse(scene.Recordings.IsConfirmed(flow, RecorderScene.Sequence(0), 100, fin: true));
        scene.Record(flow, 0, 100, fin: true);
        Assert.AreEqual(100L, flow.Window.FinOffset);
        scene.Confirm(flow, 1, 100);
        Assert.AreEqual((100L, 101L), (flow.Window.Start, flow.Window.End));
        scene.Confirm(flow, 1, 101);
        Assert.AreEqual(101L, flow.Window.Start);
    }

    [TestMethod]
    public void A_bare_fin_is_passed_over_like_bytes()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Confirm(flow, 1, 1);
        Assert.IsFalse(scene.Record(flow, 0, 0, fin: true));
        Assert.AreEqual((1L, 1L), (flow.Window.Start, flow.Window.End));
    }

    [TestMethod]
    public void The_slowest_replica_decides()
    {
        var scene = new RecorderScene(nodes: 3);
        var flow = scene.Open();
        scene.Record(flow, 0, 100);
        scene.Confirm(flow, 1, 100);
        Assert.AreEqual(0L, flow.Window.Start, "node 2 has said nothing");
        scene.Confirm(flow, 2, 30);
        Assert.AreEqual(30L, flow.Window.Start);
        Assert.AreEqual(30L, scene.Recordings.Needed(flow));
    }

    [TestMethod]
    public void The_node_whose_own_stack_has_the_connection_is_not_waited_for()
    {
        var scene = new RecorderScene();
        var flow = scene.Open(origin: 0);
        Assert.IsFalse(scene.Recordings.IsHolder(flow, 0));
        Assert.IsTrue(scene.Recordings.IsHolder(flow, 1));
    }

    [TestMethod]
    public void Nobody_to_wait_for_is_nothing_to_keep()
    {
        var scene = new RecorderScene();
        scene.Assign(active: 0);
        var flow = scene.Open(origin: 0);
        Assert.IsFalse(scene.Record(flow, 0, 100));
        Assert.AreEqual(long.MaxValue, scene.Recordings.Needed(flow));
    }

    [TestMethod]
    public void A_replica_that_cannot_be_made_any_more_is_not_waited_for()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Record(flow, 0, 100);
        scene.Recordings.GiveUp(flow, 1);
        Assert.AreEqual((100L, 0L), (flow.Window.Start, scene.Pool.UsedBytes));
    }

    [TestMethod]
    public void A_diverged_replica_is_not_waited_for()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Record(flow, 0, 100);
        scene.Confirm(flow, 1, 10, diverged: true);
        Assert.AreEqual(100L, flow.Window.Start);
    }

    [TestMethod]
    public void A_report_that_was_overtaken_takes_nothing_back()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Record(flow, 0, 100);
        scene.Confirm(flow, 1, 80);
        scene.Confirm(flow, 1, 50);
        Assert.AreEqual(80L, scene.Recordings.Needed(flow));
        Assert.IsTrue(flow.Shares[1].IsReplica);
    }

    [TestMethod]
    public void A_retransmission_that_is_passed_over_takes_nothing_back()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Confirm(flow, 1, 200);
        scene.Record(flow, 100, 100);
        scene.Record(flow, 0, 100);
        Assert.AreEqual((200L, 200L), (flow.Window.Start, flow.Window.End));
    }

    [TestMethod]
    public void A_hole_is_waited_for()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Record(flow, 100, 50);
        scene.Confirm(flow, 1, 0);
        Assert.AreEqual(0L, flow.Window.Start);
        scene.Record(flow, 0, 100);
        Assert.AreEqual(150L, flow.Window.ContiguousEnd(0));
    }

    [TestMethod]
    public void A_window_keeps_the_last_bytes_although_they_are_confirmed()
    {
        var scene = new RecorderScene(RecordPolicy.Window, windowBytes: 100);
        var flow = scene.Open();
        scene.Confirm(flow, 1, 60);
        Assert.IsTrue(scene.Record(flow, 0, 60), "it is copied although the replica has it");
        scene.Record(flow, 60, 200);
        scene.Confirm(flow, 1, 260);
        Assert.AreEqual((160L, 100L), (flow.Window.Start, flow.Window.Bytes));
    }

    [TestMethod]
    public void A_window_keeps_more_than_its_size_while_a_replica_lacks_it()
    {
        var scene = new RecorderScene(RecordPolicy.Window, windowBytes: 100);
        var flow = scene.Open();
        scene.Record(flow, 0, 500);
        scene.Confirm(flow, 1, 20);
        Assert.AreEqual(20L, flow.Window.Start);
    }

    [TestMethod]
    public void Full_keeps_everything()
    {
        var scene = new RecorderScene(RecordPolicy.Full, windowBytes: 100);
        var flow = scene.Open();
        scene.Confirm(flow, 1, 0);
        for (var offset = 0; offset < 1000; offset += 100)
        {
            Assert.IsTrue(scene.Record(flow, offset, 100));
            scene.Confirm(flow, 1, offset + 100);
        }
        Assert.AreEqual((0L, 1000L), (flow.Window.Start, flow.Window.Bytes));
        Assert.IsTrue(flow.IsComplete);
    }

    /// <summary>Only who follows now holds clients back; what the others lack is waited for in memory.</summary>
    [TestMethod]
    public void How_far_replicas_are_that_clients_wait_for()
    {
        var scene = new RecorderScene(nodes: 3);
        var flow = scene.Open();
        scene.Record(flow, 0, 100);
        Assert.AreEqual(100L, scene.Recordings.Reached(flow, flow.Window.End, 0b111, scene.Now), "replicas that are being made do not count");
        scene.Pass(2000);
        scene.Confirm(flow, 1, 100);
        scene.Confirm(flow, 2, 20);
        Assert.AreEqual(100L, scene.Recordings.Reached(flow, flow.Window.End, 0b111, scene.Now), "nor does one that has only begun");
        scene.Confirm(flow, 2, 100);
        scene.Record(flow, 100, 100);
        scene.Confirm(flow, 1, 160);
        scene.Confirm(flow, 2, 120);
        Assert.AreEqual(120L, scene.Recordings.Reached(flow, flow.Window.End, 0b111, scene.Now));
        Assert.AreEqual(160L, scene.Recordings.Reached(flow, flow.Window.End, 0b011, scene.Now), "node 2 is dead");
        Assert.AreEqual(200L, scene.Recordings.Reached(flow, flow.Window.End, 0, scene.Now));
        scene.Confirm(flow, 2, 120, diverged: true);
        Assert.AreEqual(160L, scene.Recordings.Reached(flow, flow.Window.End, 0b111, scene.Now));
        scene.Recordings.GiveUp(flow, 1);
        Assert.AreEqual(200L, scene.Recordings.Reached(flow, flow.Window.End, 0b111, scene.Now));
    }

    [TestMethod]
    public void Other_content_at_a_place_that_is_recorded_is_counted_and_not_taken()
    {
        var scene = new RecorderScene();
        var flow = scene.Open();
        scene.Record(flow, 0, 100);
        var result = scene.Recordings.Append(flow, RecorderScene.Sequence(90), 1, fin: false, new byte[20], scene.Now);
        Assert.AreEqual((10, 10, 0), (result.New, result.Conflicting, result.Refused));
        var kept = new byte[100];
        flow.Window.TryRead(0, kept, out _);
        CollectionAssert.AreEqual(RecorderScene.Bytes(0, 100), kept);
        Assert.AreEqual(10L, scene.Recordings.ConflictingBytes);
    }
}
