using Appliance.Bpf.Layout;
using Appliance.Node;

namespace Appliance.Tests.Unit.Replication;

/// <summary>One request at a time. Connections are named by letters; requests have 10 bytes, and servers have said 5000 at the start.</summary>
[TestClass]
public sealed class SerialTurnsTests
{
    private const ulong Start = 1_000_000_000;

    private readonly List<string> _delivered = [];
    private readonly Dictionary<char, Standing> _standing = [];
    private readonly HashSet<char> _unread = [];
    private ulong _now = Start;

    [TestMethod]
    public void The_active_node_gets_the_next_when_the_one_before_is_answered()
    {
        var turns = Leading();
        foreach (var connection in "bca")
        {
            Ask(turns, connection, 100);
        }
        AssertDelivered("b100");
        turns.OnSent(Key('b'), 5001, _now);
        AssertDelivered("b100", "c100");
        turns.OnSent(Key('c'), 5001, _now);
        AssertDelivered("b100", "c100", "a100");
        Assert.AreEqual((0, 0L), (turns.Count, turns.Bytes));
    }

    [TestMethod]
    public void What_was_said_before_or_on_another_connection_is_no_answer()
    {
        var turns = Leading();
        Ask(turns, 'a', 100);
        Ask(turns, 'b', 100);
        turns.OnSent(Key('a'), 5000, _now);
        turns.OnSent(Key('b'), 5001, _now);
        AssertDelivered("a100");
    }

    [TestMethod]
    public void Pieces_of_a_request_go_together_and_before_what_came_between()
    {
        var turns = Leading();
        Ask(turns, 'a', 100, isPushed: false);
        Ask(turns, 'b', 100);
        Ask(turns, 'a', 110);
        AssertDelivered("a100", "a110");
        turns.OnSent(Key('a'), 5001, _now);
        AssertDelivered("a100", "a110", "b100");
    }

    [TestMethod]
    public void A_second_request_of_a_connection_waits_until_the_first_may_have_lacked_it()
    {
        var turns = Leading();
        Ask(turns, 'a', 100);
        Ask(turns, 'a', 110);
        Ask(turns, 'b', 100);
        AssertDelivered("a100");
        Pass(turns, SerialTurns.PieceNs - 1);
        AssertDelivered("a100");
        Pass(turns, 1);
        AssertDelivered("a100", "a110");
    }

    [TestMethod]
    public void What_has_no_answer_is_waited_for_once_until_its_connection_says_something()
    {
        var turns = Leading();
        Ask(turns, 'a', 100);
        Ask(turns, 'b', 100);
        Pass(turns, SerialTurns.LongestServingNs - 1);
        AssertDelivered("a100");
        Pass(turns, 1);
        AssertDelivered("a100", "b100");
        Ask(turns, 'a', 110);
        Ask(turns, 'c', 100);
        turns.OnSent(Key('b'), 5001, _now);
        AssertDelivered("a100", "b100", "a110", "c100");
        turns.OnSent(Key('a'), 5001, _now);
        turns.OnSent(Key('c'), 5001, _now);
        Ask(turns, 'a', 120, acknowledges: 5001);
        Ask(turns, 'b', 110, acknowledges: 5001);
        AssertDelivered("a100", "b100", "a110", "c100", "a120");
    }

    [TestMethod]
    public void Its_time_begins_when_the_server_has_read_it()
    {
        var turns = Leading();
        _unread.Add('a');
        Ask(turns, 'a', 100);
        Ask(turns, 'b', 100);
        Pass(turns, SerialTurns.LongestServingNs);
        _unread.Remove('a');
        Pass(turns, SerialTurns.LongestServingNs - 1);
        AssertDelivered("a100");
        Pass(turns, 1);
        AssertDelivered("a100", "b100");
    }

    [TestMethod]
    public void A_server_that_does_not_read_is_not_waited_for_for_ever()
    {
        var turns = Leading();
        _unread.Add('a');
        Ask(turns, 'a', 100);
        Ask(turns, 'b', 100);
        Pass(turns, SerialTurns.LongestReadingNs - 1);
        AssertDelivered("a100");
        Pass(turns, SerialTurns.LongestServingNs);
        AssertDelivered("a100", "b100");
    }

    [TestMethod]
    public void A_replica_gets_what_is_answered_in_the_order_of_the_answers()
    {
        var turns = Following();
        foreach (var connection in "abc")
        {
            Ask(turns, connection, 100);
        }
        AssertDelivered();
        turns.OnSaid(Key('c'), 5005, 110, _now);
        AssertDelivered("c100");
        turns.OnSaid(Key('a'), 5005, 110, _now);
        AssertDelivered("c100");
        Say(turns, 'c', 5005);
        AssertDelivered("c100", "a100");
        Say(turns, 'a', 5005);
        Assert.AreEqual(1, turns.Count);
    }

    [TestMethod]
    public void It_gets_all_that_was_answered_at_once()
    {
        var turns = Following();
        Ask(turns, 'a', 110);
        Ask(turns, 'a', 100);
        Ask(turns, 'a', 120);
        turns.OnSaid(Key('a'), 5005, 120, _now);
        AssertDelivered("a100", "a110");
    }

    [TestMethod]
    public void Of_an_answer_in_pieces_all_of_it_is_waited_for()
    {
        var turns = Following();
        Ask(turns, 'a', 100);
        Ask(turns, 'b', 100);
        turns.OnSaid(Key('a'), 5005, 110, _now);
        turns.OnSaid(Key('b'), 5005, 110, _now);
        Say(turns, 'a', 5004);
        AssertDelivered("a100");
        Say(turns, 'a', 5005);
        AssertDelivered("a100", "b100");
    }

    [TestMethod]
    public void What_servers_say_unasked_is_not_waited_for()
    {
        var turns = Following();
        Ask(turns, 'a', 100);
        turns.OnSaid(Key('c'), 5005, 110, _now);
        turns.OnSaid(Key('a'), 5005, 110, _now);
        AssertDelivered("a100");
    }

    [TestMethod]
    public void A_request_whose_copy_was_lost_is_waited_for()
    {
        var turns = Following();
        _standing['a'] = _standing['a'] with { Heard = 100 };
        Ask(turns, 'b', 100);
        turns.OnSaid(Key('a'), 5005, 110, _now);
        turns.OnSaid(Key('b'), 5005, 110, _now);
        Pass(turns, SerialTurns.LongestReadingNs - 1);
        AssertDelivered();
        Ask(turns, 'a', 100, isLate: true);
        AssertDelivered("a100");
        Say(turns, 'a', 5005);
        AssertDelivered("a100", "b100");
    }

    [TestMethod]
    public void One_that_is_not_repaired_is_gone_on_without()
    {
        var turns = Following();
        _standing['a'] = _standing['a'] with { Heard = 100 };
        Ask(turns, 'b', 100);
        turns.OnSaid(Key('a'), 5005, 110, _now);
        turns.OnSaid(Key('b'), 5005, 110, _now);
        Pass(turns, SerialTurns.LongestReadingNs);
        AssertDelivered("b100");
    }

    [TestMethod]
    public void What_the_active_node_has_had_for_long_goes_at_once()
    {
        var turns = Following();
        Ask(turns, 'b', 100);
        Ask(turns, 'a', 100, isLate: true);
        Ask(turns, 'a', 110, isLate: true);
        AssertDelivered("a100");
        Say(turns, 'a', 5001);
        AssertDelivered("a100", "a110");
    }

    [TestMethod]
    public void What_the_active_node_does_not_answer_goes_when_it_has_answered_what_came_later()
    {
        var turns = Following();
        Ask(turns, 'a', 100);
        Pass(turns, SerialTurns.LongestServingNs - 1);
        Ask(turns, 'b', 100);
        turns.OnSaid(Key('b'), 5005, 110, _now);
        Say(turns, 'b', 5005, heard: 120);
        AssertDelivered("b100");
        Pass(turns, 1);
        Ask(turns, 'b', 110);
        turns.OnSaid(Key('b'), 5010, 120, _now);
        Say(turns, 'b', 5010, heard: 120);
        AssertDelivered("b100", "b110", "a100");
    }

    [TestMethod]
    public void An_active_node_that_answers_nobody_is_not_waited_for_for_ever()
    {
        var turns = Following();
        Ask(turns, 'a', 100);
        Pass(turns, SerialTurns.LongestReadingNs - 1);
        AssertDelivered();
        Pass(turns, 1);
        AssertDelivered("a100");
        Say(turns, 'a', 5001);
        Ask(turns, 'a', 110);
        AssertDelivered("a100", "a110");
    }

    [TestMethod]
    public void Who_is_not_answered_is_not_waited_for_until_it_is()
    {
        var turns = Following();
        Ask(turns, 'a', 100);
        Ask(turns, 'b', 100);
        Pass(turns, SerialTurns.LongestReadingNs);
        Ask(turns, 'a', 110);
        Say(turns, 'a', 5001);
        AssertDelivered("a100", "b100");
        Say(turns, 'b', 5001);
        AssertDelivered("a100", "b100", "a110");
        turns.OnSaid(Key('a'), 5001, 120, _now);
        Ask(turns, 'a', 120);
        AssertDelivered("a100", "b100", "a110");
    }

    [TestMethod]
    public void A_replica_that_lags_may_yet_say_what_a_request_acknowledges()
    {
        var turns = Following();
        Ask(turns, 'a', 100, acknowledges: 5005);
        turns.OnSaid(Key('a'), 5010, 110, _now);
        AssertDelivered();
        Say(turns, 'a', 5005);
        AssertDelivered("a100");
    }

    [TestMethod]
    public void Of_one_that_differs_any_answer_will_do()
    {
        var turns = Following();
        Ask(turns, 'a', 100, acknowledges: 5005);
        Ask(turns, 'b', 100);
        _standing['a'] = _standing['a'] with { Differs = true };
        turns.OnSaid(Key('a'), 5010, 110, _now);
        turns.OnSaid(Key('b'), 5005, 110, _now);
        AssertDelivered("a100");
        Say(turns, 'a', 5006);
        AssertDelivered("a100", "b100");
    }

    [TestMethod]
    public void One_that_is_gone_is_not_waited_for()
    {
        var turns = Following();
        Ask(turns, 'a', 100);
        Ask(turns, 'b', 100);
        _standing['a'] = default(Standing) with { IsGone = true };
        turns.OnSaid(Key('a'), 5005, 110, _now);
        turns.OnSaid(Key('b'), 5005, 110, _now);
        AssertDelivered("a100", "b100");
    }

    /// <summary>Nobody has waited for it meanwhile.</summary>
    [TestMethod]
    public void The_time_of_what_has_no_answer_ends_also_where_nothing_else_comes()
    {
        var turns = Leading();
        Ask(turns, 'a', 100);
        for (var i = 0; i < 3; i++)
        {
            _now += SerialTurns.LongestServingNs;
            turns.Proceed(_now);
        }
        Ask(turns, 'b', 100);
        AssertDelivered("a100", "b100");
    }

    [TestMethod]
    public void Who_does_not_answer_is_remembered_for_a_while()
    {
        var turns = Leading();
        Pass(turns, 1);
        Ask(turns, 'a', 100);
        Pass(turns, SerialTurns.LongestServingNs);
        Ask(turns, 'a', 110);
        Ask(turns, 'b', 100);
        AssertDelivered("a100", "a110", "b100");
    }

    [TestMethod]
    public void However_late_it_is_looked_at_no_wait_is_longer_than_a_second()
    {
        var turns = Leading();
        Ask(turns, 'a', 100);
        Ask(turns, 'b', 100);
        for (var ns = 0UL; ns < SerialTurns.LongestReadingNs; ns += 10_000_000)
        {
            AssertDelivered("a100");
            _now += 10_000_000;
            turns.Proceed(_now);
        }
        AssertDelivered("a100", "b100");
    }

    [TestMethod]
    public void What_has_no_answer_goes_in_its_place_also_where_answers_wait()
    {
        var turns = Following();
        Ask(turns, 'a', 100);
        Pass(turns, SerialTurns.LongestServingNs);
        Ask(turns, 'b', 100);
        Ask(turns, 'c', 100);
        turns.OnSaid(Key('b'), 5005, 110, _now);
        turns.OnSaid(Key('c'), 5005, 110, _now);
        AssertDelivered("b100");
        Say(turns, 'b', 5005);
        AssertDelivered("b100", "a100");
        Say(turns, 'a', 5001);
        AssertDelivered("b100", "a100", "c100");
    }

    [TestMethod]
    public void What_was_lost_before_a_later_segment_takes_its_turn()
    {
        var turns = Leading();
        Ask(turns, 'a', 110);
        turns.OnSent(Key('a'), 5001, _now);
        Ask(turns, 'b', 100);
        Ask(turns, 'a', 100);
        AssertDelivered("a110", "b100");
        Ask(turns, 'a', 110);
        AssertDelivered("a110", "b100", "a110");
    }

    [TestMethod]
    public void After_a_takeover_a_replica_that_lags_may_yet_say_what_a_request_acknowledges()
    {
        var turns = Following();
        Ask(turns, 'a', 100, acknowledges: 5005);
        Ask(turns, 'b', 100);
        turns.IsLeading = true;
        turns.Proceed(_now);
        AssertDelivered();
        Say(turns, 'a', 5005);
        AssertDelivered("a100");
    }

    /// <summary>The server may have stood still as well.</summary>
    [TestMethod]
    public void While_nobody_looks_no_time_passes()
    {
        var turns = Leading();
        Ask(turns, 'a', 100);
        Ask(turns, 'b', 100);
        _now += 10 * SerialTurns.LongestServingNs;
        turns.Proceed(_now);
        Pass(turns, SerialTurns.LongestServingNs - 1);
        AssertDelivered("a100");
        Pass(turns, 1);
        AssertDelivered("a100", "b100");
    }

    [TestMethod]
    public void After_a_takeover_what_was_answered_goes_first_and_then_the_rest_as_it_came()
    {
        var turns = Following();
        foreach (var connection in "abc")
        {
            Ask(turns, connection, 100);
        }
        turns.OnSaid(Key('c'), 5005, 110, _now);
        turns.OnSaid(Key('b'), 5005, 110, _now);
        turns.IsLeading = true;
        turns.Proceed(_now);
        AssertDelivered("c100");
        Say(turns, 'c', 5005);
        AssertDelivered("c100", "b100");
        Say(turns, 'b', 5005);
        AssertDelivered("c100", "b100", "a100");
    }

    /// <summary>What a connection asks next comes after what the active node answered others in between.</summary>
    [TestMethod]
    public void After_a_takeover_nothing_overtakes_what_was_answered()
    {
        var turns = Following();
        Ask(turns, 'a', 100);
        turns.OnSaid(Key('a'), 5005, 110, _now);
        Ask(turns, 'b', 100);
        turns.OnSaid(Key('b'), 5005, 110, _now);
        Ask(turns, 'a', 110);
        turns.IsLeading = true;
        Pass(turns, SerialTurns.PieceNs);
        AssertDelivered("a100");
        Say(turns, 'a', 5005);
        Say(turns, 'b', 5005);
        AssertDelivered("a100", "b100", "a110");
    }

    [TestMethod]
    public void A_retransmission_is_held_once_and_goes_again_at_once_after_it_went()
    {
        var turns = Leading();
        Ask(turns, 'a', 100);
        Ask(turns, 'b', 100);
        Ask(turns, 'b', 100);
        Assert.AreEqual(1, turns.Count);
        Ask(turns, 'a', 100);
        AssertDelivered("a100", "a100");
        turns.OnSent(Key('a'), 5001, _now);
        Pass(turns, SerialTurns.MemoryNs);
        Ask(turns, 'a', 100);
        Ask(turns, 'b', 100);
        Ask(turns, 'c', 100);
        AssertDelivered("a100", "a100", "b100", "a100", "b100", "c100");
    }

    [TestMethod]
    public void What_waits_need_not_be_fetched_also_where_numbers_go_around_zero()
    {
        var turns = Following();
        Ask(turns, 'a', 2);
        Ask(turns, 'a', 0xffff_fff8);
        Assert.AreEqual(0xffff_fff8u, turns.NextSequence(Key('a'), received: 0xffff_fff0));
        Assert.AreEqual(2u, turns.NextSequence(Key('a'), received: 2));
        Assert.IsNull(turns.NextSequence(Key('a'), received: 12));
        Assert.IsNull(turns.NextSequence(Key('b'), received: 0));
    }

    [TestMethod]
    public void When_there_is_no_room_the_first_goes_without_having_waited()
    {
        var turns = Following(maxBytes: 2 * ClientSegments.Length);
        foreach (var connection in "abc")
        {
            Ask(turns, connection, 100);
        }
        AssertDelivered("a100");
        Assert.AreEqual((2, 2L * ClientSegments.Length), (turns.Count, turns.Bytes));
    }

    /// <summary>An active node, which has the connections itself.</summary>
    private SerialTurns Leading() => new(1 << 20, static _ => default, HasUnread, Take) { IsLeading = true };

    private SerialTurns Following(long maxBytes = 1 << 20)
    {
        foreach (var connection in "abc")
        {
            _standing[connection] = new Standing(IsGone: false, IsReplica: true, Differs: false, Sent: 5000, Heard: 110);
        }
        return new(maxBytes, key => _standing[(char)key.ClientPort], HasUnread, Take);
    }

    private bool HasUnread(FlowKey key) => _unread.Contains((char)key.ClientPort);

    private void Take(HeldSegment segment) => _delivered.Add($"{(char)segment.Key.ClientPort}{segment.Sequence}");

    private void Ask(SerialTurns turns, char connection, uint sequence, uint acknowledges = 5000, bool isPushed = true, bool isLate = false) =>
        turns.Add(ClientSegments.Held(connection, sequence, acknowledges, _now, isPushed), isLate, _now);

    /// <summary>A replica says something.</summary>
    private void Say(SerialTurns turns, char connection, uint upTo, uint heard = 110)
    {
        _standing[connection] = _standing[connection] with { Sent = upTo, Heard = heard };
        turns.OnSent(Key(connection), upTo, _now);
    }

    /// <summary>Time passes, and is looked at every millisecond.</summary>
    private void Pass(SerialTurns turns, ulong ns)
    {
        for (; ns > 0; ns -= Math.Min(ns, 1_000_000))
        {
            _now += Math.Min(ns, 1_000_000);
            turns.Proceed(_now);
        }
    }

    private void AssertDelivered(params string[] expected) => CollectionAssert.AreEqual(expected, _delivered, string.Join(" ", _delivered));

    private static FlowKey Key(char connection) => ClientSegments.Key(connection);
}
