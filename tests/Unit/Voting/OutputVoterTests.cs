using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording.Voting;
using Appliance.Recording;

namespace Appliance.Tests.Unit.Voting;

/// <summary>How much of what nodes say passes, when they have to say the same.</summary>
[TestClass]
public sealed class OutputVoterTests : IDisposable
{
    /// <summary>Wraps after ten bytes.</summary>
    private const uint First = unchecked((uint)-10);

    private const uint Both = 0b11;
    private const int Window = 100_000;

    private readonly ChunkPool _pool = new(1 << 20);
    private readonly OutputVoter _voter;
    private readonly List<byte> _passed = [];
    private ulong _now = 1_000_000_000;

    public OutputVoterTests() => _voter = new OutputVoter(_pool, First, nodes: 3, Window);

    public void Dispose() => _voter.Dispose();

    [TestMethod]
    public void Nothing_passes_until_it_is_known_who_has_to_agree()
    {
        Say(0, 0, 100);
        Say(1, 0, 100);
        Passes(0);
        Assert.AreNotEqual(0UL, _voter.WaitingSinceNs);
        _voter.Ask(VoiceMode.Agreed, Both, active: 0);
        Passes(100);
        Assert.AreEqual(0UL, _voter.WaitingSinceNs);
    }

    [TestMethod]
    public void What_both_have_said_passes_whatever_the_pieces()
    {
        Ask();
        Say(0, 0, 1000);
        Passes(0);
        Say(1, 0, 300);
        Passes(300);
        Say(1, 300, 1700);
        Passes(1000);
        Say(0, 1000, 3000);
        Passes(1700);
        Assert.AreEqual(0, Passed(), "nothing twice");
        Assert.AreEqual(Sequence(1700), _voter.Given);
    }

    [TestMethod]
    public void A_gap_is_waited_for()
    {
        Ask();
        Say(0, 0, 300);
        Say(1, 100, 300);
        Passes(0);
        Say(1, 0, 100);
        Passes(300);
    }

    [TestMethod]
    public void What_is_repeated_counts_once()
    {
        Ask();
        Say(0, 0, 100);
        Say(0, 0, 100);
        Say(0, 50, 150);
        Say(1, 0, 100);
        Say(1, 0, 150);
        Passes(150);
        Assert.AreEqual(0, Passed());
    }

    [TestMethod]
    [DataRow(0, 5000)]
    [DataRow(4095, 5000)]
    [DataRow(4096, 5000)]
    [DataRow(4999, 5000)]
    public void A_byte_that_differs_does_not_pass_and_nothing_behind_it(int at, int length)
    {
        Ask();
        Say(0, 0, length);
        Say(1, 0, length, flip: at);
        Passes(at);
        var difference = _voter.Difference!;
        Assert.AreEqual((Sequence(at), 0, 1), (difference.Sequence, difference.Node, difference.Other));
        Assert.AreEqual(ByteAt(at), difference.Bytes[0]);
        Assert.AreEqual((byte)(ByteAt(at) ^ 1), difference.OtherBytes[0]);
        Assert.HasCount(Math.Min(OutputDifference.MostBytes, length - at), difference.Bytes);
        Say(0, length, length + 100);
        Say(1, length, length + 100);
        Passes(at);
        Assert.AreEqual(0UL, _voter.WaitingSinceNs, "nobody is waited for");
    }

    [TestMethod]
    public void Whoever_carries_the_risk_goes_on_with_the_active_node()
    {
        Ask();
        Say(0, 0, 100);
        Say(1, 0, 100, flip: 50);
        Passes(50);
        _voter.Ask(VoiceMode.Active, Both, active: 0);
        Passes(100);
    }

    [TestMethod]
    [DataRow(0, DisplayName = "with the last bytes")]
    [DataRow(100, DisplayName = "alone")]
    public void The_end_of_the_stream_passes_after_all_that_comes_before_it(int from)
    {
        Ask();
        Say(0, 0, 100);
        Say(0, from, 100, fin: true);
        Assert.AreEqual(0L, _voter.Decide(_now, out _));
        Say(1, 0, 60);
        Assert.AreEqual(60L, _voter.Decide(_now, out var fin));
        Assert.IsFalse(fin);
        _voter.Pass(60, _now);
        Say(1, 60, 100);
        Assert.AreEqual(41L, _voter.Decide(_now, out fin));
        Assert.IsTrue(fin);
        _voter.Pass(41, _now);
        Assert.AreEqual(0L, _voter.Decide(_now, out _));
        Assert.IsNull(_voter.Difference);
        Assert.AreEqual(0UL, _voter.WaitingSinceNs);
    }

    [TestMethod]
    public void The_end_of_a_stream_waits_until_it_is_known_who_has_to_agree()
    {
        Say(0, 0, 0, fin: true);
        Assert.AreEqual(0L, _voter.Decide(_now, out _));
        Assert.AreNotEqual(0UL, _voter.WaitingSinceNs);
        Ask();
        Assert.AreEqual(1L, _voter.Decide(_now, out var fin));
        Assert.IsTrue(fin);
    }

    [TestMethod]
    public void The_active_node_alone_ends_its_stream()
    {
        Ask();
        Say(0, 0, 100, fin: true);
        _voter.Ask(VoiceMode.Active, 0, active: 0);
        Assert.AreEqual(101L, _voter.Decide(_now, out var fin));
        Assert.IsTrue(fin);
    }

    [TestMethod]
    public void An_end_where_the_other_goes_on_is_a_difference()
    {
        Ask();
        Say(0, 0, 100, fin: true);
        Say(1, 0, 200);
        Passes(100);
        Assert.AreEqual(Sequence(100), _voter.Difference!.Sequence);
        Assert.IsEmpty(_voter.Difference.Bytes);
        Assert.HasCount(OutputDifference.MostBytes, _voter.Difference.OtherBytes);
    }

    [TestMethod]
    public void Three_have_to_agree_where_three_are_asked()
    {
        _voter.Ask(VoiceMode.Agreed, 0b111, active: 0);
        Say(0, 0, 100);
        Say(1, 0, 80);
        Passes(0);
        Say(2, 0, 90, flip: 60);
        Passes(60);
        Assert.AreEqual((0, 2), (_voter.Difference!.Node, _voter.Difference.Other));
    }

    [TestMethod]
    public void Whoever_is_not_asked_is_not_waited_for()
    {
        Ask();
        Say(2, 0, 100, flip: 3);
        Say(0, 0, 100);
        Say(1, 0, 100);
        Passes(100);
    }

    [TestMethod]
    public void The_active_node_alone_passes_what_it_had_said_before_and_nothing_of_others()
    {
        Ask();
        Say(0, 0, 100, flip: 30);
        Say(1, 0, 60);
        Passes(30);
        _voter.Ask(VoiceMode.Active, Both, active: 1);
        Passes(60);
        Say(0, 60, 200);
        Passes(60);
        Say(1, 60, 90);
        Passes(90);
    }

    [TestMethod]
    public void Nothing_passes_of_those_who_contradict_one_another()
    {
        Ask();
        Say(0, 0, 100);
        _voter.Ask(VoiceMode.Nobody, 0, active: 0);
        Say(1, 0, 100);
        Passes(0);
    }

    [TestMethod]
    public void What_the_programs_gave_the_client_meanwhile_is_passed_over()
    {
        Ask();
        Say(0, 0, 100);
        Say(0, 5000, 5100, given: 5000);
        Say(1, 5000, 5100, given: 5000);
        Assert.AreEqual(100, Passed());
        Assert.AreEqual(Sequence(5100), _voter.Given);
    }

    [TestMethod]
    public void What_got_lost_on_its_way_is_agreed_on_once_more()
    {
        Ask();
        Say(0, 0, 100);
        Say(1, 0, 100);
        Passes(100);
        Say(0, 0, 100, given: 0);
        Assert.AreEqual(0, Passed(), "it may be under way");
        _now += 60_000_000;
        Say(0, 0, 100, given: 0);
        Say(1, 0, 100, given: 0);
        Assert.AreEqual(100, Passed());
    }

    [TestMethod]
    public void Whoever_is_missed_is_known()
    {
        Ask();
        Say(1, 0, 100);
        Passes(0);
        Assert.IsFalse(_voter.IsActiveHeld, "it is the active node that says nothing");
        Say(0, 0, 200);
        Passes(100);
        Assert.AreEqual(0, Passed());
        Assert.IsTrue(_voter.IsActiveHeld);
    }

    [TestMethod]
    public void What_a_node_had_said_that_was_lost_does_not_count_for_its_successor()
    {
        Ask();
        Say(1, 0, 100, flip: 50);
        _voter.Ask(VoiceMode.Agreed, 0, active: 0);
        Say(0, 0, 100);
        Ask();
        Passes(0);
        Say(1, 0, 100);
        Passes(100);
    }

    [TestMethod]
    public void Until_it_is_known_who_is_active_all_that_waits_is_the_active_nodes()
    {
        Say(0, 0, 100);
        Assert.AreEqual(0L, _voter.Decide(_now, out _));
        Assert.IsTrue(_voter.IsActiveHeld);
    }

    [TestMethod]
    public void Without_room_it_is_said_again_and_the_memory_comes_back()
    {
        Ask();
        Assert.IsTrue(_voter.Take(0, Sequence(0), false, Bytes(0, Window), Sequence(0), _now));
        Assert.IsFalse(_voter.Take(0, Sequence(Window), false, Bytes(Window, Window + 1), Sequence(0), _now));
        Assert.IsTrue(_voter.Take(1, Sequence(0), false, Bytes(0, Window), Sequence(0), _now));
        Passes(Window);
        Assert.IsTrue(_voter.Take(0, Sequence(Window), false, Bytes(Window, Window + 1), Sequence(0), _now));
        _voter.Dispose();
        Assert.AreEqual(0L, _pool.UsedBytes);
    }

    [TestMethod]
    public void Whatever_the_pieces_and_their_order_the_stream_passes_once_and_unaltered()
    {
        const int Length = 200_000;
        for (var seed = 1; seed <= 30; seed++)
        {
            var random = new Random(seed);
            using var voter = new OutputVoter(_pool, First, nodes: 2, Window);
            voter.Ask(VoiceMode.Agreed, Both, active: 0);
            var sent = new[] { 0, 0 };
            var passed = 0L;
            while (passed < Length)
            {
                // Each node repeats from where the client stands, as after a loss, or goes on; never further ahead than its window.
                var node = random.Next(2);
                var given = (int)passed;
                var from = random.Next(10) == 0 ? given : Math.Max(given, sent[node] - random.Next(3) * random.Next(2000));
                var to = Math.Min(Math.Min(Length, given + Window), from + random.Next(1, 70_000));
                sent[node] = Math.Max(sent[node], to);
                if (to > from && random.Next(8) > 0)
                {
                    voter.Take(node, Sequence(from), false, Bytes(from, to), Sequence(given), _now += 100);
                }
                else if (random.Next(8) == 0)
                {
                    sent[node] = given;
                }
                while (voter.Decide(_now, out _) is > 0 and var length)
                {
                    var bytes = new byte[length];
                    voter.Read(0, bytes);
                    CollectionAssert.AreEqual(Bytes((int)passed, (int)(passed + length)), bytes, $"seed {seed} at {passed}");
                    passed += length;
                    voter.Pass(length, _now);
                }
            }
            Assert.IsNull(voter.Difference);
        }
        Assert.AreEqual(0L, _pool.UsedBytes);
    }

    private static byte ByteAt(int offset) => (byte)((offset * 31) ^ (offset >> 8) ^ (offset >> 16));

    private static byte[] Bytes(int from, int to) => [.. Enumerable.Range(from, to - from).Select(ByteAt)];

    private static uint Sequence(int offset) => unchecked(First + (uint)offset);

    private void Ask() => _voter.Ask(VoiceMode.Agreed, Both, active: 0);

    private void Say(int node, int from, int to, int flip = -1, bool fin = false, int? given = null)
    {
        var bytes = Bytes(from, to);
        if (flip >= from && flip < to)
        {
            bytes[flip - from] ^= 1;
        }
        Assert.IsTrue(_voter.Take(node, Sequence(from), fin, bytes, given is { } at ? Sequence(at) : _voter.Given, _now));
    }

    /// <summary>All that has passed until now, of a stream that is as it should be.</summary>
    private void Passes(int all)
    {
        Passed();
        Assert.HasCount(all, _passed);
        CollectionAssert.AreEqual(Bytes(0, all), _passed);
    }

    private int Passed()
    {
        var count = 0;
        while (_voter.Decide(_now, out var fin) is > 0 and var length && !fin)
        {
            var bytes = new byte[length];
            _voter.Read(0, bytes);
            _passed.AddRange(bytes);
            _voter.Pass(length, _now);
            count += bytes.Length;
        }
        return count;
    }
}
