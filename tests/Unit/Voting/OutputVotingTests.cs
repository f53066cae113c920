using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording.Voting;
using Appliance.Net;
using Appliance.Packets;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Voting;

/// <summary>What is sent on when nodes agree: under whose headers, and what becomes of those who do not.</summary>
[TestClass]
public sealed class OutputVotingTests : IAgreedOutlet
{
    private const uint Isn = 77;
    private const uint First = 5000;
    private const ulong Patience = 1_000_000;

    private readonly OutputVoting _voting;
    private readonly List<(byte[] Frame, NodeSegment Layout, int SegmentBytes)> _sent = [];
    private readonly List<OutputDifference?> _observed = [];
    private bool _isFull;
    private ulong _now = 1_000_000_000;

    public OutputVotingTests() =>
        _voting = new OutputVoting(1 << 20, 1 << 18, nodes: 2, Patience, this, (in key, isn, difference) => _observed.Add(difference));

    public static IEnumerable<object[]> Families => Ends.Both.Select(ends => new object[] { ends });

    bool IAgreedOutlet.Send(Span<byte> frame, in NodeSegment layout, int segmentBytes)
    {
        if (_isFull)
        {
            return false;
        }
        _sent.Add((frame[OffloadHeader.Length..].ToArray(), layout, segmentBytes));
        return true;
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void It_goes_on_as_the_last_segment_that_was_needed(Ends ends)
    {
        Ask(ends);
        var leader = Segment(ends).Payload(Bytes(0, 300)).Ack(10).Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(5, 6));
        var last = leader.Payload(Bytes(0, 100)).Ack(11).Window(99).Hops(1).Flags(TcpFlags.Psh);
        Hear(ends, 0, leader);
        Assert.IsEmpty(_sent);
        Hear(ends, 1, last);
        AssertSent(last.Hops(64), 100);

        Hear(ends, 1, last.Seq(First + 100).Payload(Bytes(100, 400)));
        AssertSent(last.Hops(64).Seq(First + 100).Payload(Bytes(100, 300)), 300);
        Assert.AreEqual(300L, _voting.AgreedBytes);
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void An_end_goes_on_with_the_last_bytes_or_alone(Ends ends)
    {
        Ask(ends);
        var last = Segment(ends).Payload(Bytes(0, 50));
        Hear(ends, 0, last);
        Hear(ends, 1, last.Fin());
        AssertSent(last.Fin(), 50);

        _voting.Forget(ends.Key);
        _sent.Clear();
        Ask(ends);
        Hear(ends, 0, Segment(ends).Fin());
        AssertSent(Segment(ends).Fin(), 50);
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Urgent_data_stays_where_it_was(Ends ends)
    {
        Ask(ends);
        var urgent = Urgent(Segment(ends).Payload(Bytes(0, 100)), 80);
        Hear(ends, 0, Segment(ends).Payload(Bytes(0, 40)));
        Hear(ends, 1, urgent);
        Assert.AreEqual(80, UrgentPointer());
        Hear(ends, 0, Urgent(Segment(ends).Payload(Bytes(0, 100)), 80));
        Assert.AreEqual(40, UrgentPointer(), "from 40 on");

        int UrgentPointer()
        {
            var tcp = _sent[^1].Frame.AsSpan(_sent[^1].Layout.Tcp);
            return ((TcpFlags)tcp[13]).HasFlag(TcpFlags.Urg) ? BinaryPrimitives.ReadUInt16BigEndian(tcp[18..]) : -1;
        }
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Much_goes_on_in_packets_that_the_device_cuts_as_the_node_wanted_them_cut(Ends ends)
    {
        Ask(ends);
        for (var from = 0; from < 120_000; from += 40_000)
        {
            Hear(ends, 0, Segment(ends).Seq(First + (uint)from).Payload(Bytes(from, from + 40_000)), segment: 1400);
        }
        Hear(ends, 1, Segment(ends).Seq(First + 60_000).Payload(Bytes(60_000, 120_000)), segment: 1448);
        Hear(ends, 1, Segment(ends).Payload(Bytes(0, 60_000)), segment: 1448);
        CollectionAssert.AreEqual(Bytes(0, 120_000), _sent.SelectMany(s => s.Frame[s.Layout.Payload..]).ToArray());
        Assert.HasCount(2, _sent);
        foreach (var (frame, layout, segment) in _sent)
        {
            Assert.AreEqual(1400, segment, "as the active node wants it");
            Assert.IsLessThanOrEqualTo(ushort.MaxValue, frame.Length - layout.Ip);
        }
    }

    [TestMethod]
    public void What_cannot_be_sent_is_sent_later()
    {
        Ask(Ends.V4);
        _isFull = true;
        Hear(Ends.V4, 0, Segment(Ends.V4).Payload(Bytes(0, 100)));
        Hear(Ends.V4, 1, Segment(Ends.V4).Payload(Bytes(0, 100)));
        _now += 10 * Patience;
        _voting.Tick(_now);
        _isFull = false;
        Assert.IsEmpty(_observed, "nobody is missed");
        Assert.AreEqual((1, 2L), (_voting.Waiting, _voting.Unsent));
        _voting.Tick(_now);
        AssertSent(Segment(Ends.V4).Payload(Bytes(0, 100)), 100);
        _voting.Tick(_now);
        Assert.HasCount(1, _sent);
    }

    [TestMethod]
    public void What_comes_of_a_connection_that_is_over_is_not_kept()
    {
        const ulong Minute = 60_000_000_000;
        Ask(Ends.V4);
        _voting.Forget(Ends.V4.Key);
        Hear(Ends.V4, 0, Segment(Ends.V4).Payload(Bytes(0, 100)));
        Ask(Ends.V6);
        _now += Minute + 1;
        _voting.Tick(_now);
        Assert.IsFalse(_voting.Knows(Ends.V4.Key));
        Assert.IsTrue(_voting.Knows(Ends.V6.Key), "somebody has decided about it");
        Assert.AreEqual(0, _voting.Waiting);
    }

    [TestMethod]
    public void Who_waits_for_too_long_is_told_and_then_goes_on_alone()
    {
        Ask(Ends.V4);
        Hear(Ends.V4, 0, Segment(Ends.V4).Payload(Bytes(0, 100)));
        _now += Patience - 1;
        _voting.Tick(_now);
        Assert.IsEmpty(_observed);
        _now++;
        _voting.Tick(_now);
        _voting.Tick(_now);
        Assert.IsNull(_observed.Single());
        Assert.AreEqual(1L, _voting.Timeouts);
        _voting.Ask(Ends.V4.Key, Isn, VoiceMode.Active, 0, active: 0, _now);
        AssertSent(Segment(Ends.V4).Payload(Bytes(0, 100)), 0);
        Assert.AreEqual(100L, _voting.ReleasedBytes);
        Hear(Ends.V4, 0, Segment(Ends.V4).Seq(First + 100).Payload(Bytes(100, 150)));
        AssertSent(Segment(Ends.V4).Seq(First + 100).Payload(Bytes(100, 150)), 0);
    }

    [TestMethod]
    public void How_far_a_client_had_come_before_its_nodes_had_to_agree_again_is_not_remembered()
    {
        Ask(Ends.V4);
        Hear(Ends.V4, 0, Segment(Ends.V4).Payload(Bytes(0, 100)));
        Hear(Ends.V4, 1, Segment(Ends.V4).Payload(Bytes(0, 100)));
        _voting.Ask(Ends.V4.Key, Isn, VoiceMode.Active, 0, active: 0, _now);
        _sent.Clear();
        Ask(Ends.V4);
        var far = unchecked(First + 3_000_000_000);
        Hear(Ends.V4, 0, Segment(Ends.V4).Seq(far).Payload(Bytes(0, 100)), given: far);
        Hear(Ends.V4, 1, Segment(Ends.V4).Seq(far).Payload(Bytes(0, 100)), given: far);
        AssertSent(Segment(Ends.V4).Seq(far).Payload(Bytes(0, 100)), 200);
    }

    [TestMethod]
    public void The_active_node_is_not_released_for_having_said_nothing()
    {
        Ask(Ends.V4);
        Hear(Ends.V4, 1, Segment(Ends.V4).Payload(Bytes(0, 100)));
        _now += 10 * Patience;
        _voting.Tick(_now);
        Assert.IsEmpty(_observed);
    }

    [TestMethod]
    public void A_difference_is_told_until_somebody_does_something_and_nothing_of_it_is_sent()
    {
        Ask(Ends.V4);
        var wrong = Bytes(0, 100);
        wrong[60] ^= 0x20;
        Hear(Ends.V4, 0, Segment(Ends.V4).Payload(Bytes(0, 100)));
        Hear(Ends.V4, 1, Segment(Ends.V4).Payload(wrong));
        AssertSent(Segment(Ends.V4).Payload(Bytes(0, 60)), 60);
        Assert.AreEqual(First + 60, _observed.Single()!.Sequence);
        Hear(Ends.V4, 0, Segment(Ends.V4).Seq(First + 100).Payload(Bytes(100, 200)));
        Hear(Ends.V4, 1, Segment(Ends.V4).Seq(First + 100).Payload(Bytes(100, 200)));
        Assert.HasCount(1, _observed);
        _now += Patience;
        _voting.Tick(_now);
        Assert.HasCount(1, _sent);
        Assert.HasCount(2, _observed);
        Assert.AreEqual(1L, _voting.Differences);
        _voting.Ask(Ends.V4.Key, Isn, VoiceMode.Nobody, 0, active: 0, _now);
        _now += Patience;
        _voting.Tick(_now);
        Assert.HasCount(2, _observed);
    }

    [TestMethod]
    public void What_was_damaged_on_its_way_says_nothing()
    {
        Ask(Ends.V4);
        Hear(Ends.V4, 0, Segment(Ends.V4).Payload(Bytes(0, 100)));
        Hear(Ends.V4, 1, Segment(Ends.V4).Payload(Bytes(0, 100)), owed: 1);
        Assert.IsEmpty(_sent);
        Assert.AreEqual(1L, _voting.Refused);
    }

    [TestMethod]
    public void Another_connection_of_the_same_ends_begins_anew()
    {
        Ask(Ends.V4);
        Hear(Ends.V4, 0, Segment(Ends.V4).Payload(Bytes(0, 100)));
        Hear(Ends.V4, 1, Segment(Ends.V4).Payload(Bytes(0, 100)), isn: Isn + 1);
        Assert.IsEmpty(_sent);
        _voting.Forget(Ends.V4.Key);
        Assert.IsFalse(_voting.Knows(Ends.V4.Key));
    }

    private static byte[] Bytes(int from, int to) => [.. Enumerable.Range(from, to - from).Select(i => (byte)((i * 13) ^ (i >> 8)))];

    private static Packet Segment(Ends ends) => ends.FromService().Seq(First).Ack(10);

    private static byte[] Urgent(Packet packet, ushort pointer)
    {
        var frame = packet.Flags(TcpFlags.Urg).ToBytes();
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(packet.TransportOffset + 18), pointer);
        return frame;
    }

    private void Ask(Ends ends) => _voting.Ask(ends.Key, Isn, VoiceMode.Agreed, 0b11, active: 0, _now);

    private void Hear(Ends ends, int node, Packet packet, int segment = 0, ushort owed = 0, uint isn = Isn, uint? given = null) =>
        Hear(ends, node, packet.ToBytes(), segment, owed, isn, given);

    private void Hear(Ends ends, int node, byte[] frame, int segment = 0, ushort owed = 0, uint isn = Isn, uint? given = null)
    {
        Assert.IsTrue(NodeSegment.TryRead(frame, out var layout));
        var tcp = frame.AsSpan(layout.Tcp);
        Span<byte> bytes = stackalloc byte[Record.PayloadOffset];
        MemoryMarshal.Write(bytes, RecordKind.Output);
        MemoryMarshal.Write(bytes[4..], frame.Length);
        MemoryMarshal.Write(bytes[16..], ends.Key);
        MemoryMarshal.Write(bytes[52..], isn);
        MemoryMarshal.Write(bytes[56..], BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]));
        MemoryMarshal.Write(bytes[60..], given ?? First + (uint)_sent.Sum(s => s.Frame.Length - s.Layout.Payload));
        MemoryMarshal.Write(bytes[64..], tcp[13] | (uint)segment << 16);
        MemoryMarshal.Write(bytes[68..], (ushort)node);
        MemoryMarshal.Write(bytes[70..], owed);
        _voting.Hear(MemoryMarshal.Read<Record>(bytes), frame, _now);
    }

    /// <summary>The last one; its checksum is that of the pseudo header, and everything else is right.</summary>
    private void AssertSent(Packet expected, long agreed)
    {
        var frame = expected.ToBytes();
        var (sent, layout, _) = _sent[^1];
        Assert.AreEqual(InternetChecksum.Fold(InternetChecksum.Add(0, sent.AsSpan(layout.Tcp))), Checksum(frame, layout), "the device completes the sum");
        frame.AsSpan(layout.Tcp + 16, 2).Clear();
        sent.AsSpan(layout.Tcp + 16, 2).Clear();
        Assert.AreEqual(Convert.ToHexString(frame), Convert.ToHexString(sent));
        Assert.AreEqual(agreed, _voting.AgreedBytes);
    }

    private static ushort Checksum(byte[] frame, in NodeSegment layout) => BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(layout.Tcp + 16));
}
