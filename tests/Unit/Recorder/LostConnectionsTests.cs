using Appliance.Gateway.Recording;
using Appliance.Recording;
using Appliance.RepairChannel;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>Whose clients are to hear at once that the service has moved to a node which cannot carry them on.</summary>
[TestClass]
public sealed class LostConnectionsTests
{
    private readonly RecorderScene _scene = new();

    [TestMethod]
    [DataRow(ProgressFlags.Confirmed, false)]
    [DataRow(ProgressFlags.Confirmed | ProgressFlags.Differs, true)]
    [DataRow(ProgressFlags.Confirmed | ProgressFlags.Diverged, true)]
    [DataRow(ProgressFlags.Over, true)]
    public void Those_whose_replica_is_not_to_be_heard(ProgressFlags said, bool isLost)
    {
        var flow = _scene.Open();
        _scene.Record(flow, 0, 100);
        _scene.Confirm(flow, 1, 100);
        _scene.Report(flow, 1, 100, said);
        Move();
        Assert.AreEqual(isLost, IsLost(flow));
    }

    [TestMethod]
    public void Those_that_the_node_ended_before_it_was_known_to_hold_the_service_though_an_earlier_process_knew_them()
    {
        var flow = _scene.Adopt(100, 100);
        _scene.Report(flow, 1, 100);
        _scene.Report(flow, 1, 100, ProgressFlags.Over | ProgressFlags.Ended);
        Move();
        Assert.IsTrue(IsLost(flow));
    }

    [TestMethod]
    public void Those_of_which_there_is_no_replica_and_none_is_being_made()
    {
        var flow = _scene.Open();
        Move();
        Assert.IsFalse(IsLost(flow), "it is so new that its replica is about to be told of");
        _scene.Recordings.GiveUp(flow, 1);
        Assert.IsTrue(IsLost(flow));
    }

    [TestMethod]
    public void Not_those_that_are_over()
    {
        var flow = _scene.Open();
        _scene.Recordings.GiveUp(flow, 1);
        _scene.Close(flow);
        Move();
        Assert.IsFalse(IsLost(flow));
    }

    [TestMethod]
    public void Not_those_of_the_node_itself()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        _scene.Report(flow, 1, 0, ProgressFlags.Confirmed | ProgressFlags.Differs);
        Assert.IsFalse(IsLost(flow), "the service has not moved");

        _scene.Recordings.PrepareToMove();
        Move();
        Move(active: 0);
        Assert.IsFalse(IsLost(flow), "it was to become a replica, and the service is back");
    }

    [TestMethod]
    public void Not_those_of_which_an_earlier_process_knew_no_more_than_that_they_are_open()
    {
        var flow = _scene.Adopt(100, 100);
        Assert.IsFalse(IsLost(flow), "what the active node does not call a replica is its own");
    }

    [TestMethod]
    public void One_that_its_node_has_ended_is_asked_about_until_it_has_ended_but_not_for_ever()
    {
        var flow = _scene.Open();
        var other = _scene.Open(Ends.V6);
        var asked = new List<uint>();
        var lost = new LostConnections(_scene.Recordings, (in _, clientIsn) => asked.Add(clientIsn));
        lost.End(flow, _scene.Now);
        Assert.HasCount(1, asked);
        for (var i = 0; i < 200; i++)
        {
            _scene.Pass(50);
            lost.Review(_scene.Now);
        }
        Assert.HasCount(10, asked);

        asked.Clear();
        lost.End(other, _scene.Now);
        _scene.Close(other);
        _scene.Pass(1000);
        lost.Review(_scene.Now);
        Assert.HasCount(1, asked);
    }

    [TestMethod]
    public void What_one_node_has_ended_is_not_asked_about_at_the_next()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 0, 0);
        var asked = 0;
        var lost = new LostConnections(_scene.Recordings, (in _, _) => asked++);
        lost.End(flow, _scene.Now);
        lost.End(_scene.Now);
        _scene.Pass(1000);
        lost.Review(_scene.Now);
        Assert.AreEqual(1, asked);
    }

    private void Move(int active = 1) => _scene.Assign(active, replicas: 1 - active);

    private bool IsLost(RecordedFlow flow)
    {
        var lost = 0;
        new LostConnections(_scene.Recordings, (in key, clientIsn) => lost += key.Equals(flow.Key) && clientIsn == flow.ClientIsn ? 1 : 0).End(_scene.Now);
        return lost == 1;
    }
}
