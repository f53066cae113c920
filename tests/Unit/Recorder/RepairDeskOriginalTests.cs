using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording;
using Appliance.Recording;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>Connections of a node that gave the service away and goes on as a replica: its own sockets are to become replicas.</summary>
[TestClass]
public sealed class RepairDeskOriginalTests
{
    private readonly RecorderScene _scene = new(RecordPolicy.Full);

    [TestMethod]
    public void A_node_that_gave_the_service_away_is_offered_its_own_connections()
    {
        var flow = Moved();
        _scene.Run(6);
        var (node, offer) = _scene.Outlet.Offers.Single();
        Assert.AreEqual((0, flow.Key), (node, offer.Flow));
        Assert.IsTrue(offer.Flags.HasFlag(HandshakeFlags.Original));
        _scene.Report(flow, 0, 0);
        _scene.Run(1000);
        Assert.HasCount(1, _scene.Outlet.Offers);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow));
    }

    [TestMethod]
    public void It_is_offered_nothing_before_it_knows_that_it_does_not_hold_the_service()
    {
        Moved();
        _scene.Outlet.Epochs[0] = _scene.Recordings.Assignment.Epoch - 1;
        _scene.Run(1000);
        Assert.IsEmpty(_scene.Outlet.Offers);
        _scene.Outlet.Epochs[0]++;
        _scene.Run(5);
        Assert.HasCount(1, _scene.Outlet.Offers);
    }

    [TestMethod]
    public void A_move_that_does_not_take_place_leaves_the_originals_where_they_are()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        _scene.Recordings.PrepareToMove();
        Assert.AreEqual(-1, flow.Origin);
        _scene.Assign(active: 0, replicas: 1);
        Assert.AreEqual(0, flow.Origin);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow));
    }

    [TestMethod]
    [DataRow(false, DisplayName = "at once")]
    [DataRow(true, DisplayName = "later, after its agent has connected anew")]
    public void A_node_whose_socket_is_gone_is_given_the_connection_anew(bool later)
    {
        var flow = Moved();
        _scene.Record(flow, 0, 100);
        if (later)
        {
            _scene.Run(6);
            _scene.Report(flow, 0, 100);
            _scene.Recordings.Unlearn(0);
            _scene.Desk.Reconsider();
            _scene.Outlet.Offers.Clear();
        }
        _scene.Run(6);
        Assert.IsTrue(_scene.Outlet.Offers.Single().Entry.Flags.HasFlag(HandshakeFlags.Original), "its server may have outlived its agent");
        _scene.Lose(flow, 0);
        _scene.Run(110);
        var (node, offer) = _scene.Outlet.Offers[^1];
        Assert.AreEqual((0, flow.Handshake.Flags), (node, offer.Flags));
        Assert.AreEqual(FlowState.Repairing, _scene.StateOf(flow));
        Assert.AreEqual(0L, flow.Window.Start);
    }

    [TestMethod]
    public void Without_the_whole_stream_a_socket_that_is_gone_cannot_be_replaced()
    {
        var scene = new RecorderScene();
        var flow = Moved(scene);
        scene.Record(flow, 0, 100);
        scene.Run(6);
        scene.Report(flow, 0, 100);
        scene.Confirm(flow, 1, 100);
        scene.Lose(flow, 0);
        scene.Run(1000);
        Assert.HasCount(1, scene.Outlet.Offers);
        Assert.AreEqual(FlowState.Unprotected, scene.StateOf(flow));
    }

    [TestMethod]
    public void A_node_that_never_answers_is_not_asked_for_ever()
    {
        var flow = Moved();
        _scene.Run(60_000);
        Assert.HasCount(Recordings.MostOffers + 1, _scene.Outlet.Offers);
        Assert.AreEqual(FlowState.Unprotected, _scene.StateOf(flow));
    }

    private RecordedFlow Moved() => Moved(_scene);

    /// <summary>Node 0 accepted the connection, node 1 has its replica, and holds the service now.</summary>
    private static RecordedFlow Moved(RecorderScene scene)
    {
        var flow = scene.Open();
        scene.Confirm(flow, 1, 0);
        scene.Recordings.PrepareToMove();
        scene.Assign(active: 1, replicas: 0);
        scene.Desk.Reconsider();
        scene.Outlet.Epochs[0] = scene.Recordings.Assignment.Epoch;
        scene.Settle(0);
        return flow;
    }
}
