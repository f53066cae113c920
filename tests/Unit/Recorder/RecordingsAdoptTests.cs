using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording;
using Appliance.Gateway.Recording.Store;
using Appliance.Recording;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>Connections that an earlier process knew: where their streams stand, and who has them.</summary>
[TestClass]
public sealed class RecordingsAdoptTests
{
    private const long Gibi = 1L << 30;

    private readonly RecorderScene _scene = new();

    [TestMethod]
    [DataRow(0L, 0L, DisplayName = "nothing sent")]
    [DataRow(1L, 1L, DisplayName = "one byte")]
    [DataRow(1000L, 1500L, DisplayName = "retransmissions")]
    [DataRow(1001L, 1000L, DisplayName = "a FIN is no byte")]
    [DataRow((4 * Gibi) - 1, (4 * Gibi) - 1, DisplayName = "just before the numbers come round")]
    [DataRow(4 * Gibi, 4 * Gibi, DisplayName = "just when they do")]
    [DataRow((4 * Gibi) + 5, (4 * Gibi) + 700_000_000, DisplayName = "once round, many retransmissions")]
    [DataRow(3 * Gibi, 3 * Gibi, DisplayName = "three GiB")]
    [DataRow((41 * Gibi) + 77, 42 * Gibi, DisplayName = "ten times round")]
    [DataRow((400 * Gibi) + 3, (401 * Gibi) + 7, DisplayName = "a hundred times round")]
    public void The_stream_goes_on_where_it_was(long sent, long bytes)
    {
        var flow = _scene.Adopt(sent, bytes);
        Assert.IsFalse(flow.IsComplete, "what there is of it is not known yet");
        _scene.Recordings.Settle(flow, saved: null);
        Assert.AreEqual((sent, sent), (flow.Window.Start, flow.Window.End));
        Assert.AreEqual(RecorderScene.Sequence(sent), flow.Window.SequenceOf(flow.Window.Start));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-500)]
    [DataRow(-1_000_000)]
    [DataRow(300)]
    public void Without_a_store_the_window_begins_with_what_the_ring_has_left(int distance)
    {
        const long Sent = (9 * Gibi) + 12_345;
        var flow = _scene.Adopt(Sent, Sent);
        Assert.IsTrue(_scene.Record(flow, Sent + distance + 100, 50));
        Assert.IsTrue(_scene.Record(flow, Sent + distance, 100), "a retransmission that came later");
        _scene.Recordings.Settle(flow, saved: null);
        Assert.AreEqual((Sent + distance, 150L), (flow.Window.Start, flow.Window.Bytes));
        Assert.AreEqual(Sent + distance + 150, flow.Window.End);
    }

    [TestMethod]
    public void What_the_store_has_comes_before_what_the_ring_has()
    {
        const long Sent = (4 * Gibi) + 1000;
        var flow = _scene.Adopt(Sent, Sent);
        _scene.Record(flow, Sent - 100, 100);
        _scene.Recordings.Settle(flow, new SavedFlow(flow.Key, flow.Handshake, Sent - 400, [Piece(Sent - 300, 150), Piece(Sent - 150, 100)]));
        Assert.AreEqual((Sent - 400, Sent, 300L), (flow.Window.Start, flow.Window.End, flow.Window.Bytes));
        Assert.IsTrue(flow.IsStored);
        Assert.AreEqual(Sent, flow.Window.ContiguousEnd(Sent - 300));
        Assert.AreEqual(0L, _scene.Recordings.ConflictingBytes);
    }

    [TestMethod]
    public void A_stream_that_the_store_has_from_its_first_byte_on_is_complete()
    {
        var scene = new RecorderScene(RecordPolicy.Full);
        var flow = scene.Adopt(sent: 1000, bytes: 1000);
        scene.Recordings.Settle(flow, new SavedFlow(flow.Key, flow.Handshake, 0, [Piece(0, 600)]));
        scene.Record(flow, 600, 400);
        Assert.IsTrue(flow.IsComplete);
        Assert.AreEqual(1000L, flow.Window.ContiguousEnd(0));
    }

    [TestMethod]
    public void What_an_earlier_process_left_counts_once()
    {
        var flow = _scene.Adopt(sent: 1000, bytes: 1000);
        _scene.Recordings.Settle(flow, saved: null);
        _scene.Recordings.Settle(flow, new SavedFlow(flow.Key, flow.Handshake, 0, [Piece(0, 600)]));
        Assert.AreEqual((1000L, 0L), (flow.Window.Start, flow.Window.Bytes));
    }

    [TestMethod]
    public void Garbage_before_the_first_byte_is_none_of_the_stream()
    {
        var flow = _scene.Adopt(sent: 10, bytes: 10);
        _scene.Record(flow, -1, 1);
        _scene.Recordings.Settle(flow, saved: null);
        Assert.AreEqual(10L, flow.Window.Start);
    }

    [TestMethod]
    public void A_flow_whose_beginning_is_left_is_complete()
    {
        var flow = _scene.Adopt(sent: 100, bytes: 100);
        flow.FoundAt = null; // as when its opening is read
        Assert.IsTrue(_scene.Record(flow, 0, 100));
        Assert.IsTrue(flow.IsComplete);
    }

    [TestMethod]
    public void Bytes_beyond_four_gibibytes_are_recorded_and_confirmed()
    {
        const long Sent = (5 * Gibi) + 1;
        var flow = _scene.Adopt(Sent, Sent);
        Assert.IsTrue(_scene.Record(flow, Sent, 1000));
        _scene.Recordings.Settle(flow, saved: null);
        Assert.AreEqual(Sent, flow.Window.Start);
        _scene.Confirm(flow, 0, Sent + 1000);
        _scene.Confirm(flow, 1, Sent + 400);
        Assert.AreEqual(Sent + 400, flow.Window.Start);
        Assert.AreEqual(Sent + 400, _scene.Recordings.Needed(flow));
    }

    [TestMethod]
    public void A_replica_that_lacks_what_was_in_the_other_process_is_lost()
    {
        var flow = _scene.Adopt(sent: 1000, bytes: 1000);
        _scene.Record(flow, 900, 100);
        _scene.Confirm(flow, 1, 899);
        Assert.AreNotEqual(FlowState.Unprotected, _scene.StateOf(flow), "the store may have it");
        _scene.Recordings.Settle(flow, saved: null);
        Assert.AreEqual(FlowState.Unprotected, _scene.StateOf(flow));
        _scene.Confirm(flow, 1, 900);
        Assert.AreEqual(FlowState.Repairing, _scene.StateOf(flow));
        _scene.Confirm(flow, 1, 1000);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow));
    }

    [TestMethod]
    public void What_an_active_node_may_lack_is_kept_until_it_has_reported()
    {
        _scene.Assign(active: 1);
        var flow = _scene.Adopt(sent: 1000, bytes: 1000);
        Assert.IsTrue(_scene.Record(flow, 900, 100));
        _scene.Recordings.Settle(flow, saved: null);
        _scene.Confirm(flow, 1, 900);
        Assert.AreEqual((900L, 100L), (flow.Window.Start, flow.Window.Bytes));
    }

    [TestMethod]
    public void An_active_node_that_does_not_report_a_replica_has_the_original()
    {
        var flow = _scene.Adopt(sent: 1000, bytes: 1000);
        _scene.Recordings.Settle(flow, saved: null);
        _scene.Settle(0);
        _scene.Settle(1);
        _scene.Report(flow, 1, 1000);
        _scene.Desk.Reconsider();
        Assert.IsTrue(_scene.Recordings.IsHolder(flow, 0), "not yet");
        _scene.Run(10);
        Assert.AreEqual(0, flow.Origin);
        Assert.IsEmpty(_scene.Outlet.Offers);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow));
    }

    [TestMethod]
    public void Nothing_is_offered_before_the_store_has_been_read()
    {
        var flow = _scene.Adopt(sent: 1000, bytes: 1000);
        _scene.Settle(0);
        _scene.Settle(1);
        _scene.Desk.Reconsider();
        _scene.Run(1000);
        Assert.AreEqual((0, FlowState.Repairing), (flow.Origin, _scene.StateOf(flow)));
        Assert.IsEmpty(_scene.Outlet.Offers);
        _scene.Recordings.Settle(flow, new SavedFlow(flow.Key, flow.Handshake, 0, [Piece(0, 1000)]));
        _scene.Run(10);
        Assert.AreEqual(1, _scene.Outlet.Offers.Single().Node);
    }

    [TestMethod]
    [DataRow(true, DisplayName = "prepared")]
    [DataRow(false, DisplayName = "at once")]
    public void The_originals_of_a_service_that_moves_before_anything_is_known_become_replicas(bool isPrepared)
    {
        var flow = _scene.Adopt(sent: 1000, bytes: 1000);
        if (isPrepared)
        {
            _scene.Recordings.PrepareToMove();
        }
        _scene.Assign(active: 1, replicas: 0);
        _scene.Outlet.Epochs[0] = _scene.Recordings.Assignment.Epoch;
        _scene.Settle(0);
        _scene.Settle(1);
        _scene.Report(flow, 1, 1000);
        _scene.Recordings.Settle(flow, saved: null);
        _scene.Desk.Reconsider();
        _scene.Run(10);
        var (node, offer) = _scene.Outlet.Offers.Single();
        Assert.AreEqual((0, true), (node, offer.Flags.HasFlag(HandshakeFlags.Original)));
        _scene.Report(flow, 0, 1000);
        Assert.AreEqual(FlowState.Protected, _scene.StateOf(flow));
    }

    private static SavedPiece Piece(long offset, int length) =>
        new(offset, RecorderScene.ServerIsn + 1, Fin: false, RecorderScene.Bytes(offset, length));
}
