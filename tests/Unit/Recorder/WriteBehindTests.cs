using Appliance.Gateway.Recording;
using Appliance.Gateway.Recording.Store;
using Appliance.Recording;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>What is written to the store, and how long the ring keeps it.</summary>
[TestClass]
public sealed class WriteBehindTests : IAsyncDisposable
{
    private const int Megabyte = 1 << 20;

    private readonly RecorderScene _scene;
    private readonly TestStore _store = new();
    private readonly WriteBehind _writer;
    private ulong _position;
    private ulong _released;

    public WriteBehindTests()
    {
        _scene = new RecorderScene(windowBytes: 64 << 20, poolBytes: 64 << 20);
        _writer = new WriteBehind(_scene.Recordings, _store, writeAfterNs: 0);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [TestMethod]
    public void What_the_store_does_not_have_stays_in_the_ring()
    {
        var flow = _scene.Open();
        Take(flow, 0, 100);
        Assert.AreEqual(0UL, GiveBack());
        var second = _position;
        Take(flow, 100, 100);
        Assert.AreEqual(0UL, GiveBack());
        CollectionAssert.AreEqual(new[] { "open", "append 0+100", "append 100+100" }, _store.Operations);
        _store.Acknowledged = 2;
        Assert.AreEqual(second, GiveBack());
        _store.Acknowledged = 3;
        Assert.AreEqual(_position, GiveBack());
    }

    [TestMethod]
    public void What_waits_for_its_confirmation_stays_in_the_ring_and_is_written_when_it_has_waited_for_too_long()
    {
        var writer = new WriteBehind(_scene.Recordings, _store, RecorderScene.Ms(100));
        var flow = _scene.Open();
        Take(flow, 0, 100, writer);
        _scene.Pass(99);
        Take(flow, 100, 100, writer);
        Assert.AreEqual(0UL, GiveBack(writer: writer));
        Assert.IsEmpty(_store.Operations);
        _scene.Pass(1);
        GiveBack(writer: writer);
        CollectionAssert.AreEqual(new[] { "open", "append 0+200" }, _store.Operations, "with what came later");
        _store.AcknowledgeAll();
        Assert.AreEqual(_position, GiveBack(writer: writer));
    }

    [TestMethod]
    public void What_is_confirmed_in_time_is_never_written()
    {
        var writer = new WriteBehind(_scene.Recordings, _store, RecorderScene.Ms(100));
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        Take(flow, 0, 100, writer);
        _scene.Pass(50);
        GiveBack(writer: writer);
        _scene.Confirm(flow, 1, 100);
        Assert.AreEqual(_position, GiveBack(writer: writer));
        var other = _scene.Open(Support.Ends.V6);
        Take(other, 0, 100, writer);
        _scene.Recordings.Close(other, _scene.Now);
        Assert.AreEqual(_position, GiveBack(writer: writer), "nor is what is over");
        Assert.IsEmpty(_store.Operations);
    }

    [TestMethod]
    public void What_takes_room_that_is_needed_is_written_before()
    {
        var writer = new WriteBehind(_scene.Recordings, _store, RecorderScene.Ms(100));
        var flow = _scene.Open();
        Take(flow, 0, 100, writer);
        GiveBack(RingRoom.Needed, writer);
        CollectionAssert.AreEqual(new[] { "open", "append 0+100" }, _store.Operations);
    }

    [TestMethod]
    public void No_more_is_written_at_once_than_the_thread_has_time_for()
    {
        var flow = _scene.Open();
        Take(flow, 0, Megabyte);
        GiveBack();
        Assert.AreEqual(WriteBehind.MostAtOnce, _store.Bytes);
        _store.AcknowledgeAll();
        Assert.AreEqual(0UL, GiveBack(), "the rest is still in the ring alone");
        Assert.AreEqual(Megabyte, _store.Bytes);
        AssertHas(0, Megabyte);
    }

    [TestMethod]
    public void Whoever_has_much_to_be_written_keeps_nobody_from_the_store()
    {
        TakeMany(_scene.Open(), 8 * Megabyte);
        GiveBack();
        Take(_scene.Open(Support.Ends.V6), 0, 100);
        _store.AcknowledgeAll();
        _store.Operations.Clear();
        GiveBack();
        Assert.Contains("append 0+100", _store.Operations, string.Join(", ", _store.Operations));
        Assert.HasCount((int)(WriteBehind.MostAtOnce / WriteBehind.MostInOneTurn) + 2, _store.Operations, "nor do they keep it");
    }

    [TestMethod]
    public void Of_a_stream_that_never_ends_what_is_stored_leaves_the_ring()
    {
        const int Behind = 2 * Megabyte;
        var flow = _scene.Open();
        TakeMany(flow, Behind);
        for (var offset = Behind; offset < 16 * Megabyte; offset += Megabyte)
        {
            Take(flow, offset, Megabyte);
            for (var written = 0L; written < Megabyte; written += WriteBehind.MostAtOnce)
            {
                GiveBack();
                _store.AcknowledgeAll();
            }
        }
        Assert.AreEqual(14 * Megabyte, _store.Bytes, "it is never caught up with");
        Assert.IsGreaterThan(_position / 2, _released);
        Assert.IsLessThanOrEqualTo(1400UL, _released, "100 bytes of the ring hold a megabyte here");
    }

    [TestMethod]
    public void What_needs_no_store_is_given_back_at_once()
    {
        _position = 5000;
        Assert.AreEqual(5000UL, GiveBack());
        Assert.IsEmpty(_store.Operations);
    }

    [TestMethod]
    [DataRow(RingRoom.Ample, WriteBehind.MostUnconfirmed)]
    [DataRow(RingRoom.Needed, WriteBehind.MostUnconfirmed)]
    [DataRow(RingRoom.Short, WriteBehind.MostUnconfirmedWhenShort)]
    public void More_is_on_its_way_to_the_store_when_room_is_short(RingRoom room, long most)
    {
        TakeMany(_scene.Open(), 12 * Megabyte);
        for (var i = 0; i < 30; i++)
        {
            GiveBack(room);
        }
        Assert.AreEqual(most, _store.Bytes);
    }

    [TestMethod]
    [DataRow(RingRoom.Scarce, StoreState.Ready, DisplayName = "the ring is nearly full")]
    [DataRow(RingRoom.Ample, StoreState.Degraded, DisplayName = "the store does not answer")]
    [DataRow(RingRoom.Ample, StoreState.Off, DisplayName = "there is no store")]
    public void New_segments_count_for_more_than_a_copy_in_the_store(RingRoom room, StoreState state)
    {
        var flow = _scene.Open();
        Take(flow, 0, 100);
        _store.State = state;
        Assert.AreEqual(_position, GiveBack(room));
        Assert.AreEqual(room == RingRoom.Scarce ? _position : 0, _writer.GivenUp);
        _store.State = StoreState.Ready;
        Take(flow, 100, 100);
        Assert.AreEqual(_position / 2, GiveBack(), "what is given back is not waited for any more, what comes later is");
    }

    [TestMethod]
    public void A_segment_that_fills_a_gap_is_written_and_an_overlap_as_the_window_has_it()
    {
        var flow = _scene.Open();
        Take(flow, 200, 100);
        Take(flow, 0, 100);
        GiveBack();
        CollectionAssert.AreEqual(new[] { "open", "append 0+100", "append 200+100" }, _store.Operations);
        Take(flow, 50, 200);
        GiveBack();
        CollectionAssert.AreEqual(new[] { "append 50+250" }, _store.Operations[3..]);
        AssertHas(0, 300);
    }

    [TestMethod]
    public void Of_two_copies_that_differ_the_first_is_written()
    {
        var flow = _scene.Open();
        Take(flow, 0, 100);
        Take(flow, 150, 50);
        var other = new byte[150];
        Assert.AreEqual(100L, _scene.Recordings.Append(flow, RecorderScene.Sequence(50), 1, fin: false, other.AsSpan(0, 150), _scene.Now).Conflicting);
        _writer.Taken(flow, 50, _position, _scene.Now);
        GiveBack();
        RecorderScene.Bytes(100, 50).CopyTo(_store.Content.GetBuffer(), 100); // these were new
        AssertHas(0, 200);
    }

    [TestMethod]
    public void Whoever_keeps_everything_keeps_the_beginning_before_there_are_bytes()
    {
        var scene = new RecorderScene(RecordPolicy.Full);
        var writer = new WriteBehind(scene.Recordings, _store, RecorderScene.Ms(100));
        writer.Opened(scene.Open(), 1);
        GiveBack(writer: writer);
        CollectionAssert.AreEqual(new[] { "open" }, _store.Operations);
        _store.Operations.Clear();
        _writer.Opened(_scene.Open(), 1);
        GiveBack();
        Assert.IsEmpty(_store.Operations, "what a replica confirms soon never costs a write");
    }

    [TestMethod]
    public void A_store_that_has_nothing_of_a_connection_any_more_is_not_told_how_far_all_nodes_are()
    {
        var flow = _scene.Open();
        Take(flow, 0, 100);
        GiveBack();
        _scene.Confirm(flow, 1, 100);
        _writer.ReleaseStored(flow);
        for (var at = 100; at < 10 * WriteBehind.LeastReleased; at += Megabyte / 8)
        {
            _scene.Recordings.Skip(flow, RecorderScene.Sequence(at), Megabyte / 8, fin: false);
            _writer.ReleaseStored(flow);
        }
        CollectionAssert.AreEqual(new[] { "open", "append 0+100", "release 100" }, _store.Operations);
    }

    [TestMethod]
    public void The_store_is_told_what_is_not_needed_when_it_is_worth_while()
    {
        var flow = _scene.Open();
        Take(flow, 0, 200_000);
        GiveBack();
        _scene.Confirm(flow, 1, WriteBehind.LeastReleased - 1);
        _writer.ReleaseStored(flow);
        Assert.DoesNotContain("release 65535", _store.Operations);
        _scene.Confirm(flow, 1, WriteBehind.LeastReleased);
        _writer.ReleaseStored(flow);
        _writer.ReleaseStored(flow);
        Assert.AreEqual("release 65536", _store.Operations[^1]);
        _scene.Confirm(flow, 1, 200_000);
        _writer.ReleaseStored(flow);
        Assert.AreEqual("release 200000", _store.Operations[^1], "nothing is held");
        Assert.AreEqual(2, _store.Operations.Count(o => o.StartsWith("release", StringComparison.Ordinal)));
        _writer.Forget(flow);
        _writer.Forget(flow);
        Assert.AreEqual(1, _store.Operations.Count(o => o == "close"));
    }

    [TestMethod]
    public void Until_is_known_where_an_earlier_process_wrote_nothing_is_written_and_nothing_leaves_the_ring()
    {
        var flow = _scene.Open();
        _writer.Wait();
        Take(flow, 0, 100);
        Assert.AreEqual(0UL, GiveBack());
        _store.LoseEverything();
        Assert.AreEqual(0UL, GiveBack());
        Assert.IsEmpty(_store.Operations);
        _writer.GoOn();
        Take(flow, 100, 50);
        Assert.AreEqual(0UL, GiveBack(), "all of it is still in the ring");
        AssertHas(0, 150);
        _store.AcknowledgeAll();
        Assert.AreEqual(_position, GiveBack());
        _writer.GoOn();
        Assert.AreEqual(_position, GiveBack());
        Assert.AreEqual(150, _store.Bytes, "once");
    }

    [TestMethod]
    public void What_an_adopted_connection_held_before_it_is_read_is_written_behind_what_is_there()
    {
        var flow = _scene.Adopt(sent: 1000, bytes: 1000);
        _writer.Wait();
        Take(flow, 900, 100);
        _writer.GoOn();
        GiveBack();
        CollectionAssert.AreEqual(new[] { "open", "append 900+100" }, _store.Operations);
        _scene.Confirm(flow, 0, 1000);
        _scene.Confirm(flow, 1, 1000);
        Assert.AreEqual(1000, flow.Window.Start);
        _writer.ReleaseStored(flow);
        Assert.HasCount(2, _store.Operations, "what is being read stays");

        _scene.Recordings.Settle(flow, new SavedFlow(flow.Key, flow.Handshake, 0, [new SavedPiece(0, 1, Fin: false, RecorderScene.Bytes(0, 900))]));
        Assert.AreEqual((true, 1000L), (flow.IsStored, flow.StoreEnd));
    }

    [TestMethod]
    public void A_fin_that_came_before_is_written()
    {
        var flow = _scene.Adopt(sent: 1001, bytes: 1000);
        _writer.Wait();
        Assert.IsTrue(_scene.Record(flow, 1000, 0, fin: true));
        _writer.Taken(flow, 1000, _position, _scene.Now);
        _writer.GoOn();
        GiveBack();
        CollectionAssert.AreEqual(new[] { "open", "append 1000+0 fin" }, _store.Operations);
    }

    [TestMethod]
    public void What_is_over_before_it_is_read_goes_afterwards()
    {
        var flow = _scene.Adopt(sent: 1000, bytes: 1000);
        _writer.Wait();
        Take(flow, 900, 100);
        _writer.GoOn();
        GiveBack();
        _scene.Recordings.Close(flow, _scene.Now);
        _writer.Forget(flow);
        Assert.AreEqual("append 900+100", _store.Operations[^1]);
        _scene.Recordings.Settle(flow, saved: null);
        _writer.Settled();
        Assert.AreEqual("close", _store.Operations[^1]);
    }

    [TestMethod]
    public void A_store_that_is_emptied_while_it_is_read_gets_everything_once_more()
    {
        var flow = _scene.Adopt(sent: 1000, bytes: 1000);
        _writer.Wait();
        Take(flow, 900, 100);
        _writer.GoOn();
        _store.Emptied++;
        _store.LoseEverything();
        GiveBack();
        _store.AcknowledgeAll();
        _scene.Recordings.Settle(flow, new SavedFlow(flow.Key, flow.Handshake, 800, [new SavedPiece(800, 1, Fin: false, RecorderScene.Bytes(800, 100))]));
        _writer.Settled();
        GiveBack();
        Assert.AreEqual(300, _store.Bytes, "100, and then all 200");
    }

    [TestMethod]
    public void What_is_written_once_more_may_be_anywhere_in_the_ring()
    {
        _writer.Wait();
        var flow = _scene.Open();
        Take(flow, 0, 100);
        _writer.GoOn();
        var other = _scene.Open(Support.Ends.V6);
        Take(other, 0, 100);
        _store.AcknowledgeAll();
        Assert.AreEqual(0UL, GiveBack());
        Assert.AreEqual(0UL, GiveBack(), "the first one's record lies before what has been stored");
        _store.AcknowledgeAll();
        Assert.AreEqual(_position, GiveBack());
    }

    [TestMethod]
    public void After_an_outage_what_is_held_is_written_once_more_in_parts()
    {
        const int Length = 20 * Megabyte;
        var flow = _scene.Open();
        TakeMany(flow, Length);
        while (GiveBack() != _position)
        {
            _store.AcknowledgeAll();
        }
        var before = _released;
        Take(flow, Length, 100);
        _store.LoseEverything();

        Assert.AreEqual(WriteBehind.MostUnconfirmed, Write());
        Assert.AreEqual(before, GiveBack());
        Take(flow, Length + 100, 100);
        Assert.AreEqual(WriteBehind.MostUnconfirmed, Write(), "the next part comes when this one is stored");
        for (var written = 0L; written != _store.Bytes;)
        {
            written = _store.Bytes;
            _store.AcknowledgeAll();
            Write();
        }
        Assert.AreEqual(Length + 200, _store.Bytes, "what came meanwhile goes with the rest");
        Assert.AreEqual(1, _store.Operations.Count(o => o == "open"));
        AssertHas(0, Length + 200);
        _store.AcknowledgeAll();
        Assert.AreEqual(_position, GiveBack());
        Take(flow, Length + 200, 7);
        GiveBack();
        Assert.AreEqual("append 20971720+7", _store.Operations[^1]);
    }

    [TestMethod]
    public void What_is_over_or_confirmed_meanwhile_is_not_written_once_more()
    {
        var over = _scene.Open(Support.Ends.V6);
        Take(over, 0, 100);
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        TakeMany(flow, 4 * Megabyte);
        _scene.Recordings.Close(over, _scene.Now);
        _store.LoseEverything();
        Assert.AreEqual(WriteBehind.MostUnconfirmed, Write());
        _scene.Confirm(flow, 1, (4 * Megabyte) - 1000);
        _store.AcknowledgeAll();
        Assert.AreEqual(WriteBehind.MostUnconfirmed + 1000, Write());
        _store.AcknowledgeAll();
        Assert.AreEqual(_position, GiveBack());
    }

    [TestMethod]
    public void A_second_outage_begins_from_the_start()
    {
        var flow = _scene.Open();
        TakeMany(flow, 2 * Megabyte);
        _store.LoseEverything();
        Write();
        _store.LoseEverything();
        Write();
        _store.AcknowledgeAll();
        Assert.AreEqual(2 * Megabyte, Write(), "and each once");
        AssertHas(0, 2 * Megabyte);
    }

    /// <summary>A record of so many bytes is read: 100 bytes of the ring for each, for short.</summary>
    private void Take(RecordedFlow flow, long offset, int length, WriteBehind? writer = null)
    {
        Assert.IsTrue(_scene.Record(flow, offset, length));
        (writer ?? _writer).Taken(flow, offset, _position, _scene.Now);
        _position += 100;
    }

    private void TakeMany(RecordedFlow flow, int length)
    {
        for (var offset = 0; offset < length; offset += Megabyte)
        {
            Take(flow, offset, Megabyte);
        }
    }

    private ulong GiveBack(RingRoom room = RingRoom.Ample, WriteBehind? writer = null) =>
        _released = (writer ?? _writer).Releasable(_position, _released, room, _scene.Now);

    /// <summary>As much as the store takes without confirming it. The payload bytes that it was given since the test has cleared that.</summary>
    private long Write()
    {
        long before;
        do
        {
            before = _store.Bytes;
            GiveBack();
        }
        while (_store.Bytes != before);
        return _store.Bytes;
    }

    private void AssertHas(int from, int to)
    {
        var written = _store.Content.GetBuffer().AsSpan(0, (int)_store.Content.Length);
        Assert.AreEqual(to, written.Length);
        for (var offset = from; offset < to; offset++)
        {
            if (written[offset] != RecorderScene.ByteAt(offset))
            {
                Assert.Fail($"byte {offset} is missing or wrong");
            }
        }
    }
}
