using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Gateway.Failover;
using Appliance.Tests.Support;
using Appliance.Tests.Unit.Failover;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>A coordinator that goes on with what an earlier process left. Node 1 is active; time is milliseconds after the restart.</summary>
[TestClass]
public sealed class ResumeTests
{
    private const int Timeout = 30;
    private const int Grace = 2000;
    private const int Credit = 1000;
    private const ulong Epoch = 41;
    private const ulong Resumed = Epoch + 2;

    private readonly Coordinator _coordinator = new(3, preferred: 0, TimeSpan.FromMilliseconds(Timeout), TimeSpan.FromMilliseconds(Grace));

    public ResumeTests() => _coordinator.Resume(new Assignment(Epoch, 1, 0b001), [Scene.Node0, Scene.Node1, Scene.Node2], Ns(Credit));

    [TestMethod]
    public void The_assignment_stays_as_it_was_under_an_epoch_that_nobody_was_prepared_for()
    {
        Assert.AreEqual(new Assignment(Resumed, 1, 0b001), _coordinator.Current);
        Assert.IsNull(Tick(0));
        Assert.IsNull(Hear(1, NodeRole.Active, at: 3));
        Assert.IsNull(Hear(0, NodeRole.Replica, at: 5));
        Assert.AreEqual(new Assignment(Resumed, 1, 0b001), _coordinator.Current);
    }

    [TestMethod]
    public void Its_nodes_are_known_before_they_are_heard()
    {
        Assert.AreEqual((true, NodeRole.Active, Epoch, Scene.Node1), View(1));
        Assert.AreEqual((true, NodeRole.Replica, Epoch, Scene.Node0), View(0));
        Assert.AreEqual((false, NodeRole.Replica, 0ul, default(MacAddress)), View(2));
    }

    [TestMethod]
    public void Nobody_has_to_forget_its_replicas()
    {
        Hear(0, NodeRole.Replica, at: 5);
        Assert.AreEqual(0ul, _coordinator.ReplicaSince(0));
    }

    [TestMethod]
    public void Nobody_is_silent_before_it_could_be_heard()
    {
        Assert.IsNull(Tick(Credit + Timeout));
        Assert.AreEqual(Ns(Credit + Timeout) + 1, _coordinator.NextDeadlineNs());
    }

    [TestMethod]
    public void A_node_that_died_meanwhile_loses_the_service()
    {
        for (var at = 0; at < Credit + Timeout; at += 10)
        {
            Assert.IsNull(Hear(0, NodeRole.Replica, at));
            Assert.IsNull(Tick(at));
        }
        Hear(0, NodeRole.Replica, at: Credit + Timeout);
        Assert.AreEqual(new Decision(new Assignment(Resumed + 1, 0, 0), Cause.ActiveSilent, 1), Tick(Credit + Timeout + 1));
    }

    [TestMethod]
    public void From_its_first_heartbeat_on_a_node_is_watched_as_ever()
    {
        Hear(0, NodeRole.Replica, at: 5);
        Hear(1, NodeRole.Active, at: 5);
        Hear(0, NodeRole.Replica, at: 30);
        Assert.AreEqual(new Decision(new Assignment(Resumed + 1, 0, 0), Cause.ActiveSilent, 1), Tick(5 + Timeout + 1));
    }

    [TestMethod]
    public void A_replica_that_died_meanwhile_is_dropped_after_the_grace()
    {
        Decision? decision = null;
        for (var at = 0; decision is null; at += 10)
        {
            Assert.IsLessThanOrEqualTo(Credit + Grace + 20, at);
            Hear(1, NodeRole.Active, at);
            decision = Tick(at);
        }
        Assert.AreEqual(new Decision(new Assignment(Resumed + 1, 1, 0), Cause.ReplicaLost, 0), decision);
    }

    [TestMethod]
    public void A_node_that_was_no_replica_joins()
    {
        Assert.AreEqual(new Decision(new Assignment(Resumed + 1, 1, 0b101), Cause.ReplicaJoined, 2), Hear(2, NodeRole.Replica, at: 5));
        Assert.AreEqual(Resumed + 1, _coordinator.ReplicaSince(2));
    }

    [TestMethod]
    public void A_higher_epoch_is_exceeded()
    {
        Assert.AreEqual(
            new Decision(new Assignment(51, 1, 0b001), Cause.EpochRaised, 0),
            _coordinator.OnHeartbeat(0, Heartbeat.Of(NodeRole.Replica, epoch: 50), Ns(5)));
    }

    [TestMethod]
    public void An_operator_may_move_the_service_at_once()
    {
        Assert.AreEqual(new Decision(new Assignment(Resumed + 1, 0, 0), Cause.Forced, 1), _coordinator.Force(Ns(1)));
    }

    [TestMethod]
    public void Nothing_to_resume_is_a_start_from_nothing()
    {
        var coordinator = new Coordinator(2, preferred: -1, TimeSpan.FromMilliseconds(Timeout), TimeSpan.FromMilliseconds(Grace));
        Assert.IsNull(coordinator.OnTick(Ns(0)));
        Assert.AreEqual(Assignment.None, coordinator.Current);
    }

    private static ulong Ns(int milliseconds) => (ulong)(milliseconds + 1_000_000) * 1_000_000;

    private (bool IsAlive, NodeRole Role, ulong Epoch, MacAddress Mac) View(int node)
    {
        var view = _coordinator.Nodes[node];
        return (view.IsAlive, view.Role, view.Epoch, view.Mac);
    }

    private Decision? Hear(int node, NodeRole role, int at) => _coordinator.OnHeartbeat(node, Heartbeat.Of(role, Epoch), Ns(at));

    private Decision? Tick(int at) => _coordinator.OnTick(Ns(at));
}
