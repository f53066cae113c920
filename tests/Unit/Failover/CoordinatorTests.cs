using Appliance.ControlPlane;
using Appliance.Gateway.Failover;

namespace Appliance.Tests.Unit.Failover;

/// <summary>Two or three nodes, a detection timeout of 30 ms, a grace of 3 s; time is milliseconds since the start.</summary>
[TestClass]
public sealed class CoordinatorTests
{
    private const int Timeout = 30;
    private const int Grace = 3000;

    private Coordinator _coordinator = New(2);

    [TestMethod]
    public void Nothing_is_decided_before_every_node_was_heard()
    {
        Assert.IsNull(Hear(0, NodeRole.Replica, at: 0));
        Assert.IsNull(Tick(Grace - 1));
        Assert.AreEqual(Assignment.None, _coordinator.Current);
    }

    [TestMethod]
    public void When_all_were_heard_the_preferred_node_starts()
    {
        _coordinator = New(2, preferred: 1);
        Hear(1, NodeRole.Replica, at: 0);
        Assert.AreEqual(new Decision(new Assignment(1, 1, 0b01), Cause.Start, 1), Hear(0, NodeRole.Replica, at: 5));
    }

    [TestMethod]
    public void A_preferred_node_that_was_silent_for_a_moment_is_waited_for()
    {
        _coordinator = New(2, preferred: 1);
        Hear(1, NodeRole.Replica, at: 0);
        Assert.IsNull(Hear(0, NodeRole.Replica, at: Timeout + 1));
        Assert.AreEqual(new Decision(new Assignment(1, 1, 0b01), Cause.Start, 1), Hear(1, NodeRole.Replica, at: Timeout + 2));
    }

    [TestMethod]
    public void Without_preference_the_first_node_starts()
    {
        Hear(1, NodeRole.Replica, at: 0);
        Assert.AreEqual(new Decision(new Assignment(1, 0, 0b10), Cause.Start, 0), Hear(0, NodeRole.Replica, at: 5));
    }

    [TestMethod]
    public void After_the_grace_whoever_is_there_starts_preferred_or_not()
    {
        _coordinator = New(2, preferred: 1);
        Hear(0, NodeRole.Replica, at: 0);
        Assert.AreEqual(new Decision(new Assignment(1, 0, 0), Cause.Start, 0), Hear(0, NodeRole.Replica, at: Grace));
    }

    [TestMethod]
    public void Nobody_there_is_nobody_active()
    {
        Assert.IsNull(Tick(0));
        Assert.IsNull(Tick(10 * Grace));
        Assert.AreEqual(-1, _coordinator.Current.Active);
    }

    [TestMethod]
    public void An_active_node_that_is_heard_and_does_not_hear_is_relieved()
    {
        Hear(0, NodeRole.Replica, at: 0, echo: 0);
        Hear(1, NodeRole.Replica, at: 0, echo: 0);
        Decision? decision = null;
        var at = 1;
        for (; decision is null && at < 200; at++)
        {
            _coordinator.OnSent(0, Ns(at));
            _coordinator.OnSent(1, Ns(at));
            Hear(0, NodeRole.Active, at, echo: 1);
            Hear(1, NodeRole.Replica, at, echo: at);
            decision = Tick(at);
        }
        Assert.AreEqual(new Decision(new Assignment(2, 1, 0), Cause.ActiveSilent, 0), decision);
        Assert.IsTrue(at is > 2 * Timeout and < (2 * Timeout) + 10, $"after {at} ms");
        Assert.IsTrue(_coordinator.Nodes[0].IsDeaf);
        Assert.IsNull(Hear(0, NodeRole.Active, at, epoch: 1, echo: 1), "it joins nothing");
        Hear(0, NodeRole.Replica, at, epoch: 2, echo: at);
        Assert.IsFalse(_coordinator.Nodes[0].IsDeaf);
    }

    [TestMethod]
    public void A_node_that_falls_silent_while_the_gateway_learns_leaves_no_deadline_behind()
    {
        Hear(0, NodeRole.Replica, at: 0);
        Assert.IsNull(Tick(Timeout + 1));
        Assert.AreEqual(ulong.MaxValue, _coordinator.NextDeadlineNs());
    }

    [TestMethod]
    public void A_restarted_gateway_adopts_the_node_that_holds_the_service()
    {
        _coordinator = New(2, preferred: 0);
        Hear(0, NodeRole.Replica, at: 0, epoch: 41);
        Assert.AreEqual(new Decision(new Assignment(42, 1, 0b01), Cause.Adopted, 1), Hear(1, NodeRole.Active, at: 1, epoch: 41));
    }

    [TestMethod]
    public void Of_two_that_claim_the_service_the_later_epoch_wins()
    {
        _coordinator = New(2, preferred: 0);
        Hear(0, NodeRole.Active, at: 0, epoch: 40);
        Assert.AreEqual(new Decision(new Assignment(42, 1, 0b01), Cause.Adopted, 1), Hear(1, NodeRole.Active, at: 1, epoch: 41));
    }

    [TestMethod]
    public void Regular_heartbeats_change_nothing()
    {
        Start();
        for (var at = 0; at < 1000; at += 10)
        {
            Assert.IsNull(Hear(0, NodeRole.Active, at, epoch: 1));
            Assert.IsNull(Hear(1, NodeRole.Replica, at, epoch: 1));
            Assert.IsNull(Tick(at + 9));
        }
    }

    [TestMethod]
    public void A_silent_active_node_loses_the_service_just_after_the_timeout()
    {
        Start();
        Hear(0, NodeRole.Active, at: 100);
        Hear(1, NodeRole.Replica, at: 120);
        Assert.IsNull(Tick(100 + Timeout));
        Assert.AreEqual(new Decision(new Assignment(2, 1, 0), Cause.ActiveSilent, 0), Tick(100 + Timeout + 1));
    }

    [TestMethod]
    public void A_host_that_is_late_now_and_then_is_given_more_time_where_that_is_allowed()
    {
        _coordinator = new Coordinator(
            2, -1, TimeSpan.FromMilliseconds(Timeout), TimeSpan.FromMilliseconds(Grace), limit: () => new SilenceLimit(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(Timeout), TimeSpan.FromMilliseconds(200)));
        Settle();
        Hear(0, NodeRole.Active, at: 29);
        Hear(1, NodeRole.Replica, at: 29);
        Hear(1, NodeRole.Replica, at: 60);
        Assert.IsNull(Tick(29 + 56), "28 ms of silence were none: 56 are allowed from now on");
        Assert.AreEqual(Cause.ActiveSilent, Tick(29 + 57)?.Cause);
    }

    [TestMethod]
    public void A_replica_takes_over_only_when_it_has_said_that_it_forgot_what_it_was()
    {
        Start();
        Hear(0, NodeRole.Active, at: 100);
        Hear(1, NodeRole.Replica, at: 131, epoch: 0);
        Assert.IsNull(Tick(131));
        Assert.IsNull(Force());
        Hear(1, NodeRole.Replica, at: 132, epoch: 1);
        Assert.AreEqual(Cause.ActiveSilent, Tick(132)?.Cause);
    }

    [TestMethod]
    public void The_replica_that_was_heard_last_takes_over()
    {
        _coordinator = New(3);
        Start();
        Hear(0, NodeRole.Active, at: 100);
        Hear(2, NodeRole.Replica, at: 125);
        Hear(1, NodeRole.Replica, at: 120);
        Assert.AreEqual(new Decision(new Assignment(2, 2, 0b010), Cause.ActiveSilent, 0), Tick(131));
    }

    [TestMethod]
    public void Without_a_live_replica_the_assignment_stays()
    {
        Start();
        Assert.IsNull(Tick(500), "both silent at once");
        Assert.AreEqual(0, _coordinator.Current.Active);
        Assert.IsNull(Hear(0, NodeRole.Active, at: 600, epoch: 1), "it has only been cut off for a while");
        Assert.IsTrue(_coordinator.Nodes[0].IsAlive);
    }

    [TestMethod]
    public void The_first_replica_to_come_back_relieves_a_dead_active_node()
    {
        Start();
        Tick(500);
        Hear(1, NodeRole.Replica, at: 600, epoch: 1);
        var decision = Tick(601);
        Assert.AreEqual((1, Cause.ActiveSilent), (decision?.Order.Active, decision?.Cause));
    }

    [TestMethod]
    public void A_silent_replica_keeps_its_copies_for_the_grace_and_is_lost_then()
    {
        Start();
        Hear(0, NodeRole.Active, at: Grace);
        Assert.IsNull(Tick(Grace));
        Assert.IsFalse(_coordinator.Nodes[1].IsAlive);
        Assert.IsTrue(_coordinator.Current.IsReplica(1));
        Assert.AreEqual(new Decision(new Assignment(2, 0, 0), Cause.ReplicaLost, 1), Tick(Grace + 1));
        Assert.IsNull(Tick(Grace + 2), "and is lost only once");
    }

    [TestMethod]
    public void A_replica_whose_heartbeats_were_late_has_missed_nothing()
    {
        Start();
        Hear(0, NodeRole.Active, at: 1000);
        Tick(1001);
        Assert.IsNull(Hear(1, NodeRole.Replica, at: 1002, epoch: 1));
        Assert.AreEqual(1ul, _coordinator.ReplicaSince(1));
    }

    [TestMethod]
    public void A_replica_that_was_lost_has_holes_before_it_joined_again()
    {
        Start();
        Hear(0, NodeRole.Active, at: Grace + 1);
        Tick(Grace + 1);
        Assert.AreEqual(Cause.ReplicaJoined, Hear(1, NodeRole.Replica, at: Grace + 2, epoch: 1)?.Cause);
        Assert.AreEqual(3ul, _coordinator.ReplicaSince(1));
    }

    [TestMethod]
    public void A_node_that_comes_back_is_a_replica()
    {
        Start();
        Hear(1, NodeRole.Replica, at: 100);
        Assert.AreEqual(1, Tick(101)!.Order.Active);
        Assert.AreEqual(
            new Decision(new Assignment(3, 1, 0b01), Cause.ReplicaJoined, 0), Hear(0, NodeRole.Active, at: 110, epoch: 1),
            "whatever it still believes to be");
    }

    [TestMethod]
    public void An_operator_moves_the_service_and_the_old_node_rejoins_with_its_next_heartbeat()
    {
        Settle();
        Assert.AreEqual(new Decision(new Assignment(2, 1, 0), Cause.Forced, 0), Force());
        Assert.AreEqual(new Decision(new Assignment(3, 1, 0b01), Cause.ReplicaJoined, 0), Hear(0, NodeRole.Active, at: 10, epoch: 1));
        Hear(0, NodeRole.Replica, at: 11, epoch: 3);
        Assert.AreEqual(new Decision(new Assignment(4, 0, 0), Cause.Forced, 1), Force());
    }

    [TestMethod]
    public void An_operator_cannot_move_it_to_nobody()
    {
        Assert.IsNull(Force(), "before the start");
        Start();
        Hear(0, NodeRole.Active, at: 100);
        Tick(101);
        Assert.IsNull(Force(), "the only replica is lost");
        Assert.AreEqual(0, _coordinator.Current.Active);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void A_node_that_knows_a_higher_epoch_raises_everybodys(int node)
    {
        Start();
        var role = node == 0 ? NodeRole.Active : NodeRole.Replica;
        Assert.AreEqual(new Decision(new Assignment(78, 0, 0b10), Cause.EpochRaised, node), Hear(node, role, at: 1, epoch: 77));
        Assert.IsNull(Hear(node, role, at: 2, epoch: 78));
    }

    [TestMethod]
    public void What_a_heartbeat_says_can_be_seen()
    {
        Start();
        Hear(1, NodeRole.Replica, at: 7, epoch: 1);
        var view = _coordinator.Nodes[1];
        Assert.AreEqual((NodeRole.Replica, 1ul, true), (view.Role, view.Epoch, view.IsAlive));
    }

    [TestMethod]
    public void A_planned_switchover_is_prepared_and_then_carried_out()
    {
        Settle();
        Assert.AreEqual(new Decision(new Assignment(2, 1, 0b01), Cause.Planned, 0, IsPrepared: true), Plan(at: 10));
        Assert.AreEqual(new Assignment(1, 0, 0b10), _coordinator.Current, "nothing has changed yet");
        Assert.AreEqual(new Assignment(2, 1, 0b01), _coordinator.Prepared);
        Assert.IsNull(Hear(1, NodeRole.Replica, at: 11, epoch: 1), "sent before the order arrived");
        Assert.IsNull(Hear(0, NodeRole.Active, at: 11, epoch: 1));
        Assert.AreEqual(new Decision(new Assignment(2, 1, 0b01), Cause.Planned, 0), Hear(1, NodeRole.Active, at: 12, epoch: 2));
        Assert.AreEqual(new Assignment(2, 1, 0b01), _coordinator.Current);
        Assert.IsNull(_coordinator.Prepared);
        Assert.IsNull(Hear(1, NodeRole.Active, at: 13, epoch: 2));
        Assert.IsNull(Hear(0, NodeRole.Replica, at: 13, epoch: 2));
    }

    [TestMethod]
    public void The_old_active_node_has_missed_nothing()
    {
        Settle();
        var since = _coordinator.ReplicaSince(0);
        Plan(at: 10);
        Hear(1, NodeRole.Active, at: 12, epoch: 2);
        Assert.AreEqual(since, _coordinator.ReplicaSince(0));
    }

    [TestMethod]
    public void A_third_node_goes_on_replicating()
    {
        _coordinator = New(3);
        Settle();
        Hear(1, NodeRole.Replica, at: 2, epoch: 1);
        Assert.AreEqual(new Assignment(2, 1, 0b101), Plan(at: 10)?.Order);
    }

    [TestMethod]
    public void A_new_active_node_that_does_not_answer_leaves_the_service_where_it_is()
    {
        Settle();
        Plan(at: 10);
        for (var at = 20; at <= 510; at += 10)
        {
            Hear(0, NodeRole.Active, at, epoch: 1);
            Hear(1, NodeRole.Replica, at, epoch: 1);
            Assert.IsNull(Tick(at));
        }
        Assert.AreEqual(new Decision(new Assignment(3, 0, 0b10), Cause.PlanAborted, 1), Tick(511));
        Assert.IsNull(_coordinator.Prepared);
        Assert.IsNull(Hear(1, NodeRole.Active, at: 512, epoch: 2), "its answer comes too late");
        Assert.AreEqual(0, _coordinator.Current.Active);
    }

    [TestMethod]
    public void A_new_active_node_that_falls_silent_leaves_the_service_where_it_is()
    {
        Settle();
        Plan(at: 10);
        Hear(0, NodeRole.Active, at: 30, epoch: 1);
        Assert.AreEqual(Cause.PlanAborted, Tick(32)?.Cause);
    }

    [TestMethod]
    public void An_active_node_that_dies_meanwhile_is_relieved_as_ever()
    {
        Settle();
        Plan(at: 10);
        Hear(1, NodeRole.Replica, at: 30, epoch: 1);
        Assert.AreEqual(new Decision(new Assignment(3, 1, 0), Cause.ActiveSilent, 0), Tick(32));
    }

    [TestMethod]
    public void Why_nothing_can_be_planned()
    {
        Assert.AreEqual(PlanRefusal.NoActive, _coordinator.CanPlan());
        Start();
        Assert.AreEqual(PlanRefusal.NoReplica, _coordinator.CanPlan(), "the replica has not confirmed the epoch");
        Hear(1, NodeRole.Replica, at: 1, epoch: 1, ended: 0b1);
        Assert.AreEqual(PlanRefusal.ReplicaServers, _coordinator.CanPlan());
        Hear(1, NodeRole.Replica, at: 2, epoch: 1, ended: 0b11);
        Hear(0, NodeRole.Active, at: 2, epoch: 1, ended: 0b11);
        Assert.AreEqual(PlanRefusal.None, _coordinator.CanPlan(), "stopped on both nodes");
        Plan(at: 3);
        Assert.AreEqual(PlanRefusal.UnderWay, _coordinator.CanPlan());
        Assert.IsNull(Plan(at: 3));
    }

    [TestMethod]
    public void An_ended_server_moves_the_service_to_the_node_that_still_has_it()
    {
        Settle();
        Assert.AreEqual(new Decision(new Assignment(2, 1, 0), Cause.ServerEnded, 0), Hear(0, NodeRole.Active, at: 5, epoch: 1, ended: 0b100));
        Assert.AreEqual(Cause.ReplicaJoined, Hear(0, NodeRole.Replica, at: 6, epoch: 2, ended: 0b100)?.Cause);
        Assert.IsNull(Hear(1, NodeRole.Active, at: 7, epoch: 3), "and it stays there");
        Assert.IsNull(Hear(0, NodeRole.Replica, at: 8, epoch: 3), "also when the server is back");
    }

    [TestMethod]
    public void A_server_that_closes_what_its_replica_keeps_is_relieved_but_not_again_and_again()
    {
        Settle();
        var plan = _coordinator.Relieve(Ns(5))!;
        Assert.AreEqual((Cause.ServerCloses, true, 1), (plan.Cause, plan.IsPrepared, plan.Order.Active));
        Hear(1, NodeRole.Active, at: 6, epoch: 2);
        Hear(0, NodeRole.Replica, at: 7, epoch: 2);
        Assert.AreEqual(1, _coordinator.Current.Active);
        Assert.IsNull(_coordinator.Relieve(Ns(10_004)));
        Hear(0, NodeRole.Replica, at: 10_004, epoch: 2);
        Hear(1, NodeRole.Active, at: 10_004, epoch: 2);
        Assert.AreEqual(0, _coordinator.Relieve(Ns(10_005))!.Order.Active);
    }

    [TestMethod]
    public void While_replicas_are_being_made_nothing_moves_because_of_closes()
    {
        Settle();
        _coordinator.IsRepairing = true;
        Assert.IsNull(_coordinator.Relieve(Ns(5)));
        _coordinator.IsRepairing = false;
        Assert.IsNotNull(_coordinator.Relieve(Ns(6)), "and the attempt before does not count");
    }

    [TestMethod]
    public void A_server_that_fails_its_probe_is_relieved_in_good_order()
    {
        Settle();
        var plan = Hear(0, NodeRole.Active, at: 5, epoch: 1, fails: true)!;
        Assert.AreEqual((Cause.ServerFails, true, 1), (plan.Cause, plan.IsPrepared, plan.Order.Active));
    }

    [TestMethod]
    public void Where_the_replicas_server_fails_its_probe_too_nothing_is_gained()
    {
        Settle();
        Hear(1, NodeRole.Replica, at: 4, epoch: 1, fails: true);
        Assert.IsNull(Hear(0, NodeRole.Active, at: 5, epoch: 1, fails: true));
        Assert.AreEqual(PlanRefusal.None, _coordinator.CanPlan());
    }

    [TestMethod]
    [DataRow(0b1ul, 0b1ul, DisplayName = "it ended on both")]
    [DataRow(0b1ul, 0b10ul, DisplayName = "each lacks another one")]
    [DataRow(0b0ul, 0b1ul, DisplayName = "the replica lacks it")]
    public void A_replica_that_is_not_better_off_does_not_take_over(ulong active, ulong replica)
    {
        Settle();
        Hear(1, NodeRole.Replica, at: 4, epoch: 1, ended: replica);
        Assert.IsNull(Hear(0, NodeRole.Active, at: 5, epoch: 1, ended: active));
    }

    [TestMethod]
    public void A_server_that_hangs_while_the_replicas_goes_on_is_switched_away_from_in_good_order()
    {
        Settle();
        Assert.IsNull(Hear(0, NodeRole.Active, at: 5, epoch: 1, stalled: Hang - 1));
        Assert.AreEqual(new Decision(new Assignment(2, 1, 0b01), Cause.ServerHangs, 0, IsPrepared: true), Hear(0, NodeRole.Active, at: 6, epoch: 1, stalled: Hang));
    }

    [TestMethod]
    public void A_hanging_server_keeps_the_service_while_connections_are_being_repaired()
    {
        Settle();
        _coordinator.IsRepairing = true;
        Assert.IsNull(Hear(0, NodeRole.Active, at: 5, epoch: 1, stalled: Hang));
        _coordinator.IsRepairing = false;
        Assert.AreEqual(Cause.ServerHangs, Hear(0, NodeRole.Active, at: 6, epoch: 1, stalled: Hang)?.Cause);
    }

    [TestMethod]
    public void What_both_servers_leave_unread_is_no_hang()
    {
        Settle();
        Hear(1, NodeRole.Replica, at: 4, epoch: 1, stalled: Hang / 2);
        Assert.IsNull(Hear(0, NodeRole.Active, at: 5, epoch: 1, stalled: 10 * Hang));
    }

    [TestMethod]
    public void A_dead_node_is_relieved_by_whoever_has_the_servers()
    {
        _coordinator = New(3);
        Settle();
        Hear(1, NodeRole.Replica, at: 100, epoch: 1);
        Hear(2, NodeRole.Replica, at: 105, epoch: 1, ended: 0b1);
        Assert.AreEqual(1, Tick(106)?.Order.Active);
    }

    private const int Hang = 500;

    private static Coordinator New(int nodes, int preferred = -1) =>
        new(nodes, preferred, TimeSpan.FromMilliseconds(Timeout), TimeSpan.FromMilliseconds(Grace), TimeSpan.FromMilliseconds(Hang));

    private static ulong Ns(int milliseconds) => (ulong)(milliseconds + 1_000_000) * 1_000_000;

    /// <summary>Node 0 holds the service under epoch 1, all others replicate; everybody was heard at 0.</summary>
    private void Start()
    {
        for (var i = 0; i < _coordinator.Nodes.Count; i++)
        {
            Hear(i, NodeRole.Replica, at: 0);
        }
        Assert.AreEqual((1ul, 0), (_coordinator.Current.Epoch, _coordinator.Current.Active));
    }

    /// <summary>As <see cref="Start"/>, and everybody has confirmed the epoch.</summary>
    private void Settle()
    {
        Start();
        for (var i = 0; i < _coordinator.Nodes.Count; i++)
        {
            Hear(i, i == 0 ? NodeRole.Active : NodeRole.Replica, at: 1, epoch: 1);
        }
    }

    private Decision? Plan(int at) => _coordinator.Plan(Cause.Planned, Ns(at));

    private Decision? Hear(int node, NodeRole role, int at, ulong? epoch = null, ulong ended = 0, int stalled = 0, bool fails = false, int echo = 0) => _coordinator.OnHeartbeat(
        node, Heartbeat.Of(role, epoch ?? _coordinator.Current.Epoch) with
        {
            EchoNs = echo == 0 ? 0 : Ns(echo), Servers = new ServerCondition(ended, TimeSpan.FromMilliseconds(stalled), fails),
        },
        Ns(at));

    private Decision? Force() => _coordinator.Force(Ns(0));

    private Decision? Tick(int at) => _coordinator.OnTick(Ns(at));
}
