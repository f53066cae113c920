using System.Text;
using Appliance.Lab.Savefiles;
using Appliance.Packets;

namespace Appliance.Tests.Unit.Savefiles;

[TestClass]
public sealed class SavefileStreamsTests
{
    private const uint Isn = 0xffff_fffa;
    private const uint ServerIsn = 500;

    private static readonly Appliance.Bpf.Layout.FlowKey s_back = Sample.Flow("10.0.2.100:5432", "10.0.1.2:40000");

    [TestMethod]
    public void Disorder_retransmission_and_overlap_make_one_stream_across_wrap_around()
    {
        var stream = Single(
            Syn(), SynAck(), Client(0, 0, ""),
            Client(6, 0, "ghij"), Client(0, 0, "abc"), Client(0, 0, "abc"), Client(2, 4, "cdefGH"));
        Assert.AreEqual("abcdefghij", Text(stream));
        Assert.AreSequenceEqual([0L, 4L, 0L], stream.Pieces.Select(p => p.After));
        Assert.AreEqual(2, stream.ConflictingBytes);
        Assert.AreEqual(4, stream.Acknowledged);
        Assert.IsNull(stream.End);
    }

    [TestMethod]
    public void A_capture_of_the_client_alone_counts_the_servers_bytes_from_its_first_acknowledgement()
    {
        var stream = Single(Syn(), Client(0, 0, ""), Client(0, 0, "a"), Client(1, 7, "b"));
        Assert.IsTrue(stream.HasBeginning);
        Assert.AreSequenceEqual([0L, 7L], stream.Pieces.Select(p => p.After));
    }

    [TestMethod]
    public void A_syn_ack_replaces_a_syn_that_was_not_captured()
    {
        var stream = Single(SynAck(), Client(0, 0, "a"));
        Assert.IsTrue(stream.HasBeginning);
        Assert.AreEqual("a", Text(stream));
    }

    [TestMethod]
    public void A_syn_that_comes_late_still_begins_the_stream()
    {
        var stream = Single(Client(3, 0, "de"), Syn(), Client(0, 0, "abc"));
        Assert.IsTrue(stream.HasBeginning);
        Assert.AreEqual("abcde", Text(stream));
    }

    [TestMethod]
    public void A_keepalive_before_the_first_byte_changes_nothing() =>
        Assert.AreEqual("ab", Text(Single(Syn(), Client(0, 0, ""), Client(-1, 0, "x"), Client(0, 0, "ab"))));

    [TestMethod]
    public void Ports_that_are_used_again_make_two_streams()
    {
        const uint Next = 70_000;
        var streams = Assemble(
            Syn(), Client(0, 0, "one"), Client(3, 0, "", TcpFlags.Fin),
            Syn(Next), Segment(Sample.V4, Next + 1, 0, TcpFlags.Ack, "two"));
        Assert.AreSequenceEqual(["one", "two"], streams.Select(Text));
        Assert.AreEqual(3, streams[0].End?.Offset);
    }

    [TestMethod]
    public void A_repeated_syn_is_the_same_connection() => Assert.AreEqual("a", Text(Single(Syn(), Syn(), SynAck(), SynAck(), Client(0, 0, "a"))));

    [TestMethod]
    public void A_syn_without_an_answer_is_no_stream() => Assert.IsEmpty(Assemble(Syn(), Syn()));

    [TestMethod]
    public void Both_ends_are_told_apart_without_a_handshake()
    {
        var stream = Single(Server(0, 3, "reply"), Client(3, 5, "next"), Server(5, 7, "reply"));
        Assert.AreEqual(Sample.V4, stream.Flow);
        Assert.IsFalse(stream.HasBeginning);
        Assert.AreEqual("next", Text(stream));
    }

    [TestMethod]
    public void Fin_and_reset_end_a_stream()
    {
        Assert.AreEqual((2L, false, 9L), End(Single(Syn(), SynAck(), Client(0, 9, "ab", TcpFlags.Fin))));
        Assert.AreEqual((2L, true, 9L), End(Single(Syn(), SynAck(), Client(0, 9, "ab"), Client(2, 0, "", TcpFlags.Rst))));

        static (long, bool, long) End(RecordedStream stream) => (stream.End!.Offset, stream.End.IsReset, stream.End.After);
    }

    [TestMethod]
    public void Bytes_that_were_not_captured_leave_a_hole()
    {
        var cut = Client(0, 0, "abc") with { Length = 10 };
        var stream = Single(Syn(), cut, Client(10, 0, "k"));
        Assert.AreSequenceEqual([(0L, 3L), (10L, 11L)], stream.Pieces.Select(p => (p.Offset, p.End)));
    }

    private static string Text(RecordedStream stream) => string.Concat(stream.Pieces.Select(p => Encoding.ASCII.GetString(p.Bytes.Span)));

    private static RecordedStream Single(params CapturedSegment[] segments) => Assemble(segments).Single();

    private static IReadOnlyList<RecordedStream> Assemble(params CapturedSegment[] segments) =>
        SavefileStreams.Assemble(segments.Select((segment, index) => segment with { TimeNs = index }));

    private static CapturedSegment Syn(uint isn = Isn) => Segment(Sample.V4, isn, 0, TcpFlags.Syn, "");

    private static CapturedSegment SynAck() => Segment(s_back, ServerIsn, Isn + 1, TcpFlags.Syn | TcpFlags.Ack, "");

    private static CapturedSegment Client(int offset, uint ack, string text, TcpFlags flags = TcpFlags.None) =>
        Segment(Sample.V4, Isn + 1 + (uint)offset, ServerIsn + 1 + ack, TcpFlags.Ack | flags, text);

    private static CapturedSegment Server(uint offset, uint ack, string text) =>
        Segment(s_back, ServerIsn + 1 + offset, Isn + 1 + ack, TcpFlags.Ack, text);

    private static CapturedSegment Segment(Appliance.Bpf.Layout.FlowKey direction, uint seq, uint ack, TcpFlags flags, string text) =>
        new(direction, 0, seq, ack, flags, Encoding.ASCII.GetBytes(text), text.Length);
}
