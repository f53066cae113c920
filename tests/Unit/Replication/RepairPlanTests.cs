using Appliance.Bpf.Layout;
using Appliance.Node.Repair;

namespace Appliance.Tests.Unit.Replication;

/// <summary>
/// What is done about a replica that lacks bytes. Numbers are stream offsets, which wrap as sequence numbers do; time is in
/// milliseconds since the first look.
/// </summary>
[TestClass]
public sealed class RepairPlanTests
{
    private const uint Kibi = 1024;
    private static readonly uint Wrap = unchecked((uint)-50);

    private readonly WatchedReplica _replica = new() { Replica = At(received: 0, clientNext: 0) };
    private ulong _arrivedNs;

    [TestMethod]
    [DataRow(0u, 0u, 0u)]
    [DataRow(100u, 0u, 100u, DisplayName = "the client's own number")]
    [DataRow(0u, 100u, 100u, DisplayName = "what the active node has acknowledged")]
    [DataRow(100u, 90u, 100u)]
    [DataRow(90u, 100u, 100u)]
    public void The_target_is_the_highest_byte_that_is_known_of(uint clientNext, uint activeAck, uint expected)
    {
        var replica = new Replica { ClientNext = Wrap + clientNext, ActiveAck = Wrap + activeAck };
        Assert.AreEqual(Wrap + expected, RepairPlan.Target(replica));
    }

    [TestMethod]
    public void A_replica_that_has_everything_lacks_nothing()
    {
        _replica.Replica = At(received: 100, clientNext: 100);
        Assert.IsFalse(Look(0));
        _replica.Replica = At(received: 100, clientNext: 90);
        Assert.IsFalse(Look(0));
    }

    [TestMethod]
    public void A_segment_may_be_on_its_way_for_a_millisecond()
    {
        _replica.Replica = At(received: 0, clientNext: 100);
        Assert.AreEqual(RepairAction.Wait, Next(10));
        Assert.AreEqual(RepairAction.Wait, Next(10.9));
        Assert.AreEqual(RepairAction.Probe, Next(11));
    }

    [TestMethod]
    public void Progress_gives_it_another_one()
    {
        _replica.Replica = At(received: 0, clientNext: 100);
        Next(10);
        _replica.Replica = At(received: 50, clientNext: 100);
        Assert.AreEqual(RepairAction.Wait, Next(11));
        Assert.AreEqual(RepairAction.Probe, Next(12));
        Assert.AreEqual(Ms(10), _replica.GapSinceNs, "it is the same gap");
    }

    [TestMethod]
    public void First_the_stack_is_asked_then_the_gateway()
    {
        _replica.Replica = At(received: 0, clientNext: 100);
        Next(10);
        Assert.AreEqual(RepairAction.Probe, Next(11));
        _replica.ProbedNs = Ms(11);
        Assert.AreEqual(RepairAction.Ask, Next(11));
        Assert.AreEqual(100u, Request(11));
        Assert.AreEqual(RepairAction.Wait, Next(11), "an answer is under way");
    }

    [TestMethod]
    public void An_answer_that_does_not_come_is_asked_for_again()
    {
        Lack(received: 0, clientNext: 100, at: 10);
        Request(12);
        Assert.AreEqual(RepairAction.Wait, Next(61.9));
        Assert.AreEqual(RepairAction.Ask, Next(62));
    }

    [TestMethod]
    public void While_others_are_answered_it_is_waited_for_in_turn()
    {
        Lack(received: 0, clientNext: 100, at: 10);
        Request(12);
        _arrivedNs = Ms(400);
        Assert.AreEqual(RepairAction.Wait, Next(449));
        Assert.AreEqual(RepairAction.Ask, Next(450), "nothing comes any more");
    }

    [TestMethod]
    public void What_is_held_for_its_time_does_not_end_the_wait_for_an_answer()
    {
        Lack(received: 0, clientNext: 100, at: 10);
        Request(12);
        Assert.IsFalse(Look(13, held: 0));
        _replica.Replica = At(received: 10, clientNext: 100);
        Look(14);
        _replica.ProbedNs = Ms(15);
        Assert.AreEqual(RepairAction.Wait, Next(16));
    }

    [TestMethod]
    public void Where_the_gateway_had_nothing_it_is_left_in_peace_for_a_while()
    {
        Lack(received: 0, clientNext: 100, at: 10);
        Request(12);
        RepairPlan.Answered(_replica, Wrap, Ms(13));
        Assert.AreEqual(RepairAction.Wait, Next(62));
        Assert.AreEqual(RepairAction.Ask, Next(63));
    }

    [TestMethod]
    public void What_was_received_during_an_answer_is_progress_also_when_it_was_seen_before()
    {
        Lack(received: 0, clientNext: 100_000, at: 10);
        Request(12);
        _replica.Replica = At(received: 500, clientNext: 100_000);
        Look(12.5);
        Answer(13);
        Assert.AreEqual(0ul, _replica.RestsUntilNs);
    }

    [TestMethod]
    public void A_stack_that_takes_nothing_is_left_in_peace_for_a_moment()
    {
        Lack(received: 0, clientNext: 100, at: 10);
        Request(12);
        Assert.IsFalse(RepairPlan.Answered(_replica, Wrap + 100, Ms(13)));
        Assert.AreEqual(RepairAction.Wait, Next(17.9));
        Assert.AreEqual(RepairAction.Ask, Next(18));
    }

    [TestMethod]
    public void A_stack_that_goes_on_taking_nothing_is_asked_more_and_more_rarely()
    {
        Lack(received: 0, clientNext: 100, at: 10);
        var pauses = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            Request(20);
            RepairPlan.Answered(_replica, Wrap + 100, Ms(20));
            pauses.Add((_replica.RestsUntilNs - Ms(20)) / 1e6);
        }
        CollectionAssert.AreEqual(new double[] { 5, 10, 20, 40, 40, 40 }, pauses);
        _replica.Replica = At(received: 50, clientNext: 100);
        Request(30);
        _replica.Replica = At(received: 60, clientNext: 100);
        Assert.IsTrue(RepairPlan.Answered(_replica, Wrap + 100, Ms(31)));
        Assert.AreEqual(0, _replica.Refusals);
    }

    [TestMethod]
    [DataRow(99L, 100L, true, DisplayName = "all that was asked for")]
    [DataRow(10L, 60L, true, DisplayName = "some of it")]
    [DataRow(0L, 0L, true, DisplayName = "nothing")]
    [DataRow(50L, 101L, false, DisplayName = "more")]
    [DataRow(-64L, 0L, false, DisplayName = "what was asked for before")]
    [DataRow(-64L, -1L, false)]
    public void An_answer_ends_where_the_request_says(long from, long end, bool expected)
    {
        Lack(received: 0, clientNext: 100, at: 10);
        Request(12);
        Assert.AreEqual(expected, RepairPlan.IsExpected(_replica, Wrap + (uint)from, Wrap + (uint)end));
        RepairPlan.Answered(_replica, Wrap, Ms(13));
        Assert.IsFalse(RepairPlan.IsExpected(_replica, Wrap + (uint)from, Wrap + (uint)end), "it was answered");
    }

    [TestMethod]
    public void A_full_stack_is_asked_now_and_then_whether_it_has_room()
    {
        Lack(received: 0, clientNext: 100, at: 10, window: 0);
        Assert.AreEqual(RepairAction.Wait, Next(13));
        Assert.AreEqual(RepairAction.Wait, Next(112));
        Assert.AreEqual(RepairAction.Probe, Next(112.1));
        _replica.ProbedNs = Ms(113);
        _replica.Replica = At(received: 0, clientNext: 100, window: 10);
        Assert.AreEqual(RepairAction.Ask, Next(113));
        Assert.AreEqual(10u, Request(113));
    }

    [TestMethod]
    public void No_more_is_asked_for_than_the_stack_takes()
    {
        Lack(received: 0, clientNext: 100_000, at: 10, window: 1234);
        Assert.AreEqual(1234u, Request(12));
        Assert.AreEqual(Wrap + 1234, _replica.AskedUpTo);
    }

    [TestMethod]
    public void A_gap_is_mostly_small_so_the_first_request_is()
    {
        Lack(received: 0, clientNext: 10_000_000, at: 10);
        Assert.AreEqual(64 * Kibi, Request(12));
    }

    [TestMethod]
    public void Where_nothing_waits_behind_the_answer_the_next_request_is_twice_as_large()
    {
        Lack(received: 0, clientNext: 100_000_000, at: 10);
        var received = 0u;
        for (var expected = 64 * Kibi; expected <= 1024 * Kibi; expected *= 2)
        {
            Assert.AreEqual(expected, Request(20));
            received += expected;
            _replica.Replica = At(received, clientNext: 100_000_000);
            Answer(20);
        }
        Assert.AreEqual(1024 * Kibi, Request(20), "that is the most");
    }

    [TestMethod]
    public void Where_more_was_waiting_the_next_request_is_small_again()
    {
        Lack(received: 0, clientNext: 100_000_000, at: 10);
        Request(12);
        _replica.Replica = At(received: 64 * Kibi, clientNext: 100_000_000);
        Answer(12);
        Request(12);
        _replica.Replica = At(received: 300 * Kibi, clientNext: 100_000_000);
        Answer(12);
        Assert.AreEqual(64 * Kibi, Request(12));
    }

    [TestMethod]
    public void When_nothing_is_missing_all_is_forgotten()
    {
        Lack(received: 0, clientNext: 1_000_000, at: 10);
        Request(12);
        _replica.Replica = At(received: 64 * Kibi, clientNext: 1_000_000);
        Answer(12);
        _replica.Replica = At(received: 1_000_000, clientNext: 1_000_000);
        Assert.IsFalse(Look(20));
        Assert.AreEqual((0ul, 0ul, 0ul, RepairPlan.FirstBytes), (_replica.LackingSinceNs, _replica.GapSinceNs, _replica.AskedNs, _replica.Appetite));
    }

    [TestMethod]
    [DataRow(0u, false, DisplayName = "the next byte itself is held")]
    [DataRow(1u, true, DisplayName = "one byte is missing before it")]
    [DataRow(100u, true, DisplayName = "what comes after the last byte is held")]
    public void What_is_held_for_its_time_is_not_lacking(uint held, bool expected)
    {
        _replica.Replica = At(received: 0, clientNext: 100);
        Assert.AreEqual(expected, Look(10, held));
    }

    [TestMethod]
    public void Only_what_is_missing_before_a_held_segment_is_asked_for()
    {
        Lack(received: 0, clientNext: 100, at: 10);
        Assert.AreEqual(30u, RepairPlan.Request(_replica, Wrap + 30, Ms(12)));
    }

    [TestMethod]
    public void Nothing_is_asked_for_that_is_gone()
    {
        Lack(received: 0, clientNext: 100, at: 10);
        _replica.IsGone = true;
        Assert.AreEqual(RepairAction.Wait, Next(10_000));
    }

    [TestMethod]
    public void What_is_gone_is_forgotten_when_the_replica_has_it_after_all()
    {
        Lack(received: 0, clientNext: 100, at: 10);
        _replica.IsGone = true;
        Next(13);
        _replica.Replica = At(received: 100, clientNext: 100);
        Look(20);
        Lack(received: 100, clientNext: 200, at: 30);
        Assert.AreEqual(RepairAction.Ask, Next(33));
    }

    [TestMethod]
    public void What_is_gone_is_forgotten_with_any_progress()
    {
        Lack(received: 0, clientNext: 200, at: 10);
        _replica.IsGone = true;
        Lack(received: 50, clientNext: 200, at: 30);
        Assert.AreEqual(RepairAction.Ask, Next(33));
    }

    [TestMethod]
    public void A_replica_whose_socket_has_not_appeared_lacks_nothing()
    {
        _replica.Replica = At(received: 0, clientNext: 100) with { Flags = ReplicaFlags.None };
        Assert.IsFalse(Look(10));
    }

    [TestMethod]
    public void After_an_answer_without_bytes_the_client_has_to_send_them_first()
    {
        Lack(received: 0, clientNext: 100, at: 10);
        Request(12);
        RepairPlan.Answered(_replica, Wrap, Ms(13));
        Assert.AreEqual(RepairAction.Wait, Next(62.9));
        Assert.AreEqual(RepairAction.Ask, Next(63));
    }

    [TestMethod]
    public void A_client_that_acknowledges_everything_has_a_known_position()
    {
        _replica.Replica = new Replica { Sent = 500, ClientAck = 500 };
        Assert.IsFalse(RepairPlan.NeedsPosition(_replica, Ms(1)));
        Assert.IsFalse(RepairPlan.NeedsPosition(_replica, Ms(100_000)));
    }

    [TestMethod]
    public void A_client_that_seems_to_acknowledge_nothing_is_asked_after_ever_more_rarely()
    {
        _replica.Replica = new Replica { Sent = 500, ClientAck = 400 };
        var asked = new List<int>();
        for (var ms = 1; ms < 30_000; ms++)
        {
            if (RepairPlan.NeedsPosition(_replica, Ms(ms)))
            {
                asked.Add(ms);
            }
        }
        int[] expected = [101, 301, 701, 1501, 3101, 6301, 12_701, 19_101, 25_501];
        CollectionAssert.AreEqual(expected, asked);
    }

    [TestMethod]
    public void An_acknowledgement_starts_the_patience_anew()
    {
        _replica.Replica = new Replica { Sent = 500, ClientAck = 400 };
        for (var ms = 1; ms < 1000; ms++)
        {
            RepairPlan.NeedsPosition(_replica, Ms(ms));
        }
        _replica.Replica = new Replica { Sent = 500, ClientAck = 401 };
        Assert.IsFalse(RepairPlan.NeedsPosition(_replica, Ms(1000)));
        Assert.IsFalse(RepairPlan.NeedsPosition(_replica, Ms(1099)));
        Assert.IsTrue(RepairPlan.NeedsPosition(_replica, Ms(1100)));
    }

    [TestMethod]
    [DataRow(ReplicaFlags.None, false, false, ReplicaStanding.Opening)]
    [DataRow(ReplicaFlags.Confirmed, false, false, ReplicaStanding.Following)]
    [DataRow(ReplicaFlags.Confirmed, true, false, ReplicaStanding.Diverged)]
    [DataRow(ReplicaFlags.Confirmed, false, true, ReplicaStanding.Differing)]
    [DataRow(ReplicaFlags.Confirmed, true, true, ReplicaStanding.Diverged)]
    [DataRow(ReplicaFlags.None, true, false, ReplicaStanding.Opening)]
    [DataRow(ReplicaFlags.Confirmed | ReplicaFlags.OwnRst, false, true, ReplicaStanding.Over)]
    [DataRow(ReplicaFlags.Confirmed | ReplicaFlags.ClientRst, true, false, ReplicaStanding.Over)]
    public void A_replica_stands_so(ReplicaFlags flags, bool diverged, bool differs, ReplicaStanding expected) =>
        Assert.AreEqual(expected, RepairPlan.StandingOf(new Replica { Flags = flags }, diverged, differs, isSilent: true, Ms(1)));

    [TestMethod]
    [DataRow(250, true, ReplicaStanding.Following, DisplayName = "its original may be about to close")]
    [DataRow(251, true, ReplicaStanding.Over, DisplayName = "it has closed alone")]
    [DataRow(251, false, ReplicaStanding.Following, DisplayName = "the server of an active node closes as it likes")]
    public void A_replica_that_has_closed_alone_carries_nothing_on(int later, bool isSilent, ReplicaStanding expected)
    {
        var closed = new Replica { Flags = ReplicaFlags.Confirmed | ReplicaFlags.OwnFin, ClosedNs = Ms(1), Sent = 101, ClientAck = 100, ActiveNext = 100 };
        Assert.AreEqual(expected, RepairPlan.StandingOf(closed, diverged: false, differs: false, isSilent, Ms(1 + later)));
    }

    private static ulong Ms(double milliseconds) => (ulong)(milliseconds * 1e6);

    private static Replica At(uint received, uint clientNext, uint window = 16 << 20) => new()
    {
        Flags = ReplicaFlags.Confirmed,
        Received = Wrap + received,
        ClientNext = Wrap + clientNext,
        ActiveAck = Wrap + received,
        OwnWindow = (ushort)(window > ushort.MaxValue ? window >> 10 : window),
        OwnWscale = (byte)(window > ushort.MaxValue ? 10 : 0),
    };

    private bool Look(double at, uint? held = null) => RepairPlan.IsLacking(_replica, held is { } offset ? Wrap + offset : null, Ms(at));

    private RepairAction Next(double at)
    {
        Look(at);
        return RepairPlan.Next(_replica, _arrivedNs, Ms(at));
    }

    private void Answer(double at) => Assert.IsTrue(RepairPlan.Answered(_replica, _replica.AskedUpTo, Ms(at)));

    private uint Request(double at) => RepairPlan.Request(_replica, null, Ms(at));

    /// <summary>Bytes are missing, and the stack has been asked two milliseconds later.</summary>
    private void Lack(uint received, uint clientNext, double at, uint window = 16 << 20)
    {
        _replica.Replica = At(received, clientNext, window);
        Look(at);
        _replica.ProbedNs = Ms(at + 2);
    }
}
