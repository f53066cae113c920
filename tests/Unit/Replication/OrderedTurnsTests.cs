using Appliance.Bpf.Layout;
using Appliance.Node;

namespace Appliance.Tests.Unit.Replication;

/// <summary>In which order a replica's server gets what different clients send. Connections are named by letters; requests have 10 bytes.</summary>
[TestClass]
public sealed class OrderedTurnsTests
{
    private const ulong Start = 1_000_000_000;

    private readonly List<string> _delivered = [];
    private readonly Dictionary<char, uint> _sent = [];
    private ulong _now = Start;

    [TestMethod]
    public void Requests_go_in_the_order_in_which_they_came()
    {
        var turns = Turns();
        foreach (var connection in "bca")
        {
            Ask(turns, connection, 100);
        }
        AssertDelivered("b100", "c100", "a100");
        Assert.AreEqual((0, 0L), (turns.Count, turns.Bytes));
    }

    [TestMethod]
    public void What_acknowledges_output_waits_for_it_and_all_behind_it_wait_too()
    {
        var turns = Turns();
        Ask(turns, 'a', 100, acknowledges: 5005);
        Ask(turns, 'b', 100);
        Say(turns, 'a', 5004);
        AssertDelivered();
        Say(turns, 'a', 5005);
        AssertDelivered("a100", "b100");
    }

    [TestMethod]
    public void What_came_after_an_answer_to_another_waits_until_the_replica_has_given_that_answer()
    {
        var turns = Turns();
        Ask(turns, 'a', 100);
        turns.OnSaid(Key('a'), 5005, 0, _now);
        Ask(turns, 'b', 100);
        AssertDelivered("a100");
        Say(turns, 'a', 5005);
        AssertDelivered("a100", "b100");
    }

    [TestMethod]
    public void Answers_that_come_later_are_not_waited_for()
    {
        var turns = Turns();
        Ask(turns, 'a', 100, acknowledges: 5005);
        Ask(turns, 'b', 100);
        turns.OnSaid(Key('a'), 5010, 0, _now);
        turns.OnSaid(Key('b'), 5005, 0, _now);
        Say(turns, 'a', 5005);
        AssertDelivered("a100", "b100");
    }

    [TestMethod]
    public void An_answer_is_waited_for_by_the_first_that_came_after_it()
    {
        var turns = Turns();
        turns.OnSaid(Key('a'), 5005, 0, _now);
        Ask(turns, 'b', 100);
        Ask(turns, 'c', 100);
        AssertDelivered();
        Say(turns, 'a', 5005);
        AssertDelivered("b100", "c100");
    }

    [TestMethod]
    public void A_replica_that_falls_silent_is_waited_for_once_until_it_has_made_up()
    {
        var turns = Turns();
        Ask(turns, 'a', 100, acknowledges: 5005);
        Ask(turns, 'b', 100, acknowledges: 5005);
        Ask(turns, 'a', 110, acknowledges: 5005);
        Ask(turns, 'c', 100, acknowledges: 5005);
        Pass(turns, OrderedTurns.LongestWaitNs - 1);
        AssertDelivered();
        Pass(turns, 1);
        AssertDelivered("a100");
        Say(turns, 'b', 5005);
        AssertDelivered("a100", "b100", "a110");
    }

    [TestMethod]
    public void A_connection_without_a_replica_is_not_waited_for()
    {
        var turns = Turns();
        _sent.Remove('a');
        turns.OnSaid(Key('a'), 5005, 0, _now);
        Ask(turns, 'a', 100, acknowledges: 6000);
        Ask(turns, 'b', 100);
        AssertDelivered("a100", "b100");
    }

    /// <summary>The wait of one that comes to an empty queue begins then, and not when the last one went.</summary>
    [TestMethod]
    public void A_long_rest_is_no_wait()
    {
        var turns = Turns();
        Ask(turns, 'a', 100);
        Pass(turns, 10 * OrderedTurns.LongestWaitNs);
        Ask(turns, 'b', 100, acknowledges: 5005);
        turns.Proceed(_now);
        AssertDelivered("a100");
    }

    [TestMethod]
    public void A_retransmission_is_held_once_and_goes_again_after_it_went()
    {
        var turns = Turns();
        Ask(turns, 'a', 100, acknowledges: 5005);
        Ask(turns, 'a', 100, acknowledges: 5005);
        Assert.AreEqual(1, turns.Count);
        Say(turns, 'a', 5005);
        Ask(turns, 'a', 100);
        AssertDelivered("a100", "a100");
    }

    [TestMethod]
    public void What_waits_need_not_be_fetched_also_where_numbers_go_around_zero()
    {
        var turns = Turns();
        Ask(turns, 'a', 2, acknowledges: 5005);
        Ask(turns, 'a', 0xffff_fff8, acknowledges: 5005);
        Assert.AreEqual(0xffff_fff8u, turns.NextSequence(Key('a'), received: 0xffff_fff0));
        Assert.AreEqual(2u, turns.NextSequence(Key('a'), received: 2));
        Assert.IsNull(turns.NextSequence(Key('a'), received: 12));
        Assert.IsNull(turns.NextSequence(Key('b'), received: 0));
    }

    [TestMethod]
    public void When_there_is_no_room_the_first_goes_without_having_waited()
    {
        var turns = Turns(maxBytes: 2 * ClientSegments.Length);
        foreach (var connection in "abc")
        {
            Ask(turns, connection, 100, acknowledges: 5005);
        }
        AssertDelivered("a100");
        Assert.AreEqual((2, 2L * ClientSegments.Length), (turns.Count, turns.Bytes));
    }

    private OrderedTurns Turns(long maxBytes = 1 << 20)
    {
        foreach (var connection in "abc")
        {
            _sent[connection] = 5000;
        }
        return new(maxBytes, key => _sent.TryGetValue((char)key.ClientPort, out var sent) ? sent : null, Take);
    }

    private void Take(HeldSegment segment) => _delivered.Add($"{(char)segment.Key.ClientPort}{segment.Sequence}");

    private void Ask(OrderedTurns turns, char connection, uint sequence, uint acknowledges = 5000) =>
        turns.Add(ClientSegments.Held(connection, sequence, acknowledges, _now), isLate: false, _now);

    /// <summary>A replica says something.</summary>
    private void Say(OrderedTurns turns, char connection, uint upTo)
    {
        _sent[connection] = upTo;
        turns.Proceed(_now);
    }

    private void Pass(OrderedTurns turns, ulong ns)
    {
        _now += ns;
        turns.Proceed(_now);
    }

    private void AssertDelivered(params string[] expected) => CollectionAssert.AreEqual(expected, _delivered, string.Join(" ", _delivered));

    private static FlowKey Key(char connection) => ClientSegments.Key(connection);
}
