using Appliance.ControlPlane;
using Appliance.Gateway.Failover;

namespace Appliance.Tests.Unit.Failover;

/// <summary>Nodes that an operator keeps out. Detection timeout 30 ms, a grace of 3 s; time is milliseconds since the start.</summary>
[TestClass]
public sealed class CoordinatorDrainTests
{
    private readonly Coordinator _coordinator = new(2, preferred: 0, TimeSpan.FromMilliseconds(30), TimeSpan.FromSeconds(3));

    [TestMethod]
    public void A_replica_leaves_and_does_not_come_back_by_itself()
    {
        Settle();
        var (decision, refusal) = _coordinator.Drain(1, Ns(10));
        Assert.AreEqual((new Decision(new Assignment(2, 0, 0), Cause.NodeDrained, 1), PlanRefusal.None), (decision, refusal));
        Assert.IsNull(Hear(1, NodeRole.Replica, at: 11, epoch: 2));
        Assert.IsNull(Hear(0, NodeRole.Active, at: 12, epoch: 2));
        Assert.IsTrue(_coordinator.IsDrained(1));

        _coordinator.Admit(1);
        Assert.AreEqual(new Decision(new Assignment(3, 0, 0b10), Cause.ReplicaJoined, 1), Hear(1, NodeRole.Replica, at: 13, epoch: 2));
        Assert.AreEqual(3UL, _coordinator.ReplicaSince(1), "what it replicated before has holes");
    }

    [TestMethod]
    public void The_active_node_gives_the_service_away_first()
    {
        Settle();
        var (prepared, _) = _coordinator.Drain(0, Ns(10));
        Assert.AreEqual(new Decision(new Assignment(2, 1, 0), Cause.NodeDrained, 0, IsPrepared: true), prepared);
        Assert.AreEqual(0, _coordinator.Current.Active, "until the other one speaks");
        Assert.AreEqual(new Decision(new Assignment(2, 1, 0), Cause.NodeDrained, 0), Hear(1, NodeRole.Active, at: 12, epoch: 2));
        Assert.IsNull(Hear(0, NodeRole.Replica, at: 13, epoch: 2));
    }

    [TestMethod]
    public void When_that_is_given_up_the_node_stays_in()
    {
        Settle();
        _coordinator.Drain(0, Ns(10));
        for (var at = 20; at < 600; at += 10)
        {
            Hear(0, NodeRole.Active, at, epoch: 1);
            Hear(1, NodeRole.Replica, at, epoch: 1);
        }
        var given = _coordinator.OnTick(Ns(600))!;
        Assert.AreEqual((Cause.PlanAborted, 0), (given.Cause, given.Order.Active));
        Assert.IsFalse(_coordinator.IsDrained(0));
        Assert.IsTrue(given.Order.IsReplica(1));
    }

    [TestMethod]
    public void Without_anybody_to_take_over_the_active_node_stays()
    {
        Settle();
        _coordinator.Drain(1, Ns(10));
        Assert.AreEqual((null, PlanRefusal.NoReplica), _coordinator.Drain(0, Ns(11)));
        Assert.IsFalse(_coordinator.IsDrained(0));
    }

    [TestMethod]
    public void During_a_switchover_nobody_leaves()
    {
        Settle();
        _coordinator.Plan(Cause.Planned, Ns(10));
        Assert.AreEqual((null, PlanRefusal.UnderWay), _coordinator.Drain(1, Ns(11)));
    }

    [TestMethod]
    public void A_drained_node_never_takes_over()
    {
        Settle();
        _coordinator.Drain(1, Ns(10));
        Hear(1, NodeRole.Replica, at: 40, epoch: 2);
        Assert.IsNull(_coordinator.OnTick(Ns(45)), "the active node is dead, and nobody is there");
        Assert.IsNull(_coordinator.Force(Ns(46)));
        Assert.AreEqual(0, _coordinator.Current.Active);
    }

    [TestMethod]
    public void One_that_has_no_part_is_kept_out_without_a_change()
    {
        Settle();
        _coordinator.Drain(1, Ns(10));
        Assert.AreEqual((null, PlanRefusal.None), _coordinator.Drain(1, Ns(11)));
        Assert.AreEqual(2UL, _coordinator.Current.Epoch);
    }

    [TestMethod]
    public void A_new_gateway_starts_without_them_and_does_not_wait_for_them()
    {
        _coordinator.StartDrained(0b01);
        Assert.AreEqual(new Decision(new Assignment(1, 1, 0), Cause.Start, 1), Hear(1, NodeRole.Replica, at: 0, epoch: 0));
        Assert.IsNull(Hear(0, NodeRole.Replica, at: 1, epoch: 0));
    }

    /// <summary>Whatever happens: no order gives a drained node a part, but that the one that holds the service may keep it.</summary>
    [TestMethod]
    public void No_order_has_a_drained_node_in_it()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var coordinator = new Coordinator(3, preferred: -1, TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(300));
            var drains = 0;
            for (var (step, now) = (0, 0); step < 400; step++, now += random.Next(20))
            {
                var node = random.Next(3);
                var holder = coordinator.Current.Active;
                var decision = random.Next(20) switch
                {
                    0 => coordinator.Drain(node, Ns(now)).Decision,
                    1 => Admit(node),
                    2 => coordinator.Force(Ns(now)),
                    3 => coordinator.Plan(Cause.Planned, Ns(now)),
                    4 or 5 => coordinator.OnTick(Ns(now)),
                    _ => coordinator.OnHeartbeat(node, Heartbeat.Of(RoleIn(node), (coordinator.Prepared ?? coordinator.Current).Epoch), Ns(now)),
                };
                if (decision is null)
                {
                    continue;
                }
                drains += decision.Cause == Cause.NodeDrained ? 1 : 0;
                Assert.AreEqual(0, decision.Order.Replicas & coordinator.Drained, $"seed {seed}");
                Assert.IsTrue(!coordinator.IsDrained(decision.Order.Active) || decision.Order.Active == holder, $"seed {seed}");
            }
            Assert.IsGreaterThan(0, drains, "else this tests nothing");

            Decision? Admit(int node)
            {
                coordinator.Admit(node);
                return null;
            }

            NodeRole RoleIn(int node) => (coordinator.Prepared ?? coordinator.Current).RoleOf(node);
        }
    }

    private static ulong Ns(int milliseconds) => (ulong)(milliseconds + 1_000_000) * 1_000_000;

    /// <summary>Node 0 holds the service under epoch 1, node 1 replicates, both have confirmed it.</summary>
    private void Settle()
    {
        Hear(0, NodeRole.Replica, at: 0, epoch: 0);
        Hear(1, NodeRole.Replica, at: 0, epoch: 0);
        Hear(0, NodeRole.Active, at: 1, epoch: 1);
        Hear(1, NodeRole.Replica, at: 1, epoch: 1);
    }

    private Decision? Hear(int node, NodeRole role, int at, ulong epoch) => _coordinator.OnHeartbeat(node, Heartbeat.Of(role, epoch), Ns(at));
}
