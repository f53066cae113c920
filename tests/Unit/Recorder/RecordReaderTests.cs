using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording;
using Appliance.Recording;
using Appliance.RepairChannel;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>What is read from the ring, when, and what becomes of it.</summary>
[TestClass]
public sealed class RecordReaderTests : IDisposable
{
    private const double TakeAfterMs = 60;
    private const double WriteAfterMs = 100;

    private readonly MemoryRing _ring = new();
    private readonly TestStore _store = new();
    private readonly List<Exception> _failures = [];
    private RecorderScene _scene = null!;
    private RecordReader _reader = null!;
    private DatagramDesk _datagrams = null!;

    public RecordReaderTests() => Begin(RecordPolicy.Unconfirmed);

    public void Dispose() => _ring.Dispose();

    [TestMethod]
    public void A_segment_waits_in_the_ring_until_every_replica_has_it()
    {
        var flow = OpenWithReplica();
        Write(flow, 0, 100);
        Drain();
        Assert.IsGreaterThan(100UL, _reader.Waiting);
        _scene.Confirm(flow, 1, 99);
        Drain();
        Assert.AreEqual(0L, _reader.PassedOver);
        _scene.Confirm(flow, 1, 100);
        Drain();
        Assert.AreEqual((1L, 0UL, 0L), (_reader.PassedOver, _reader.Waiting, flow.Window.Bytes));
        Assert.IsEmpty(_store.Operations);
    }

    [TestMethod]
    public void One_that_waits_too_long_goes_to_its_window_and_in_the_end_to_the_store()
    {
        var flow = OpenWithReplica();
        Write(flow, 0, 100);
        _scene.Pass(TakeAfterMs);
        Drain();
        Assert.AreEqual(0L, flow.Window.Bytes);
        _scene.Pass(0.1);
        Drain();
        AssertHolds(flow, 0, 100);
        Assert.IsEmpty(_store.Operations);
        Assert.IsGreaterThan(0UL, _reader.Waiting);
        _scene.Pass(WriteAfterMs - TakeAfterMs);
        Drain();
        CollectionAssert.AreEqual(new[] { "open", "append 0+100" }, _store.Operations);
        Assert.IsGreaterThan(0UL, _reader.Waiting, "the ring keeps it until the store has it");
        _store.AcknowledgeAll();
        Drain();
        Assert.AreEqual(0UL, _reader.Waiting);
    }

    [TestMethod]
    public void Beginnings_do_not_wait_behind_segments_that_wait()
    {
        var flow = OpenWithReplica();
        Write(flow, 0, 100);
        _ring.Open(Ends.V6.Key, RecorderScene.Handshake(), _scene.Now);
        Write(flow, 100, 100);
        Drain();
        Assert.IsNotNull(_scene.Recordings.Find(Ends.V6.Key));
        Assert.IsGreaterThan(0UL, _reader.Waiting);
        _scene.Confirm(flow, 1, 200);
        Drain();
        Assert.AreEqual((2L, 0UL), (_reader.PassedOver, _reader.Waiting));
        Assert.HasCount(2, _scene.Recordings.Flows);
    }

    [TestMethod]
    public void A_datagram_that_was_read_ahead_does_not_come_twice()
    {
        var flow = OpenWithReplica();
        _datagrams.Assign(_scene.Recordings.Assignment);
        Write(flow, 0, 100);
        _ring.Datagram(Ends.V6.Key, 1, "once"u8, _scene.Now);
        Drain();
        Assert.AreEqual(1L, _datagrams.Status.Recorded);
        var arrived = default(DatagramBitmap);
        arrived.Set(0);
        _datagrams.OnProgress(1, new DatagramProgressEntry(Ends.V6.Key, 1, arrived), _scene.Now);
        Assert.AreEqual(0L, _datagrams.Status.HeldBytes);
        DrainAll();
        Assert.AreEqual((1L, 0L), (_datagrams.Status.Recorded, _datagrams.Status.HeldBytes));
    }

    [TestMethod]
    public void A_connection_with_the_ends_of_an_earlier_one_takes_its_place()
    {
        var earlier = OpenWithReplica();
        Write(earlier, 0, 100);
        _scene.Pass(WriteAfterMs + 1);
        Drain();
        _ring.Open(earlier.Key, RecorderScene.Handshake(isn: 9), _scene.Now);
        Drain();
        Assert.AreEqual("close", _store.Operations[^1]);
        Assert.AreEqual(9u, _scene.Recordings.Find(earlier.Key)!.ClientIsn);
        Write(earlier, 100, 100);
        _scene.Pass(WriteAfterMs + 1);
        Drain();
        Assert.AreEqual(0L, _scene.Recordings.Find(earlier.Key)!.Window.Bytes, "what still comes of the earlier one belongs to nobody");
    }

    [TestMethod]
    public void What_was_damaged_on_its_way_is_not_believed()
    {
        var flow = OpenWithReplica();
        _ring.Data(flow.Key, flow.ClientIsn, RecorderScene.Sequence(0), 1, fin: false, "wrong"u8, _scene.Now, isIntact: false);
        Write(flow, 0, 100);
        DrainAll();
        Assert.AreEqual(1L, _reader.Damaged);
        AssertHolds(flow, 0, 100);
    }

    [TestMethod]
    public void A_ring_that_fills_is_read_on_whether_it_is_due_or_not()
    {
        var flow = OpenWithReplica();
        for (var offset = 0; _ring.Log.Produced <= _ring.Log.Size / 4; offset += 1000)
        {
            Drain();
            Assert.AreEqual(0L, flow.Window.Bytes);
            Write(flow, offset, 1000);
        }
        Drain();
        Assert.IsGreaterThan(0L, flow.Window.Bytes);
        Assert.IsGreaterThan(_ring.Log.Size / 6, _reader.Waiting, "and no farther than that");
    }

    [TestMethod]
    public void A_node_that_asks_finds_everything()
    {
        var flow = OpenWithReplica();
        Write(flow, 0, 100);
        Write(flow, 100, 100, fin: true);
        Assert.IsTrue(_reader.DrainSome(_scene.Now));
        AssertHolds(flow, 0, 200);
        Assert.AreEqual(200L, flow.Window.FinOffset);
        Assert.IsFalse(_reader.DrainSome(_scene.Now));
    }

    [TestMethod]
    public void Who_follows_hears_of_every_new_byte_once()
    {
        var flow = OpenWithReplica();
        _scene.Confirm(flow, 1, 200);
        var heard = new List<(uint, int)>();
        _reader.Followers = (RecordedFlow _, in Record record, ReadOnlySpan<byte> payload) => heard.Add((record.Seq, payload.Length));
        Write(flow, 0, 100);
        Write(flow, 0, 100);
        Write(flow, 100, 50);
        Drain();
        CollectionAssert.AreEqual(new[] { (RecorderScene.Sequence(0), 100), (RecorderScene.Sequence(100), 50) }, heard);
        Assert.AreEqual(0L, _reader.PassedOver);
    }

    [TestMethod]
    public void A_record_that_cannot_be_taken_does_not_stop_the_ones_behind_it()
    {
        var flow = OpenWithReplica();
        var other = _scene.Open(Ends.V6);
        _reader.Followers = (RecordedFlow of, in Record _, ReadOnlySpan<byte> _) => throw new InvalidOperationException($"for {of.Key}");
        Write(flow, 0, 100);
        DrainAll();
        _reader.Followers = null;
        Write(other, 0, 100);
        DrainAll();
        Assert.AreEqual($"for {flow.Key}", _failures.Single().Message);
        Assert.IsNull(_scene.Recordings.Find(flow.Key), "what is held of it is not known any more");
        AssertHolds(other, 0, 100);
    }

    [TestMethod]
    public void Who_keeps_everything_passes_nothing_over()
    {
        Begin(RecordPolicy.Full);
        _ring.Open(Ends.V4.Key, RecorderScene.Handshake(), _scene.Now);
        Drain();
        var flow = _scene.Recordings.Find(Ends.V4.Key)!;
        _scene.Confirm(flow, 1, 0);
        Write(flow, 0, 100);
        _scene.Confirm(flow, 1, 100);
        Drain();
        AssertHolds(flow, 0, 100);
        CollectionAssert.AreEqual(new[] { "open", "append 0+100" }, _store.Operations);
    }

    [TestMethod]
    public void A_client_whose_replica_lags_is_held_back_before_its_bytes_are_read()
    {
        const int WindowBytes = 1000;
        var clients = new LagLimitsTests.TestWindows(_scene);
        var limits = new LagLimits(_scene.Recordings, clients, Standing(clients), WindowBytes) { LiveNodes = 0b11 };
        _reader = Reader(limits);
        var flow = OpenWithReplica();
        Write(flow, 0, 600);
        _scene.Change(flow, f => f with { ClientNext = RecorderScene.Sequence(600), Edge = RecorderScene.Sequence(9000) });
        Drain();
        Assert.AreEqual(RecorderScene.Sequence(WindowBytes), clients.LimitOf(flow).Right);
        Assert.AreEqual(0L, flow.Window.Bytes);
    }

    private void Begin(RecordPolicy policy)
    {
        _scene = new RecorderScene(policy, windowBytes: 1 << 20);
        _reader = Reader(limits: null);
    }

    private RecordReader Reader(LagLimits? limits) => new(
        _ring.Log, _scene.Recordings, _scene.Desk, _datagrams = new DatagramDesk(1 << 20, 2, _scene.Outlet), new WriteBehind(_scene.Recordings, _store, RecorderScene.Ms(WriteAfterMs)), Standing(new LagLimitsTests.TestWindows(_scene)), limits,
        RecorderScene.Ms(TakeAfterMs), _failures.Add);

    private StandingClients Standing(LagLimitsTests.TestWindows clients) => new(_scene.Recordings, clients, RecorderScene.Ms(4));

    private RecordedFlow OpenWithReplica()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        return flow;
    }

    private void Write(RecordedFlow flow, long offset, int length, bool fin = false) => _ring.Data(
        flow.Key, flow.ClientIsn, RecorderScene.Sequence(offset), RecorderScene.ServerIsn + 1, fin, RecorderScene.Bytes(offset, length), _scene.Now);

    private void Drain() => _reader.Drain(_scene.Now);

    private void DrainAll() => _reader.DrainAll(_scene.Now);

    private static void AssertHolds(RecordedFlow flow, long from, int length)
    {
        var bytes = new byte[length];
        Assert.IsTrue(flow.Window.TryRead(from, bytes, out var piece));
        Assert.AreEqual((from, length), (piece.Offset, piece.Length));
        CollectionAssert.AreEqual(RecorderScene.Bytes(from, length), bytes);
    }
}
