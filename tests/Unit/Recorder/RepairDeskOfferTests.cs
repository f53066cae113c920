using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording;
using Appliance.Recording;
using Appliance.RepairChannel;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>Connections that a node should have and did not report.</summary>
[TestClass]
public sealed class RepairDeskOfferTests
{
    private readonly RecorderScene _scene = new();

    [TestMethod]
    public void A_flow_that_the_node_did_not_see_is_offered()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Change(flow, f => f with { ClientNext = RecorderScene.Sequence(9), ClientAck = 5007, ServerNext = 5008, ServerAck = RecorderScene.Sequence(4) });
        _scene.Run(6);
        var (node, offer) = _scene.Outlet.Offers.Single();
        Assert.AreEqual(1, node);
        Assert.AreEqual((flow.Key, RecorderScene.ClientIsn, RecorderScene.ServerIsn, 77u), (offer.Flow, offer.ClientIsn, offer.ServerIsn, offer.SynackTsval));
        Assert.AreEqual(((ushort)1460, (byte)7, (byte)9, flow.Handshake.Flags), (offer.ClientMss, offer.ClientWscale, offer.ServerWscale, offer.Flags));
        Assert.AreEqual(
            (RecorderScene.Sequence(9), 5007u, 5008u, RecorderScene.Sequence(4)), (offer.ClientNext, offer.ClientAck, offer.ServerNext, offer.ServerAck));
        Assert.AreEqual(_scene.Now - flow.Handshake.SynackNs, offer.SynackAgeNs);
    }

    [TestMethod]
    public void Nothing_is_offered_before_the_node_had_the_time_to_report_it()
    {
        _scene.Settle(1);
        _scene.Open();
        _scene.Pass(1000);
        _scene.Desk.Tick(_scene.Now);
        Assert.IsEmpty(_scene.Outlet.Offers, "its last look is older than the flow");
        _scene.Pass(5);
        _scene.Outlet.Scanned[1] = _scene.Now;
        _scene.Desk.Tick(_scene.Now);
        Assert.HasCount(1, _scene.Outlet.Offers);
    }

    [TestMethod]
    public void Nothing_is_offered_to_a_node_that_has_not_reported_everything_yet()
    {
        _scene.Open();
        _scene.Run(1000);
        Assert.IsEmpty(_scene.Outlet.Offers);
        _scene.Settle(1);
        _scene.Run(5);
        Assert.HasCount(1, _scene.Outlet.Offers);
    }

    [TestMethod]
    public void What_the_node_reports_is_not_offered()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Run(5000);
        Assert.IsEmpty(_scene.Outlet.Offers);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow));
    }

    [TestMethod]
    public void A_replica_whose_socket_has_not_appeared_is_none_yet()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0, ProgressFlags.None);
        Assert.AreEqual(FlowState.Repairing, _scene.StateOf(flow));
        _scene.Run(6);
        Assert.HasCount(1, _scene.Outlet.Offers);
    }

    [TestMethod]
    public void Nothing_is_offered_to_who_should_not_have_it()
    {
        var scene = new RecorderScene(nodes: 3);
        scene.Assign(active: 0, replicas: 2);
        scene.Settle(0);
        scene.Settle(1);
        scene.Settle(2);
        scene.Open(origin: 0);
        scene.Run(6);
        Assert.AreEqual(2, scene.Outlet.Offers.Single().Node);
    }

    [TestMethod]
    public void Offers_become_rarer()
    {
        var scene = new RecorderScene(RecordPolicy.Full);
        scene.Settle(1);
        scene.Open();
        var at = new List<double>();
        for (var ms = 0; ms < 12_000; ms++)
        {
            var before = scene.Outlet.Offers.Count;
            scene.Run(1);
            if (scene.Outlet.Offers.Count > before)
            {
                at.Add(ms);
            }
        }
        double[] pauses = [.. at.Zip(at.Skip(1), (a, b) => b - a)];
        double[] expected = [105, 205, 405, 805, 1605, 2005, 2005, 2005, 2005];
        CollectionAssert.AreEqual(expected, pauses);
        Assert.AreEqual(FlowState.Unprotected, scene.StateOf(scene.Recordings.Flows.Single()), "offers go on, but nobody should count on them");
    }

    [TestMethod]
    public void Without_an_answer_the_node_is_given_up()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Record(flow, 0, 100);
        _scene.Run(3000);
        Assert.AreEqual((FlowState.Repairing, 100L), (_scene.StateOf(flow), flow.Window.Bytes));
        _scene.Run(6900);
        Assert.AreEqual((FlowState.Unprotected, 100L), (_scene.StateOf(flow), flow.Window.Bytes));
        _scene.Run(200);
        Assert.AreEqual((FlowState.Unprotected, 0L), (_scene.StateOf(flow), flow.Window.Bytes));
        var offers = _scene.Outlet.Offers.Count;
        _scene.Run(10_000);
        Assert.AreEqual(offers, _scene.Outlet.Offers.Count);
    }

    [TestMethod]
    public void Offers_that_could_not_be_sent_do_not_count()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Outlet.IsFull = true;
        _scene.Run(11_000);
        Assert.AreEqual((0L, FlowState.Repairing), (_scene.Desk.Offers, _scene.StateOf(flow)));
        _scene.Outlet.IsFull = false;
        _scene.Run(5);
        Assert.HasCount(1, _scene.Outlet.Offers);
    }

    [TestMethod]
    public void A_flow_whose_beginning_is_not_held_is_not_offered()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        _scene.Record(flow, 0, 100);
        _scene.Confirm(flow, 1, 50);
        _scene.Recordings.Unlearn(1);
        _scene.Desk.Reconsider();
        _scene.Run(6);
        Assert.IsEmpty(_scene.Outlet.Offers);
        Assert.AreEqual(FlowState.Unprotected, _scene.StateOf(flow));
    }

    [TestMethod]
    public void A_node_that_has_connected_anew_is_asked_for_everything()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Run(10);
        _scene.Recordings.Unlearn(1);
        _scene.Desk.Reconsider();
        Assert.AreEqual(FlowState.Repairing, _scene.StateOf(flow));
        _scene.Run(5);
        Assert.HasCount(1, _scene.Outlet.Offers);
    }

    [TestMethod]
    public void A_replica_that_was_lost_is_made_again()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Run(10);
        _scene.Lose(flow, 1);
        _scene.Run(5);
        Assert.HasCount(1, _scene.Outlet.Offers);
    }

    [TestMethod]
    public void A_replica_that_has_ended_is_not_made_again()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        _scene.Report(flow, 1, 0);
        _scene.Run(10);
        _scene.Report(flow, 1, 0, ProgressFlags.Over);
        _scene.Run(1000);
        Assert.IsEmpty(_scene.Outlet.Offers);
        Assert.AreEqual(FlowState.Unprotected, _scene.StateOf(flow));
    }

    [TestMethod]
    public void What_is_over_or_another_connection_is_not_offered()
    {
        _scene.Settle(1);
        var over = _scene.Open(Ends.V4);
        _scene.Change(over, f => f with { Flags = FlowFlags.ServerRst });
        var replaced = _scene.Open(Ends.V6);
        _scene.Change(replaced, f => f with { Handshake = RecorderScene.Handshake(isn: 7) });
        _scene.Run(1000);
        Assert.IsEmpty(_scene.Outlet.Offers);
    }

    [TestMethod]
    public void Who_joins_late_is_offered_every_flow_a_few_at_a_time()
    {
        var scene = new RecorderScene(RecordPolicy.Full, poolBytes: 16 << 20);
        scene.Assign(active: 0);
        for (var port = 1; port <= 1000; port++)
        {
            scene.Record(scene.Open(Ends.V4.At(port)), 0, 10);
        }
        scene.Settle(1);
        scene.Pass(100);
        scene.Assign(active: 0, replicas: 1);
        scene.Desk.Reconsider();
        for (var i = 0; i < 16; i++)
        {
            Assert.AreEqual(64 * i, scene.Outlet.Offers.Count);
            scene.Run(5);
        }
        Assert.HasCount(1000, scene.Outlet.Offers);
        Assert.HasCount(1000, scene.Outlet.Offers.Select(o => o.Entry.Flow).Distinct().ToList());
    }

    [TestMethod]
    public void The_active_node_is_not_offered_what_it_had_before()
    {
        var scene = new RecorderScene(RecordPolicy.Full);
        var flow = scene.Open();
        scene.Confirm(flow, 1, 0);
        scene.Assign(active: 1);
        scene.Recordings.Unlearn(1); // its agent was started anew
        scene.Desk.Reconsider();
        scene.Settle(1);
        scene.Run(5000);
        Assert.IsEmpty(scene.Outlet.Offers);
        Assert.AreEqual(1, flow.Origin, "what it has is the original");
    }

    [TestMethod]
    public void A_node_that_took_over_before_it_had_a_replica_is_offered_it()
    {
        var scene = new RecorderScene(RecordPolicy.Full);
        var flow = scene.Open();
        scene.Record(flow, 0, 100);
        scene.Assign(active: 1);
        scene.Desk.Reconsider();
        scene.Settle(1);
        scene.Run(10);
        Assert.AreEqual(1, scene.Outlet.Offers.Single().Node);
        Assert.AreEqual(100L, flow.Window.Bytes);
    }

    [TestMethod]
    public void A_flow_that_is_reconsidered_often_is_offered_once()
    {
        _scene.Settle(1);
        var flow = _scene.Open();
        for (var i = 0; i < 10; i++)
        {
            _scene.Desk.Reconsider();
            _scene.Lose(flow, 1);
            _scene.Desk.Opened(flow);
        }
        _scene.Run(40);
        Assert.HasCount(1, _scene.Outlet.Offers);
    }

    [TestMethod]
    public void A_replica_that_is_lost_again_and_again_is_offered_ever_more_rarely()
    {
        var scene = new RecorderScene(RecordPolicy.Full);
        scene.Settle(1);
        var flow = scene.Open();
        for (var i = 0; i < 10_000; i += 10)
        {
            scene.Run(10);
            scene.Lose(flow, 1);
        }
        Assert.IsLessThan(12, scene.Outlet.Offers.Count);
    }

    [TestMethod]
    public void A_flow_that_is_replaced_while_it_is_offered_is_forgotten()
    {
        _scene.Settle(1);
        _scene.Open(isn: 3);
        var flow = _scene.Open(isn: 4);
        _scene.Run(5000);
        Assert.IsTrue(_scene.Outlet.Offers.TrueForAll(o => o.Entry.ClientIsn == flow.ClientIsn));
    }
}
