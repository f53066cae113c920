using Appliance.RepairChannel;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>Connections that are over, and replicas that cannot know what they lack.</summary>
[TestClass]
public sealed class RepairDeskEndTests
{
    private readonly RecorderScene _scene = new();

    [TestMethod]
    public void Without_a_replica_a_closed_flow_goes_at_once()
    {
        var flow = _scene.Open();
        _scene.Record(flow, 0, 5000);
        _scene.Close(flow);
        _scene.Run(50);
        Assert.IsEmpty(_scene.Recordings.Flows);
        Assert.AreEqual(0L, _scene.Pool.UsedBytes);
        Assert.IsEmpty(_scene.Outlet.Ends);
    }

    [TestMethod]
    public void With_one_it_stays_until_that_has_ended_too()
    {
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Close(flow);
        _scene.Run(1000);
        Assert.HasCount(1, _scene.Recordings.Flows);
        _scene.Report(flow, 1, 0, ProgressFlags.Over);
        _scene.Run(50);
        Assert.IsEmpty(_scene.Recordings.Flows);
        Assert.IsEmpty(_scene.Outlet.Ends);
    }

    [TestMethod]
    public void A_replica_that_does_not_end_is_told_to_once()
    {
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Close(flow);
        _scene.Run(3000);
        Assert.IsEmpty(_scene.Outlet.Ends);
        _scene.Run(3000);
        CollectionAssert.AreEqual(new[] { (1, new EndEntry(flow.Key, flow.ClientIsn)) }, _scene.Outlet.Ends);
        _scene.Run(4100);
        Assert.IsEmpty(_scene.Recordings.Flows);
    }

    [TestMethod]
    public void A_replica_that_lags_gets_the_rest_of_a_closed_connection()
    {
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Record(flow, 0, 100, fin: true);
        _scene.Close(flow);
        _scene.Run(15_000);
        Assert.IsEmpty(_scene.Outlet.Ends);
        _scene.Need(flow, 1, 0, 101);
        Assert.HasCount(1, _scene.Outlet.Supplies);
        _scene.Run(60_000);
        Assert.HasCount(1, _scene.Outlet.Ends, "for a minute");
        Assert.IsEmpty(_scene.Recordings.Flows);
    }

    [TestMethod]
    public void A_replica_that_missed_the_end_is_told_how_far_its_client_was()
    {
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Record(flow, 0, 100, fin: true);
        _scene.Close(flow);
        _scene.Run(100);
        Assert.AreEqual(RecorderScene.Sequence(101), _scene.Outlet.Positions.First().Entry.ClientNext);
    }

    [TestMethod]
    public void A_replica_that_was_served_late_has_the_time_to_end_as_well()
    {
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Record(flow, 0, 100, fin: true);
        _scene.Close(flow);
        _scene.Run(15_000);
        _scene.Report(flow, 1, 101);
        _scene.Run(2_900);
        Assert.IsEmpty(_scene.Outlet.Ends);
        _scene.Run(200);
        Assert.HasCount(1, _scene.Outlet.Ends);
    }

    [TestMethod]
    public void A_replica_that_was_given_up_is_told_the_end()
    {
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Recordings.GiveUp(flow, 1);
        _scene.Close(flow);
        _scene.Run(4000);
        Assert.HasCount(1, _scene.Outlet.Ends);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Nobody_keeps_a_closed_connection_for_a_replica_that_cannot_follow(bool diverged)
    {
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Record(flow, 0, 100, fin: true);
        _scene.Report(flow, 1, 0, diverged ? ProgressFlags.Confirmed | ProgressFlags.Diverged : ProgressFlags.Over);
        _scene.Close(flow);
        _scene.Run(10_100);
        Assert.IsEmpty(_scene.Recordings.Flows);
    }

    [TestMethod]
    public void An_end_that_could_not_be_sent_is_told_again()
    {
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Close(flow);
        _scene.Outlet.IsFull = true;
        _scene.Run(3100);
        _scene.Outlet.IsFull = false;
        _scene.Run(100);
        Assert.HasCount(1, _scene.Outlet.Ends);
    }

    [TestMethod]
    public void Many_ends_do_not_mix()
    {
        var (one, other) = (_scene.Open(Ends.V4), _scene.Open(Ends.V6));
        _scene.Report(one, 1, 0);
        _scene.Report(other, 1, 0);
        _scene.Close(one);
        _scene.Run(2000);
        _scene.Close(other);
        _scene.Run(1500);
        CollectionAssert.AreEqual(new[] { one.Key }, _scene.Outlet.Ends.Select(e => e.Entry.Flow).ToArray());
        _scene.Run(2000);
        CollectionAssert.AreEqual(new[] { one.Key, other.Key }, _scene.Outlet.Ends.Select(e => e.Entry.Flow).ToArray());
    }

    [TestMethod]
    public void A_replica_that_stays_behind_is_told_how_far_its_client_is()
    {
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Record(flow, 0, 100);
        _scene.Desk.Review(_scene.Now);
        Assert.IsEmpty(_scene.Outlet.Positions, "it may be on its way");
        _scene.Pass(21);
        _scene.Desk.Review(_scene.Now);
        _scene.Desk.Review(_scene.Now);
        Assert.AreEqual(RecorderScene.Sequence(100), _scene.Outlet.Positions.Single().Entry.ClientNext);
        _scene.Report(flow, 1, 100);
        _scene.Pass(1000);
        _scene.Desk.Review(_scene.Now);
        Assert.HasCount(1, _scene.Outlet.Positions);
    }

    [TestMethod]
    public void One_that_stays_behind_for_long_is_told_ever_more_rarely()
    {
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Record(flow, 0, 100);
        _scene.Run(60_000);
        Assert.IsLessThan(60, _scene.Outlet.Positions.Count);
        var told = _scene.Outlet.Positions.Count;
        _scene.Report(flow, 1, 50);
        _scene.Run(300);
        Assert.IsGreaterThan(told + 1, _scene.Outlet.Positions.Count, "with progress it begins anew");
    }

    [TestMethod]
    public void A_replica_that_lacks_nothing_or_is_lost_is_told_nothing()
    {
        var (whole, lost, diverged) = (_scene.Open(Ends.V4), _scene.Open(Ends.V6), _scene.Open(Ends.V4.At(9)));
        _scene.Report(whole, 1, 0);
        _scene.Report(diverged, 1, 0, ProgressFlags.Confirmed | ProgressFlags.Diverged);
        _scene.Record(lost, 0, 10);
        _scene.Record(diverged, 0, 10);
        _scene.Recordings.GiveUp(lost, 1);
        _scene.Pass(1000);
        _scene.Desk.Review(_scene.Now);
        Assert.IsEmpty(_scene.Outlet.Positions);
    }

    [TestMethod]
    public void A_node_that_left_is_told_nothing()
    {
        var scene = new RecorderScene(Appliance.Recording.RecordPolicy.Full);
        var flow = scene.Open();
        scene.Report(flow, 1, 0);
        scene.Assign(active: 0);
        scene.Record(flow, 0, 10);
        scene.Pass(1000);
        scene.Desk.Review(scene.Now);
        Assert.IsEmpty(scene.Outlet.Positions);
    }

    [TestMethod]
    public void A_replica_whose_connection_ended_while_its_node_was_away_is_told_the_end()
    {
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Assign(active: 0);
        _scene.Close(flow);
        _scene.Run(50);
        Assert.IsEmpty(_scene.Recordings.Flows);
        _scene.Assign(active: 0, replicas: 1);
        _scene.Report(flow, 1, 0);
        _scene.Run(3000);
        Assert.IsEmpty(_scene.Outlet.Ends);
        _scene.Outlet.IsFull = true;
        _scene.Run(500);
        _scene.Outlet.IsFull = false;
        _scene.Run(500);
        CollectionAssert.AreEqual(new[] { (1, new EndEntry(flow.Key, flow.ClientIsn)) }, _scene.Outlet.Ends);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_replica_that_is_known_to_the_recorder_late_or_has_ended_itself_is_told_nothing(bool ends)
    {
        var key = Ends.V4.Key;
        var flags = ends ? ProgressFlags.Over : ProgressFlags.Confirmed;
        _scene.Desk.OnProgress(1, new ProgressEntry(key, RecorderScene.ClientIsn, 0, 0, 0, flags), _scene.Now);
        _scene.Run(100);
        if (!ends)
        {
            _scene.Open();
        }
        _scene.Run(10_000);
        Assert.IsEmpty(_scene.Outlet.Ends);
    }

    [TestMethod]
    public void Reports_about_unknown_flows_change_nothing()
    {
        var flow = _scene.Open();
        _scene.Desk.OnProgress(1, new ProgressEntry(flow.Key, 9, 0, 0, 0, ProgressFlags.Confirmed), _scene.Now);
        _scene.Desk.OnProgress(1, new ProgressEntry(Ends.V6.Key, flow.ClientIsn, 0, 0, 0, ProgressFlags.Over), _scene.Now);
        _scene.Desk.OnLost(1, new LostEntry(flow.Key, 9));
        Assert.AreEqual((false, false), (flow.Shares[1].IsKnown, flow.Shares[1].IsLost));
    }
}
