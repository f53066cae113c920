using Appliance.Gateway.Recording;
using Appliance.Recording;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>The states, as FlowState documents them.</summary>
[TestClass]
public sealed class FlowStateTests
{
    private readonly RecorderScene _scene = new();

    [TestMethod]
    public void Nobody_replicates()
    {
        _scene.Assign(active: 0);
        Assert.AreEqual(FlowState.Unprotected, _scene.StateOf(_scene.Open()));
    }

    [TestMethod]
    public void A_replica_is_being_made()
    {
        Assert.AreEqual(FlowState.Repairing, _scene.StateOf(_scene.Open()));
    }

    [TestMethod]
    public void A_replica_has_all_of_it()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow));
        _scene.Record(flow, 0, 10);
        _scene.Confirm(flow, 1, 10);
        _scene.Pass(1_000_000);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow));
    }

    [TestMethod]
    [DataRow(0, FlowState.Protected)]
    [DataRow(249, FlowState.Protected)]
    [DataRow(250, FlowState.Repairing)]
    [DataRow(100_000, FlowState.Repairing)]
    public void A_replica_lacks_bytes_for_so_many_milliseconds(int milliseconds, FlowState expected)
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        _scene.Record(flow, 0, 10);
        _scene.Pass(milliseconds);
        Assert.AreEqual(expected, _scene.StateOf(flow));
    }

    [TestMethod]
    public void A_replica_that_has_caught_up_protects()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        _scene.Record(flow, 0, 10);
        _scene.Pass(1000);
        _scene.Confirm(flow, 1, 10);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow));
        _scene.Record(flow, 10, 10);
        _scene.Pass(100);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow), "the clock starts anew");
    }

    [TestMethod]
    public void A_replica_that_is_made_from_the_record_does_not_protect_before_it_has_caught_up()
    {
        var (scene, flow) = Long(recorded: 10_000);
        scene.Confirm(flow, 1, 0);
        Assert.AreEqual(FlowState.Repairing, scene.StateOf(flow));
        scene.Confirm(flow, 1, 9_999);
        Assert.AreEqual(FlowState.Repairing, scene.StateOf(flow));
        scene.Confirm(flow, 1, 10_000);
        Assert.AreEqual(FlowState.Protected, scene.StateOf(flow));
    }

    [TestMethod]
    [DataRow(2000, FlowState.Repairing, DisplayName = "it comes nearer")]
    [DataRow(500, FlowState.Protected, DisplayName = "near enough: its client is held back if it has to be")]
    [DataRow(7501, FlowState.Protected, DisplayName = "it comes no nearer unless its client is held back")]
    public void What_was_recorded_while_it_caught_up_it_catches_up_with_in_turn(int meanwhile, FlowState expected)
    {
        var (scene, flow) = Long(recorded: 10_000);
        scene.Confirm(flow, 1, 0);
        scene.Record(flow, 10_000, meanwhile);
        Assert.AreEqual(10_000 + meanwhile, scene.Recordings.Reached(flow, flow.Window.End, 0b11, scene.Now), "nobody is held back yet");
        scene.Confirm(flow, 1, 10_000);
        Assert.AreEqual(expected, scene.StateOf(flow));
        Assert.AreEqual(expected == FlowState.Protected ? 10_000 : 10_000 + meanwhile, scene.Recordings.Reached(flow, flow.Window.End, 0b11, scene.Now));
    }

    [TestMethod]
    public void A_replica_that_keeps_step_with_a_steady_stream_protects()
    {
        var scene = new RecorderScene(RecordPolicy.Window, windowBytes: 100_000);
        var flow = scene.Open();
        scene.Confirm(flow, 1, 0);
        for (var offset = 0L; offset < 1_000_000; offset += 1000)
        {
            scene.Record(flow, offset, 1000);
            scene.Pass(1);
            scene.Confirm(flow, 1, offset); // a millisecond behind, always
        }
        Assert.AreEqual(FlowState.Protected, scene.StateOf(flow));
    }

    [TestMethod]
    public void What_the_replica_lacks_is_not_held_any_more()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        _scene.Recordings.GiveUp(flow, 1);
        Assert.AreEqual(FlowState.Unprotected, _scene.StateOf(flow));
    }

    [TestMethod]
    public void The_replicas_server_behaves_differently()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0, diverged: true);
        Assert.AreEqual(FlowState.Diverged, _scene.StateOf(flow));
    }

    [TestMethod]
    public void A_replica_that_says_something_else_protects_nobody_and_is_repaired_all_the_same()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        _scene.Record(flow, 0, 100);
        _scene.Report(flow, 1, 50, ProgressFlags.Confirmed | ProgressFlags.Differs);
        Assert.AreEqual(FlowState.Diverged, _scene.StateOf(flow));
        Assert.AreEqual(ReplicaState.Diverged, _scene.Recordings.ReplicasOf(flow, _scene.Now).Single().State);
        Assert.AreEqual(50L, flow.Window.Start, "what it lacks is kept");
        _scene.Need(flow, 1, 50, 50);
        Assert.AreEqual(50, _scene.Outlet.Supplies.Single().Payload.Length);
        _scene.Report(flow, 1, 100);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow), "they have agreed for long");
    }

    [TestMethod]
    public void A_replica_that_followed_after_all_protects()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0, diverged: true);
        _scene.Confirm(flow, 1, 0);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow));
    }

    [TestMethod]
    public void A_dead_node_protects_nothing()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        Assert.AreEqual(FlowState.Unprotected, _scene.StateOf(flow, live: 0b01));
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow, live: 0b11));
    }

    [TestMethod]
    public void The_active_node_does_not_protect_from_its_own_death()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        _scene.Assign(active: 1);
        Assert.AreEqual(FlowState.Unprotected, _scene.StateOf(flow));
    }

    [TestMethod]
    public void A_node_that_does_not_replicate_any_more_protects_nothing()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        _scene.Assign(active: 0);
        Assert.AreEqual(FlowState.Unprotected, _scene.StateOf(flow));
    }

    /// <summary>What the second of two replicas is; the first one is diverged.</summary>
    [TestMethod]
    [DataRow("absent", FlowState.Diverged)]
    [DataRow("lost", FlowState.Diverged)]
    [DataRow("making", FlowState.Repairing)]
    [DataRow("behind", FlowState.Repairing)]
    [DataRow("complete", FlowState.Protected)]
    public void Of_two_replicas_the_better_one_counts(string second, FlowState expected)
    {
        foreach (var mirrored in new[] { false, true })
        {
            var (one, other) = mirrored ? (2, 1) : (1, 2);
            var scene = new RecorderScene(nodes: 3);
            scene.Assign(active: 0, replicas: second == "absent" ? [one] : [one, other]);
            var flow = scene.Open();
            scene.Confirm(flow, one, 0);
            Prepare(scene, flow, other, second);
            scene.Confirm(flow, one, 0, diverged: true);
            Assert.AreEqual(expected, scene.StateOf(flow), $"diverged: {one}");
        }
    }

    private static void Prepare(RecorderScene scene, RecordedFlow flow, int node, string state)
    {
        switch (state)
        {
            case "lost":
                scene.Recordings.GiveUp(flow, node);
                break;
            case "behind":
                scene.Confirm(flow, node, 0);
                scene.Record(flow, 0, 10);
                scene.Pass(1000);
                break;
            case "complete":
                scene.Confirm(flow, node, 0);
                break;
            default:
                break;
        }
    }

    /// <summary>A connection with a long past, which is kept; clients are held back from 500 bytes on.</summary>
    private static (RecorderScene Scene, RecordedFlow Flow) Long(int recorded)
    {
        var scene = new RecorderScene(RecordPolicy.Full, windowBytes: 1000);
        var flow = scene.Open();
        scene.Record(flow, 0, recorded);
        scene.Pass(2000);
        return (scene, flow);
    }
}
