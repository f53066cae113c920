using System.Text;
using Appliance.Bpf.Layout;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Node;

/// <summary>Whether a replica says what its original says, whatever the segments in which the two say it.</summary>
[TestClass]
public sealed class DigestTests
{
    private const int MostPayload = 3600;
    private const int Greeting = 1024;

    private static NodeRig _rig = null!;

    private byte[] _own = [];
    private byte[] _active = [];
    private uint _first = 5001;

    public static IEnumerable<object[]> Families => Ends.Both.Select(ends => new object[] { ends });

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new NodeRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DataRow(1, 5001u)]
    [DataRow(2, 5001u)]
    [DataRow(3, 0u)]
    [DataRow(4, 4096u)]
    [DataRow(5, 0xffff_f000u, DisplayName = "sequence numbers wrap")]
    [DataRow(6, 0xffff_fffeu, DisplayName = "sequence numbers wrap in a word")]
    public void The_same_bytes_in_other_segments_are_the_same(int seed, uint first) => With(first, () =>
    {
        _own = _active = Stream(40_000);
        for (var round = 0; round < 20; round++)
        {
            Begin(Ends.V4);
            Interleave(new Random((1000 * seed) + round));
            AssertSame();
            Assert.AreEqual((first + 40_000, first + 40_000), (Kept(Ends.V4).Own.Next, Kept(Ends.V4).Active.Next));
        }
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_byte_that_differs_is_found_when_both_have_said_it(Ends ends) => With(5001, ends, () =>
    {
        foreach (var place in new[] { 0, 1, 6, 7, 8, 63, 98, 99 })
        {
            foreach (var activeFirst in new[] { true, false })
            {
                Begin(ends);
                _active = Stream(200);
                _own = [.. _active];
                _own[place] ^= 0x20;
                Say(ends, isOwn: !activeFirst, 0, 100);
                AssertSame(ends);
                var outcome = Say(ends, isOwn: activeFirst, 0, 100);
                AssertDiffers(ends, 5101, $"byte {place}");
                outcome.AssertCounted(activeFirst ? ["difference", "silenced"] : ["difference", "server_copy_read"]);
                Say(ends, isOwn: true, 100, 200);
                Say(ends, isOwn: false, 100, 200);
                Assert.IsEmpty(_rig.TakeReports(), "once");
            }
        }
    });

    [TestMethod]
    public void Where_everything_is_compared_no_block_is_left_out() => With(5001, () =>
    {
        for (var block = 0; block < 12; block++)
        {
            Begin(Ends.V4);
            _rig.Digests.Set(Ends.V4.Key, Fresh(_first) with { All = 1 });
            _active = Stream(12 * Digest.BlockBytes);
            _own = [.. _active];
            _own[(block * Digest.BlockBytes) + 77] ^= 1;
            SayBoth(0, _own.Length);
            Assert.IsTrue(Flags().HasFlag(ReplicaFlags.Differs), $"block {block}");
        }
    });

    [TestMethod]
    public void Answers_in_another_order_are_found() => With(5001, () =>
    {
        _active = ":4\r\n:5\r\n:6\r\n:7\r\n"u8.ToArray();
        _own = ":6\r\n:7\r\n:4\r\n:5\r\n"u8.ToArray();
        Say(isOwn: false, 0, 16);
        Say(isOwn: true, 0, 16);
        AssertDiffers(Ends.V4, 5017);
    });

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Answers_of_other_lengths_are_found(bool ownIsLonger) => With(5001, () =>
    {
        _active = "n=9\r\nn=9\r\n"u8.ToArray();
        _own = "n=10\r\nn=11\r\n"u8.ToArray();
        if (!ownIsLonger)
        {
            (_own, _active) = (_active, _own);
        }
        Say(ownIsLonger, 0, 6);
        AssertSame();
        Say(!ownIsLonger, 0, 5);
        AssertDiffers(Ends.V4, 5004, "before anybody asks again: the active node may die now");
    });

    [TestMethod]
    [DataRow(0x80)]
    [DataRow(0x20)]
    [DataRow(0x01)]
    public void The_same_change_at_the_top_of_two_words_is_found(int change) => With(5000, () =>
    {
        _active = Stream(80);
        _own = [.. _active];
        _own[7] ^= (byte)change;
        for (var other = 15; other < 80; other += 8)
        {
            Begin(Ends.V4);
            _own[other] ^= (byte)change;
            SayBoth(0, 80);
            AssertDiffers(Ends.V4, 5080, $"bytes 7 and {other}");
            _own[other] ^= (byte)change;
        }
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_greeting_may_differ_until_the_client_has_read_it_and_speaks(Ends ends) => With(5001, ends, () =>
    {
        _active = Stream(300);
        _own = [.. _active];
        _own[50] ^= 1;
        _rig.Digests.Set(ends.Key, Fresh(5001 + Greeting));
        Speak(ends, ack: 5001);
        Say(ends, isOwn: true, 0, 100);
        Say(ends, isOwn: false, 0, 100);
        Speak(ends, ack: 5101);
        Assert.IsTrue(_rig.Replicas.TryGet(ends.Key, out var replica));
        Assert.AreEqual(ReplicaFlags.Confirmed | ReplicaFlags.Greeted, replica.Flags);
        _own[250] ^= 1;
        Say(ends, isOwn: true, 100, 200);
        Say(ends, isOwn: false, 100, 200);
        Assert.IsEmpty(_rig.TakeReports());
        Say(ends, isOwn: false, 200, 300);
        Say(ends, isOwn: true, 200, 300);
        Assert.AreEqual(5301u, _rig.TakeReports().Single().Release);
    });

    [TestMethod]
    public void A_greeting_has_an_end_also_when_the_client_is_silent() => With(5001, () =>
    {
        _active = Stream(3000);
        _own = [.. _active];
        _own[Greeting - 1] ^= 1;
        _rig.Digests.Set(Ends.V4.Key, Fresh(5001 + Greeting));
        SayBoth(0, 2000);
        AssertSame();
        _own[2500] ^= 1;
        SayBoth(2000, 3000);
        AssertDiffers(Ends.V4, 8001);
    });

    [TestMethod]
    public void What_comes_with_a_close_that_is_held_is_compared() => With(5001, () =>
    {
        _active = Stream(100);
        _own = [.. _active];
        _own[99] ^= 1;
        Say(isOwn: true, 0, 100);
        var last = Ends.V4.FromService().Seq(5001).Ack(1001).Fin().Payload(_active).Marked();
        _rig.Run(NodeRig.Ingress, last.ToBytes());
        AssertDiffers(Ends.V4, 5101);
    });

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void One_that_is_far_behind_is_compared_when_it_comes_there(bool ownIsAhead) => With(4096, () =>
    {
        const int Length = 60_000;
        _active = Stream(Length);
        _own = [.. _active];
        _own[100] ^= 1;
        SayAll(ownIsAhead, 0, Length);
        AssertSame();
        SayAll(!ownIsAhead, 0, MostPayload);
        AssertSame();
        SayAll(!ownIsAhead, MostPayload, 2 * MostPayload);
        AssertDiffers(Ends.V4, 8192, "the first block");
    });

    /// <summary>All of this takes milliseconds, and a block is summed up five times in each.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Of_a_stream_that_is_too_fast_blocks_are_compared_now_and_then(bool ownIsAhead) => With(4096, () =>
    {
        const int Length = 200_000;
        _active = Stream(Length);
        _own = [.. _active.Select((value, i) => (byte)(i < Length / 2 ? value : value ^ 1))];
        SayAll(ownIsAhead, 0, Length);
        SayAll(!ownIsAhead, 0, Length / 2);
        AssertSame();
        SayAll(!ownIsAhead, Length / 2, Length);
        Assert.AreEqual(ReplicaFlags.Confirmed | ReplicaFlags.Differs, Flags());
    });

    [TestMethod]
    public void Behind_a_copy_that_was_lost_both_begin_anew() => With(5001, () =>
    {
        _active = Stream(1000);
        _own = [.. _active];
        _own[150] ^= 1;
        Say(isOwn: true, 0, 300);
        Say(isOwn: false, 0, 100);
        Say(isOwn: false, 200, 300); // what lies between was lost
        AssertSame();
        _own[350] ^= 1;
        Say(isOwn: false, 300, 400);
        Say(isOwn: true, 300, 400);
        AssertDiffers(Ends.V4, 5401);
        Assert.AreEqual(2u, Kept(Ends.V4).Begun, "behind the gap, and behind the difference");
    });

    [TestMethod]
    public void What_one_side_has_not_said_when_both_begin_anew_is_left_out() => With(5001, () =>
    {
        _active = Stream(1000);
        _own = [.. _active];
        _own[210] ^= 1;
        Say(isOwn: true, 0, 50);
        Say(isOwn: false, 200, 300);
        Say(isOwn: true, 50, 260);
        Say(isOwn: true, 260, 400);
        Say(isOwn: false, 300, 400);
        AssertSame();
    });

    [TestMethod]
    public void A_difference_is_forgotten_when_both_have_agreed_for_long() => With(5001, () =>
    {
        const int Healed = 1024;
        _active = Stream(5000);
        _own = [.. _active];
        _own[50] ^= 1;
        SayBoth(0, 100);
        AssertDiffers(Ends.V4, 5101);
        SayBoth(100, 100 + Healed - 1);
        Assert.AreEqual(ReplicaFlags.Confirmed | ReplicaFlags.Differs, Flags());
        SayBoth(100 + Healed - 1, 100 + Healed);
        AssertSame();
        _own[2000] ^= 1;
        SayBoth(100 + Healed, 3000);
        AssertDiffers(Ends.V4, 8001, "the next one counts as much");
    });

    [TestMethod]
    public void One_that_has_left_out_an_answer_does_not_agree_again_by_giving_the_next() => With(5001, () =>
    {
        _active = _own = [.. Enumerable.Range(0, 1000).SelectMany(static _ => "+OK\r\n"u8.ToArray())];
        SayBoth(0, 5);
        Say(isOwn: false, 5, 10);
        var waits = Ends.V4.FromClient().Seq(1001).Ack(5011).Payload(10);
        _rig.State = NodeRig.Silent with { TapIfindex = 1 };
        Assert.AreEqual(Verdict.Ok, _rig.Run(NodeRig.Ingress, waits.From(new MacAddress(2, 0, 0, 0, 0, 3)).ToBytes()).Verdict);
        SayBoth(5, 3000);
        Assert.IsTrue(Flags().HasFlag(ReplicaFlags.Differs));

        Speak(Ends.V4, 8001);
        SayBoth(3000, 4800);
        Assert.IsFalse(Flags().HasFlag(ReplicaFlags.Differs), "it had said all when its client spoke");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void With_a_segment_that_waits_for_an_answer_comes_the_answer(Ends ends) => With(5001, ends, () =>
    {
        _active = [.. Stream(100).Select(static value => (byte)('a' + (value % 26)))];
        Say(ends, isOwn: false, 0, 100);
        var waits = ends.FromClient().Seq(1001).Ack(5101).Payload(10).ToBytes();
        Assert.AreEqual(Verdict.Stolen, _rig.Run(NodeRig.Ingress, waits).Verdict);
        Assert.AreEqual((Encoding.ASCII.GetString(_active[52..]), 5101u), _rig.TakeReports().Single().Told);
    });

    [TestMethod]
    public void Differences_that_come_again_and_again_are_not_forgotten() => With(5001, () =>
    {
        _active = Stream(20_000);
        _own = [.. _active];
        for (var at = 0; at < _own.Length; at += 1000)
        {
            _own[at] ^= 1;
            SayBoth(at, at + 1000);
            Assert.AreEqual(ReplicaFlags.Confirmed | ReplicaFlags.Differs, Flags());
            Assert.HasCount(at == 0 ? 1 : 0, _rig.TakeReports(), "told once");
        }
    });

    [TestMethod]
    public void What_was_lost_is_not_agreed_upon() => With(5001, () =>
    {
        _active = Stream(3000);
        _own = [.. _active];
        _own[50] ^= 1;
        SayBoth(0, 100);
        Say(isOwn: true, 100, 1600);
        Say(isOwn: false, 1500, 1600);
        SayBoth(1600, 2600);
        Assert.AreEqual(ReplicaFlags.Confirmed | ReplicaFlags.Differs, Flags());
        SayBoth(2600, 2700);
        Assert.AreEqual(ReplicaFlags.Confirmed, Flags());
    });

    [TestMethod]
    public void What_is_said_again_counts_once() => With(5001, () =>
    {
        _own = _active = Stream(9000);
        SayAll(true, 0, 5000);
        SayAll(true, 1000, 4000);
        SayAll(false, 0, 5000);
        SayAll(false, 4999, 5000);
        SayAll(false, 4000, 6000);
        SayAll(true, 3000, 6000);
        AssertSame();
        Assert.AreEqual((5001u + 6000, 5001u + 6000), (Kept(Ends.V4).Own.Next, Kept(Ends.V4).Active.Next));
    });

    [TestMethod]
    public void The_end_of_what_each_has_said_is_kept_for_people() => With(5001, () =>
    {
        _own = "what the replica says, and more than is kept of it altogether"u8.ToArray();
        _active = "what the original says"u8.ToArray();
        SayAll(true, 0, _own.Length);
        SayAll(false, 0, _active.Length);
        var digest = Kept(Ends.V4);
        ReadOnlySpan<byte> own = digest.Own.Last, active = digest.Active.Last;
        Assert.IsTrue(own[..digest.Own.LastLength].SequenceEqual(_own.AsSpan()[^Digest.LastBytes..]));
        Assert.IsTrue(active[..digest.Active.LastLength].SequenceEqual(_active));
        Assert.AreEqual(5001u + (uint)_active.Length, digest.Active.LastEnd);
    });

    [TestMethod]
    public void Another_connection_of_the_same_ends_is_not_compared() => With(5001, () =>
    {
        _rig.Digests.Set(Ends.V4.Key, Fresh(5001) with { ClientIsn = 1 });
        _active = Stream(100);
        _own = Stream(101)[1..];
        Say(isOwn: true, 0, 100);
        Say(isOwn: false, 0, 100);
        AssertSame();
    });

    [TestMethod]
    [DataRow(5432, false)]
    [DataRow(Services.Carried, true)]
    public void After_a_takeover_one_that_differs_is_heard_only_where_its_owner_wants_it(int port, bool isHeard)
    {
        var ends = Ends.V4 with { Service = new(Ends.V4.Service.Address, port) };
        With(5001, ends, () =>
        {
            _own = Stream(100);
            _rig.Replicas.Set(ends.Key, Given.Replica with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.Differs });
            _rig.State = NodeRig.TookOver;
            var outcome = Say(ends, isOwn: true, 0, 100);
            Assert.AreEqual(isHeard ? Verdict.Ok : Verdict.Stolen, outcome.Verdict);
            outcome.AssertCounted(isHeard ? "spoken" : "muted");
            outcome = _rig.Run(NodeRig.Egress, ends.FromService().Seq(5101).Ack(1001).Rst().ToBytes());
            Assert.AreEqual(isHeard ? Verdict.Ok : Verdict.Stolen, outcome.Verdict, "nor does it reset a client that its node may want to keep waiting");
        });
    }

    [TestMethod]
    public void What_the_active_node_had_said_before_it_died_is_compared_after_the_takeover() => With(5001, () =>
    {
        _active = Stream(200);
        _own = [.. _active];
        _own[150] ^= 1;
        Say(isOwn: false, 0, 200);
        Say(isOwn: true, 0, 100);
        _rig.State = NodeRig.TookOver;
        var outcome = Say(isOwn: true, 100, 200);
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        AssertDiffers(Ends.V4, 5201);
        outcome.AssertCounted("difference", "muted");
    });

    [TestMethod]
    public void A_segment_that_goes_on_where_the_dead_node_had_stopped_is_judged_before_it_leaves() => With(5001, () =>
    {
        _active = Stream(200);
        _own = Stream(1000);
        _own[150] ^= 1;
        Say(isOwn: false, 0, 200);
        _rig.State = NodeRig.TookOver;
        var outcome = Say(isOwn: true, 0, 1000);
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        AssertDiffers(Ends.V4, 5201);
    });

    [TestMethod]
    [DataRow(100, 200, DisplayName = "in one segment")]
    [DataRow(100, 170, DisplayName = "in two")]
    [DataRow(180, 181, DisplayName = "byte by byte")]
    public void What_the_dead_node_had_said_last_is_compared_though_copies_before_it_were_lost(int from, int to) => With(5001, () =>
    {
        _active = Stream(300);
        _own = [.. _active];
        _own[180] ^= 1;
        Say(isOwn: false, 0, 50);
        Say(isOwn: false, 150, 200);
        Say(isOwn: true, 0, from);
        _rig.State = NodeRig.TookOver;
        var outcome = Say(isOwn: true, from, to);
        if (to <= 180)
        {
            Assert.AreEqual(Verdict.Ok, outcome.Verdict);
            AssertSame();
            outcome = Say(isOwn: true, to, 200);
        }
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        AssertDiffers(Ends.V4, 5182);
        outcome.AssertCounted("difference", "muted");
    });

    [TestMethod]
    public void What_is_said_between_crash_and_takeover_is_compared_though_copies_were_lost() => With(5001, () =>
    {
        _active = Stream(300);
        _own = [.. _active];
        _own[180] ^= 1;
        Say(isOwn: false, 0, 50);
        Say(isOwn: false, 150, 200);
        Say(isOwn: true, 0, 200);
        AssertDiffers(Ends.V4, 5182);
        _rig.State = NodeRig.TookOver;
        Assert.AreEqual(Verdict.Stolen, Say(isOwn: true, 200, 300).Verdict);
    });

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void One_that_is_ahead_and_says_the_same_does_not_differ(bool ownIsAhead) => With(5001, () =>
    {
        _own = _active = Stream(300);
        for (var at = 0; at < 300; at += 60)
        {
            Say(ownIsAhead, at, at + 60);
            Say(!ownIsAhead, at, at + 25);
            Say(!ownIsAhead, at + 25, at + 59);
            Say(!ownIsAhead, at + 59, at + 60);
        }
        AssertSame();
    });

    [TestMethod]
    public void One_that_says_the_same_at_last_is_heard_though_copies_were_lost() => With(5001, () =>
    {
        _own = _active = Stream(300);
        Say(isOwn: false, 0, 50);
        Say(isOwn: false, 150, 200);
        Say(isOwn: true, 0, 100);
        _rig.State = NodeRig.TookOver;
        Assert.AreEqual(Verdict.Ok, Say(isOwn: true, 100, 300).Verdict);
        AssertSame();
    });

    [TestMethod]
    public void Neither_what_was_said_before_nor_a_greeting_is_compared_with_what_the_dead_node_had_said_last() => With(5001, () =>
    {
        _active = Stream(200);
        _own = [.. _active.Select(b => (byte)(b ^ 1))];
        _rig.Digests.Set(Ends.V4.Key, Fresh(5101) with { From = 5101 });
        Say(isOwn: false, 0, 90);
        _rig.State = NodeRig.TookOver;
        Assert.AreEqual(Verdict.Ok, Say(isOwn: true, 0, 90).Verdict);
        AssertSame();

        _rig.Digests.Set(Ends.V4.Key, Kept(Ends.V4) with { From = 5001 });
        Assert.AreEqual(Verdict.Ok, Say(isOwn: true, 50, 90).Verdict);
        AssertSame();
    });

    [TestMethod]
    public void What_the_dead_node_had_said_last_is_nothing_to_what_is_said_there_4_GiB_later() => With(5001, () =>
    {
        _active = Stream(200);
        _own = [.. _active.Select(b => (byte)(b ^ 1))];
        Say(isOwn: false, 0, 200);
        for (var gigabytes = 1u; gigabytes <= 5; gigabytes++)
        {
            // As if all between had been said.
            var at = 5001 + 100 + (gigabytes << 30);
            Assert.IsTrue(_rig.Replicas.TryGet(Ends.V4.Key, out var replica));
            _rig.Replicas.Set(Ends.V4.Key, replica with { Sent = at, ClientAck = at });
            _rig.Digests.Set(Ends.V4.Key, Kept(Ends.V4) with { Own = Kept(Ends.V4).Own with { LastEnd = at } });
            _rig.State = NodeRig.TookOver;
            _first = at - 100;
            Assert.AreEqual(Verdict.Ok, Say(isOwn: true, 100, 200).Verdict);
            AssertSame();
        }
        Assert.AreEqual(Kept(Ends.V4).Own.LastEnd, Kept(Ends.V4).Active.LastEnd);
    });

    [TestMethod]
    public void After_that_the_node_says_what_it_likes() => With(5001, () =>
    {
        _own = _active = Stream(300);
        Say(isOwn: false, 0, 200);
        Say(isOwn: true, 0, 200);
        _rig.State = NodeRig.TookOver;
        Assert.AreEqual(Verdict.Ok, Say(isOwn: true, 200, 300).Verdict);
        AssertSame();
        Assert.AreEqual(5201u, Kept(Ends.V4).Own.Next, "nobody is there to compare it with");
    });

    /// <summary>Both say all, in segments of any size, now the one and now the other.</summary>
    private void Interleave(Random random)
    {
        var (own, active) = (0, 0);
        while (own < _own.Length || active < _active.Length)
        {
            var isOwn = active >= _active.Length || (own < _own.Length && random.Next(2) == 0);
            ref var at = ref isOwn ? ref own : ref active;
            var length = Math.Min(_own.Length - at, 1 + random.Next(random.Next(2) == 0 ? 20 : MostPayload));
            Say(isOwn, at, at + length);
            at += length;
            if (random.Next(3) == 0)
            {
                _rig.Digests.Set(Ends.V4.Key, Kept(Ends.V4) with { SummedNs = 0 }); // time passes
            }
        }
    }

    private void SayAll(bool isOwn, int from, int to)
    {
        for (; from < to; from += MostPayload)
        {
            Say(isOwn, from, Math.Min(to, from + MostPayload));
        }
    }

    private void SayBoth(int from, int to)
    {
        SayAll(true, from, to);
        SayAll(false, from, to);
    }

    private static ReplicaFlags Flags()
    {
        Assert.IsTrue(_rig.Replicas.TryGet(Ends.V4.Key, out var replica));
        return replica.Flags;
    }

    private Outcome Say(bool isOwn, int from, int to) => Say(Ends.V4, isOwn, from, to);

    private Outcome Say(Ends ends, bool isOwn, int from, int to)
    {
        var packet = ends.FromService().Seq(_first + (uint)from).Ack(1001).Payload((isOwn ? _own : _active)[from..to]);
        return _rig.Run(isOwn ? NodeRig.Egress : NodeRig.Ingress, packet.ToBytes());
    }

    /// <summary>The client says something, and has read so much.</summary>
    private static void Speak(Ends ends, uint ack)
    {
        Assert.IsTrue(_rig.Replicas.TryGet(ends.Key, out var replica));
        Assert.AreEqual(Verdict.Ok, _rig.Run(NodeRig.Ingress, ends.FromClient().Seq(replica.ClientNext).Ack(ack).Payload(10).ToBytes()).Verdict);
    }

    private void With(uint first, Action test) => With(first, Ends.V4, test);

    private void With(uint first, Ends ends, Action test) => NetworkNamespaceScope.Run(() =>
    {
        _first = first;
        Begin(ends);
        test();
    });

    private void Begin(Ends ends)
    {
        _rig.Reset();
        _rig.Replicas.Set(ends.Key, Given.Replica with { Sent = _first, ActiveNext = _first, ClientAck = _first });
        _rig.Digests.Set(ends.Key, Fresh(_first));
    }

    private Digest Fresh(uint from) => new()
    {
        ClientIsn = Given.ClientIsn,
        First = _first,
        Own = new Digest.Side { Next = from, IsSummed = 1, LastEnd = _first },
        Active = new Digest.Side { Next = from, IsSummed = 1, LastEnd = _first },
    };

    private static Digest Kept(Ends ends)
    {
        Assert.IsTrue(_rig.Digests.TryGet(ends.Key, out var digest));
        return digest;
    }

    private static void AssertSame() => AssertSame(Ends.V4);

    private static void AssertSame(Ends ends)
    {
        Assert.IsTrue(_rig.Replicas.TryGet(ends.Key, out var replica));
        Assert.AreEqual((ReplicaFlags.Confirmed, 0u), (replica.Flags, Kept(ends).Differs));
        Assert.IsEmpty(_rig.TakeReports());
    }

    private static void AssertDiffers(Ends ends, uint end, string because = "")
    {
        Assert.IsTrue(_rig.Replicas.TryGet(ends.Key, out var replica));
        Assert.AreEqual((ReplicaFlags.Confirmed | ReplicaFlags.Differs, 1u), (replica.Flags, Kept(ends).Differs), because);
        Assert.AreEqual(new HeldReport(ReportKind.Difference, end, 0, ends.Key, ""), _rig.TakeReports().Single(), because);
    }

    private static byte[] Stream(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 131) ^ (i >> 8) ^ (i >> 3)))];
}
