using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Gateway.Recording;
using Appliance.Recording;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>A replica is gone and is made anew: when, and what the programs are told of it meanwhile.</summary>
[TestClass]
public sealed class RepairDeskMakingTests
{
    private readonly RecorderScene _scene = new(RecordPolicy.Full);

    [TestMethod]
    public void A_new_connection_whose_replica_comes_by_itself_is_none_that_is_being_made()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Run(50);
        _scene.Report(flow, 1, 0);
        _scene.Run(500);
        Assert.IsEmpty(_scene.Making);
    }

    [TestMethod]
    public void From_its_loss_to_its_return_the_programs_know()
    {
        var flow = Protected();
        _scene.Lose(flow, 1);
        _scene.Run(10);
        Assert.AreEqual(0b10u, Told(flow));
        _scene.Report(flow, 1, 0);
        _scene.Run(10);
        Assert.AreEqual(0u, Told(flow));
    }

    [TestMethod]
    public void What_nobody_accepts_is_not_being_made_for_ever()
    {
        var flow = Protected();
        _scene.Lose(flow, 1);
        _scene.Run(8000);
        Assert.AreEqual((0u, FlowState.Unprotected), (Told(flow), _scene.StateOf(flow)));
    }

    [TestMethod]
    public void Without_a_server_nothing_is_made_until_one_listens_again()
    {
        var flow = Protected();
        _scene.Recordings.NoteEnded(1, ServerCondition.BitOf(flow.Key.ServicePort), _scene.Now);
        _scene.Lose(flow, 1);
        _scene.Run(1900);
        Assert.AreEqual((0b10u, FlowState.Repairing), (Told(flow), _scene.StateOf(flow)), "it may be started again at any moment");
        _scene.Run(110);
        Assert.AreEqual((0u, FlowState.Unprotected), (Told(flow), _scene.StateOf(flow)));
        Assert.IsEmpty(_scene.Outlet.Offers);

        Assert.IsTrue(_scene.Recordings.NoteEnded(1, 0, _scene.Now));
        _scene.Desk.Reconsider();
        _scene.Run(10);
        Assert.HasCount(1, _scene.Outlet.Offers);
        Assert.AreEqual((0b10u, FlowState.Repairing), (Told(flow), _scene.StateOf(flow)));
    }

    [TestMethod]
    public void Another_ports_server_matters_to_nobody()
    {
        var flow = Protected();
        _scene.Recordings.NoteEnded(1, ServerCondition.BitOf(flow.Key.ServicePort + 1), _scene.Now);
        _scene.Lose(flow, 1);
        _scene.Run(10);
        Assert.HasCount(1, _scene.Outlet.Offers);
    }

    [TestMethod]
    public void A_node_that_takes_over_meanwhile_gets_it_all_the_same()
    {
        var flow = Protected();
        _scene.Lose(flow, 1);
        _scene.Assign(active: 1);
        _scene.Settle(1);
        _scene.Run(10);
        Assert.HasCount(1, _scene.Outlet.Offers, "as a replica it said that it has none: this is not its original");
        Assert.AreEqual(0b10u, Told(flow));
    }

    [TestMethod]
    [DataRow(true, DisplayName = "the gateway knew the replica")]
    [DataRow(false, DisplayName = "the node had not come to report it")]
    public void What_the_new_active_node_has_ended_is_never_made_there_whichever_word_comes_first(bool isReported)
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Record(flow, 0, 100);
        if (isReported)
        {
            _scene.Report(flow, 1, 100, ProgressFlags.Confirmed | ProgressFlags.Differs);
        }
        _scene.Pass(200);
        _scene.Desk.Tick(_scene.Now);
        _scene.Report(flow, 1, 100, ProgressFlags.Over | ProgressFlags.Ended);
        Assert.AreEqual(0u, _scene.Making.GetValueOrDefault(flow.Key).Nodes, "its reset passes from now on");
        _scene.Assign(active: 1);
        _scene.Desk.Reconsider();
        _scene.Run(5000);
        Assert.IsEmpty(_scene.Outlet.Offers);
        Assert.AreEqual(0u, _scene.Making.GetValueOrDefault(flow.Key).Nodes);
    }

    [TestMethod]
    public void The_end_of_the_connection_ends_it()
    {
        var flow = Protected();
        _scene.Lose(flow, 1);
        _scene.Run(10);
        _scene.Close(flow);
        _scene.Run(10);
        Assert.AreEqual(0u, Told(flow));
    }

    private RecordedFlow Protected()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Record(flow, 0, 100);
        _scene.Report(flow, 1, 100);
        _scene.Run(200);
        return flow;
    }

    private uint Told(RecordedFlow flow) => _scene.Making[flow.Key].Nodes;
}
