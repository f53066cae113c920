using Appliance.ControlPlane;
using Appliance.Node;

namespace Appliance.Tests.Unit.Replication;

[TestClass]
public sealed class ObedienceTests
{
    private const ulong Ms = 1_000_000;
    private const ulong Now = 1_000 * Ms;

    private readonly Obedience _node = new();

    [TestMethod]
    public void A_node_starts_as_a_replica_of_no_epoch()
    {
        Assert.AreEqual(NodeRole.Replica, _node.Role);
        Assert.AreEqual(0UL, _node.Epoch);
    }

    [TestMethod]
    public void The_highest_epoch_counts()
    {
        Assert.AreEqual(RoleChange.TakeOver, Obey(NodeRole.Active, 5).Change);
        Assert.AreEqual(RoleChange.None, Obey(NodeRole.Active, 5).Change);
        Assert.AreEqual(RoleChange.EpochOnly, Obey(NodeRole.Active, 6).Change);
        Assert.AreEqual(OrderVerdict.Stale, Obey(NodeRole.Replica, 5));
        Assert.AreEqual((NodeRole.Active, 6UL), (_node.Role, _node.Epoch));
        Assert.AreEqual(RoleChange.LetGo, Obey(NodeRole.Replica, 7).Change);
        Assert.AreEqual((NodeRole.Replica, 7UL), (_node.Role, _node.Epoch));
    }

    [TestMethod]
    public void One_epoch_gives_one_role()
    {
        Obey(NodeRole.Replica, 5);
        Assert.AreEqual(OrderVerdict.Stale, Obey(NodeRole.Active, 5));
        Assert.AreEqual(NodeRole.Replica, _node.Role);
    }

    [TestMethod]
    public void A_lease_counts_from_the_heartbeat_that_was_answered()
    {
        Assert.AreEqual(Now + (25 * Ms), Obey(NodeRole.Active, 1, echoNs: Now - (5 * Ms)).LeaseUntilNs);
    }

    [TestMethod]
    [DataRow(Now - (30 * Ms), DisplayName = "as long ago as the lease lasts")]
    [DataRow(Now - (500 * Ms), DisplayName = "long ago")]
    [DataRow(0UL, DisplayName = "never")]
    [DataRow(Now + 1, DisplayName = "in the future")]
    [DataRow(ulong.MaxValue, DisplayName = "at the end of time")]
    public void An_answer_to_a_heartbeat_of_another_time_extends_nothing(ulong echoNs)
    {
        Assert.AreEqual(0UL, Obey(NodeRole.Active, 1, echoNs).LeaseUntilNs);
    }

    /// <summary>Between the lease and the change of role the node would have had a voice.</summary>
    [TestMethod]
    public void A_node_that_has_to_let_go_is_given_no_lease()
    {
        Obey(NodeRole.Active, 1);
        var verdict = Obey(NodeRole.Replica, 2);
        Assert.AreEqual((RoleChange.LetGo, 0UL), (verdict.Change, verdict.LeaseUntilNs));
        Assert.AreEqual(0UL, Obey(NodeRole.Replica, 2).LeaseUntilNs);
    }

    [TestMethod]
    public void Replicas_are_forgotten_once_per_gap()
    {
        Assert.IsTrue(Obey(NodeRole.Replica, 3, replicaSince: 3).ForgetsReplicas);
        Assert.IsFalse(Obey(NodeRole.Replica, 3, replicaSince: 3).ForgetsReplicas);
        Assert.IsFalse(Obey(NodeRole.Active, 4, replicaSince: 3).ForgetsReplicas);
        Assert.IsTrue(Obey(NodeRole.Replica, 6, replicaSince: 5).ForgetsReplicas);
    }

    [TestMethod]
    public void A_prepared_node_speaks_first_and_settles_when_the_gateway_has_turned()
    {
        Obey(NodeRole.Replica, 1);
        Assert.AreEqual(RoleChange.Prepare, Obey(NodeRole.Active, 2, isPrepared: true).Change);
        Assert.AreEqual((NodeRole.Active, 2UL), (_node.Role, _node.Epoch));
        Assert.AreEqual(RoleChange.None, Obey(NodeRole.Active, 2, isPrepared: true).Change, "repeated");
        Assert.AreEqual(RoleChange.Settle, Obey(NodeRole.Active, 2).Change);
        Assert.AreEqual(RoleChange.None, Obey(NodeRole.Active, 2).Change);
        Assert.AreEqual(RoleChange.None, Obey(NodeRole.Active, 2, isPrepared: true).Change, "a late one");
        Assert.AreEqual(RoleChange.None, Obey(NodeRole.Active, 2).Change);
    }

    [TestMethod]
    public void A_switchover_that_is_given_up_makes_the_node_a_replica_again()
    {
        Obey(NodeRole.Replica, 1);
        Obey(NodeRole.Active, 2, isPrepared: true);
        Assert.AreEqual(RoleChange.LetGo, Obey(NodeRole.Replica, 3).Change);
        Assert.AreEqual(RoleChange.TakeOver, Obey(NodeRole.Active, 4).Change, "nothing is left of the preparation");
    }

    [TestMethod]
    public void A_later_epoch_settles_too()
    {
        Obey(NodeRole.Active, 2, isPrepared: true);
        Assert.AreEqual(RoleChange.Settle, Obey(NodeRole.Active, 3).Change);
        Assert.AreEqual(RoleChange.EpochOnly, Obey(NodeRole.Active, 4).Change);
    }

    private OrderVerdict Obey(NodeRole role, ulong epoch, ulong echoNs = Now, ulong replicaSince = 0, bool isPrepared = false) => _node.Obey(
        new Message
        {
            Kind = MessageKind.Assignment, Node = "node1", Role = role, Epoch = epoch, Instance = 1, Sequence = 1, SentNs = 1, IsPrepared = isPrepared,
            EchoNs = echoNs, Lease = TimeSpan.FromMilliseconds(30), ReplicaSince = replicaSince,
        },
        Now);
}
