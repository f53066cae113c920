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
        Start();
        Assert.AreEqual(new Decision(new Assignment(2, 1, 0), Cause.Forced, 0), Force());
        Assert.AreEqual(new Decision(new Assignment(3, 1, 0b01), Cause.ReplicaJoined, 0), Hear(0, NodeRole.Active, at: 10, epoch: 1));
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

    private static Coordinator New(int nodes, int preferred = -1) =>
        new(nodes, preferred, TimeSpan.FromMilliseconds(Timeout), TimeSpan.FromMilliseconds(Grace));

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

    private Decision? Hear(int node, NodeRole role, int at, ulong epoch = 0) => _coordinator.OnHeartbeat(node, Heartbeat.Of(role, epoch), Ns(at));

    private Decision? Force() => _coordinator.Force(Ns(0));

    private Decision? Tick(int at) => _coordinator.OnTick(Ns(at));
}
