using Appliance.Gateway.Recording;
using Appliance.Recording;
using Appliance.RepairChannel;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>What a node gets that asks for bytes or for a client's position.</summary>
[TestClass]
public sealed class RepairDeskNeedTests
{
    private readonly RecorderScene _scene = new();

    [TestMethod]
    public void A_request_is_answered_with_the_bytes_and_the_mark_they_came_with()
    {
        var flow = OpenWith(100, ack: 5001);
        _scene.Need(flow, 1, from: 10, bytes: 50);
        var answer = Only(_scene.Outlet.Supplies);
        Assert.AreEqual(
            (1, new BytesHeader(flow.Key, flow.ClientIsn, RecorderScene.Sequence(10), 5001, BytesFlags.Last)), (answer.Node, answer.Header));
        CollectionAssert.AreEqual(RecorderScene.Bytes(10, 50), answer.Payload);
        Assert.AreEqual((1L, 50L, 0L), (_scene.Desk.Requests, _scene.Desk.RepairedBytes, _scene.Desk.Refused));
    }

    [TestMethod]
    public void Each_mark_is_a_piece_of_its_own_and_the_last_one_says_so()
    {
        var flow = OpenWith(100, ack: 5001);
        _scene.Record(flow, 100, 100, ack: 5002);
        _scene.Record(flow, 200, 100, ack: 5003);
        _scene.Need(flow, 1, from: 50, bytes: 200);
        CollectionAssert.AreEqual(
            new[] { (50L, 50, 5001u, false), (100L, 100, 5002u, false), (200L, 50, 5003u, true) }, Pieces(flow));
    }

    [TestMethod]
    public void A_large_request_comes_in_pieces()
    {
        var flow = OpenWith(100_000);
        _scene.Need(flow, 1, from: 0, bytes: 90_000);
        Assert.IsTrue(_scene.Outlet.Supplies.All(s => s.Payload.Length <= 32 << 10));
        Assert.AreEqual(1, _scene.Outlet.Supplies.Count(s => s.IsLast));
        CollectionAssert.AreEqual(RecorderScene.Bytes(0, 90_000), Together());
    }

    [TestMethod]
    public void What_is_not_recorded_yet_is_answered_with_what_is()
    {
        var flow = OpenWith(100);
        _scene.Need(flow, 1, from: 40, bytes: 1000);
        CollectionAssert.AreEqual(RecorderScene.Bytes(40, 60), Together());
        Assert.IsTrue(_scene.Outlet.Supplies[^1].IsLast);
    }

    [TestMethod]
    public void A_hole_ends_an_answer()
    {
        var flow = OpenWith(100);
        _scene.Record(flow, 150, 50);
        _scene.Need(flow, 1, from: 0, bytes: 1000);
        CollectionAssert.AreEqual(RecorderScene.Bytes(0, 100), Together());
        Assert.IsTrue(_scene.Outlet.Supplies[^1].IsLast);
    }

    [TestMethod]
    public void Nothing_there_is_an_empty_answer()
    {
        var flow = OpenWith(0);
        _scene.Need(flow, 1, from: 0, bytes: 10);
        var answer = Only(_scene.Outlet.Supplies);
        Assert.AreEqual((0, true, false), (answer.Payload.Length, answer.IsLast, answer.HasFin));
    }

    [TestMethod]
    public void What_the_server_has_and_nobody_holds_is_gone()
    {
        var flow = OpenWith(100);
        _scene.Record(flow, 150, 50);
        _scene.Change(flow, f => f with { ServerAck = RecorderScene.Sequence(200) });
        _scene.Need(flow, 1, from: 100, bytes: 100);
        Assert.AreEqual((1, flow.ClientIsn), (Only(_scene.Outlet.Refusals).Node, _scene.Outlet.Refusals[0].Entry.ClientIsn));
        Assert.AreEqual(FlowState.Unprotected, _scene.StateOf(flow));
    }

    [TestMethod]
    [DataRow(100, DisplayName = "the client will send it again")]
    [DataRow(0)]
    public void A_hole_that_the_server_has_as_well_is_waited_for(int acknowledged)
    {
        var flow = OpenWith(100);
        _scene.Record(flow, 150, 50);
        _scene.Change(flow, f => f with { ServerAck = RecorderScene.Sequence(acknowledged) });
        _scene.Need(flow, 1, from: 100, bytes: 100);
        Assert.IsEmpty(_scene.Outlet.Refusals);
        Assert.AreEqual((0, true), (Only(_scene.Outlet.Supplies).Payload.Length, _scene.Outlet.Supplies[0].IsLast));
    }

    [TestMethod]
    public void Nothing_is_gone_before_the_store_has_been_read()
    {
        var flow = _scene.Adopt(sent: 1000, bytes: 1000);
        _scene.Need(flow, 1, from: 500, bytes: 100);
        Assert.IsEmpty(_scene.Outlet.Refusals);
        _scene.Recordings.Settle(flow, saved: null);
        _scene.Need(flow, 1, from: 500, bytes: 100);
        Assert.HasCount(1, _scene.Outlet.Refusals);
    }

    /// <summary>The ring is read for a node's sake only when it may have what the windows lack.</summary>
    [TestMethod]
    [DataRow(0L, 10u, true, DisplayName = "the window has it")]
    [DataRow(99L, 10u, true, DisplayName = "its first byte")]
    [DataRow(100L, 10u, false, DisplayName = "the client has sent it: it is in the ring, or lost")]
    [DataRow(150L, 10u, true, DisplayName = "the client has not sent it")]
    [DataRow(100L, 0u, true, DisplayName = "a position is no byte")]
    public void What_a_node_asks_for_is_ready(long from, uint bytes, bool expected)
    {
        var flow = OpenWith(100);
        _scene.Change(flow, f => f with { ClientNext = RecorderScene.Sequence(150) });
        Assert.AreEqual(expected, _scene.Desk.HasReady(new NeedEntry(flow.Key, flow.ClientIsn, RecorderScene.Sequence(from), bytes)));
        Assert.IsTrue(_scene.Desk.HasReady(new NeedEntry(flow.Key, 9, RecorderScene.Sequence(from), bytes)), "nobody knows it");
    }

    [TestMethod]
    [DataRow(100u, true, DisplayName = "the bytes without it")]
    [DataRow(101u, true, DisplayName = "with it")]
    [DataRow(5000u, true, DisplayName = "more than there is")]
    [DataRow(99u, false, DisplayName = "all bytes but one")]
    public void A_fin_comes_with_the_last_byte_before_it(uint bytes, bool hasFin)
    {
        var flow = _scene.Open();
        _scene.Record(flow, 0, 100, fin: true);
        _scene.Need(flow, 1, from: 0, bytes);
        var answer = Only(_scene.Outlet.Supplies);
        Assert.AreEqual((hasFin, true, (int)Math.Min(bytes, 100)), (answer.HasFin, answer.IsLast, answer.Payload.Length));
    }

    [TestMethod]
    public void A_fin_alone_is_a_piece_without_bytes()
    {
        var flow = _scene.Open();
        _scene.Record(flow, 0, 100, ack: 5001);
        _scene.Record(flow, 100, 0, fin: true, ack: 5009);
        _scene.Need(flow, 1, from: 0, bytes: 101);
        Assert.HasCount(2, _scene.Outlet.Supplies);
        _scene.Outlet.Supplies.Clear();
        _scene.Need(flow, 1, from: 100, bytes: 1);
        var answer = Only(_scene.Outlet.Supplies);
        Assert.AreEqual((0, 5009u, RecorderScene.Sequence(100)), (answer.Payload.Length, answer.Header.Ack, answer.Header.Sequence));
        Assert.AreEqual(BytesFlags.Fin | BytesFlags.Last, answer.Header.Flags);
    }

    [TestMethod]
    public void What_was_released_is_refused_and_the_node_given_up()
    {
        var flow = OpenWith(100);
        _scene.Confirm(flow, 1, 60);
        _scene.Need(flow, 1, from: 59, bytes: 10);
        Assert.AreEqual((1, new GoneEntry(flow.Key, flow.ClientIsn, RecorderScene.Sequence(60))), Only(_scene.Outlet.Refusals), "from here on it was held");
        Assert.IsEmpty(_scene.Outlet.Supplies);
        Assert.AreEqual(1L, _scene.Desk.Refused);
        Assert.AreEqual(FlowState.Unprotected, _scene.StateOf(flow));
        Assert.AreEqual(0L, flow.Window.Bytes, "nobody is waited for");
    }

    [TestMethod]
    public void A_flow_that_is_not_known_is_over()
    {
        var flow = OpenWith(100);
        _scene.Desk.OnNeed(1, new NeedEntry(flow.Key, flow.ClientIsn + 1, 0, 10), _scene.Now);
        _scene.Desk.OnNeed(1, new NeedEntry(Ends.V6.Key, 9, 0, 10), _scene.Now);
        CollectionAssert.AreEqual(
            new[] { (1, new EndEntry(flow.Key, flow.ClientIsn + 1)), (1, new EndEntry(Ends.V6.Key, 9)) }, _scene.Outlet.Ends);
    }

    [TestMethod]
    public void A_flow_whose_beginning_was_not_read_yet_is_not_over()
    {
        var flow = _scene.Open();
        _scene.Recordings.Remove(flow);
        _scene.Need(flow, 1, from: 0, bytes: 10);
        Assert.IsEmpty(_scene.Outlet.Ends);
        _scene.Vanish(flow);
        _scene.Need(flow, 1, from: 0, bytes: 10);
        Assert.HasCount(1, _scene.Outlet.Ends);
    }

    [TestMethod]
    public void A_request_for_no_bytes_is_answered_with_the_position()
    {
        var flow = OpenWith(100);
        _scene.Change(flow, f => f with { ClientAck = 5400, ServerNext = 5500, ServerAck = RecorderScene.Sequence(70) });
        _scene.Need(flow, 1, from: 0, bytes: 0);
        Assert.AreEqual(
            (1, new PositionEntry(flow.Key, flow.ClientIsn, RecorderScene.Sequence(100), 5400, 5500, RecorderScene.Sequence(70), ushort.MaxValue)),
            Only(_scene.Outlet.Positions));
        Assert.IsEmpty(_scene.Outlet.Supplies);
    }

    [TestMethod]
    public void The_position_of_another_incarnation_is_not_told()
    {
        var flow = OpenWith(100);
        _scene.Change(flow, f => f with { Handshake = RecorderScene.Handshake(isn: 7) });
        _scene.Need(flow, 1, from: 0, bytes: 0);
        Assert.IsEmpty(_scene.Outlet.Positions);
    }

    [TestMethod]
    public void When_nothing_more_fits_the_answer_ends()
    {
        var flow = OpenWith(100_000);
        _scene.Outlet.IsFull = true;
        _scene.Need(flow, 1, from: 0, bytes: 100_000);
        Assert.AreEqual((0, 0L), (_scene.Outlet.Supplies.Count, _scene.Desk.RepairedBytes));
    }

    [TestMethod]
    public void When_much_waits_the_answer_ends_with_one_more_piece()
    {
        var flow = OpenWith(200_000);
        _scene.Outlet.Room = 2;
        _scene.Need(flow, 1, from: 0, bytes: 200_000);
        Assert.AreEqual("False False True", string.Join(' ', _scene.Outlet.Supplies.Select(s => s.IsLast)));
        _scene.Need(flow, 1, from: 98_304, bytes: 100_000);
        Assert.AreEqual((4, true), (_scene.Outlet.Supplies.Count, _scene.Outlet.Supplies[3].IsLast), "and everybody gets something");
    }

    [TestMethod]
    public void What_is_still_in_the_ring_is_no_hole()
    {
        var flow = OpenWith(100);
        _scene.Change(flow, f => f with { ServerAck = RecorderScene.Sequence(200) });
        _scene.Drain = () => _scene.Record(flow, 100, 100);
        _scene.Need(flow, 1, from: 100, bytes: 100);
        Assert.IsEmpty(_scene.Outlet.Refusals);
        CollectionAssert.AreEqual(RecorderScene.Bytes(100, 100), Together());
    }

    [TestMethod]
    public void A_connection_whose_beginning_is_still_to_be_read_is_answered_with_nothing()
    {
        var flow = OpenWith(100);
        _scene.Recordings.Remove(flow);
        _scene.Need(flow, 1, from: 0, bytes: 100);
        Assert.AreEqual((0, true), (Only(_scene.Outlet.Supplies).Payload.Length, _scene.Outlet.Supplies[0].IsLast));
    }

    [TestMethod]
    public void A_closed_connection_is_served_until_it_is_removed()
    {
        var flow = OpenWith(100);
        _scene.Confirm(flow, 1, 0);
        _scene.Close(flow);
        _scene.Run(100);
        _scene.Need(flow, 1, from: 0, bytes: 100);
        CollectionAssert.AreEqual(RecorderScene.Bytes(0, 100), Together());
    }

    [TestMethod]
    public void Full_history_is_there_for_who_starts_at_the_first_byte()
    {
        var scene = new RecorderScene(RecordPolicy.Full);
        var flow = scene.Open();
        for (var offset = 0; offset < 100_000; offset += 1000)
        {
            scene.Record(flow, offset, 1000, ack: 5001 + (uint)offset);
            scene.Confirm(flow, 1, offset + 1000);
        }
        for (var from = 0L; from < 100_000; from = scene.Outlet.Supplies.Sum(s => s.Payload.Length))
        {
            scene.Need(flow, 1, from, 30_000);
        }
        CollectionAssert.AreEqual(RecorderScene.Bytes(0, 100_000), scene.Outlet.Supplies.SelectMany(s => s.Payload).ToArray());
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 100).Select(i => 5001u + (1000 * (uint)i)).ToArray(),
            scene.Outlet.Supplies.Where(s => s.Payload.Length > 0).Select(s => s.Header.Ack).Distinct().ToArray());
    }

    private RecordedFlow OpenWith(int bytes, uint ack = RecorderScene.ServerIsn + 1)
    {
        var flow = _scene.Open();
        if (bytes > 0)
        {
            _scene.Record(flow, 0, bytes, ack: ack);
        }
        return flow;
    }

    private byte[] Together() => [.. _scene.Outlet.Supplies.SelectMany(s => s.Payload)];

    private (long Offset, int Length, uint Ack, bool Last)[] Pieces(RecordedFlow flow) =>
        [.. _scene.Outlet.Supplies.Select(s => (flow.Window.OffsetOf(s.Header.Sequence), s.Payload.Length, s.Header.Ack, s.IsLast))];

    private static T Only<T>(List<T> list)
    {
        Assert.HasCount(1, list);
        return list[0];
    }
}
