using Appliance.ControlPlane;
using Appliance.Gateway.Failover;
using FsCheck;
using FsCheck.Fluent;

namespace Appliance.Tests.Unit.Failover;

/// <summary>What holds after any sequence of heartbeats, silences and orders. A number stands for one event.</summary>
[TestClass]
public sealed class CoordinatorPropertyTests
{
    private const int Nodes = 3;
    private const ulong Millisecond = 1_000_000;
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(300);

    [TestMethod]
    public void Epochs_only_grow_and_at_most_one_node_is_active() => Hold(static events =>
    {
        var run = new Run();
        var previous = run.Coordinator.Current;
        foreach (var e in events)
        {
            var decision = run.Apply(e);
            var current = run.Coordinator.Current;
            if (decision is null)
            {
                Assert.AreEqual(previous, current, "nothing changes without a decision");
                continue;
            }
            Assert.AreEqual(decision.Order, current);
            Assert.IsGreaterThan(previous.Epoch, current.Epoch);
            Assert.IsGreaterThan(run.HighestReported, current.Epoch, "higher than anything that a node has reported");
            Assert.IsTrue(current.Active is >= 0 and < Nodes);
            Assert.IsFalse(current.IsReplica(current.Active), "nobody is both");
            Assert.AreEqual(0, current.Replicas >> Nodes, "nobody else replicates");
            Assert.AreEqual(1, Enumerable.Range(0, Nodes).Count(n => current.RoleOf(n) == NodeRole.Active));
            previous = current;
        }
    });

    [TestMethod]
    public void A_replica_is_whole_since_the_epoch_in_which_its_copies_began() => Hold(static events =>
    {
        var run = new Run();
        var since = new ulong[Nodes];
        foreach (var e in events)
        {
            var before = run.Coordinator.Current;
            run.Apply(e);
            var current = run.Coordinator.Current;
            for (var node = 0; node < Nodes; node++)
            {
                if (current.IsReplica(node))
                {
                    since[node] = before.IsReplica(node) ? since[node] : current.Epoch;
                    Assert.AreEqual(since[node], run.Coordinator.ReplicaSince(node));
                }
            }
        }
    });

    [TestMethod]
    public void The_service_moves_only_for_a_reason() => Hold(static events =>
    {
        var run = new Run();
        foreach (var e in events)
        {
            var before = run.Coordinator.Current;
            var decision = run.Apply(e);
            if (decision is null || before.Active < 0 || decision.Order.Active == before.Active)
            {
                continue;
            }
            Assert.IsTrue(decision.Cause is Cause.ActiveSilent or Cause.Forced);
            Assert.IsTrue(before.IsReplica(decision.Order.Active), "only a replica takes over");
            Assert.IsTrue(run.Coordinator.Nodes[decision.Order.Active].IsAlive, "and only a live one");
            Assert.AreEqual(decision.Cause == Cause.Forced, run.LastWasForce);
        }
    });

    [TestMethod]
    public void A_node_that_stays_gets_the_service_in_the_end() => Hold(static events =>
    {
        var run = new Run();
        foreach (var e in events)
        {
            run.Apply(e);
        }
        run.HearOnly(node: 1, during: Grace + Timeout + Timeout);
        Assert.AreEqual(1, run.Coordinator.Current.Active);
    });

    private static void Hold(Action<int[]> property) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ArrayOf().ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private sealed class Run
    {
        private ulong _now = Millisecond;

        public Coordinator Coordinator { get; } = new(Nodes, preferred: 0, Timeout, Grace);

        public ulong HighestReported { get; private set; }

        public bool LastWasForce { get; private set; }

        public Decision? Apply(int number)
        {
            var random = new Random(number);
            _now += (ulong)random.Next(40) * Millisecond;
            LastWasForce = false;
            switch (random.Next(10))
            {
                case 0:
                    LastWasForce = true;
                    return Coordinator.Force(_now);
                case 1 or 2 or 3:
                    return Coordinator.OnTick(_now);
                default:
                    var epoch = Coordinator.Current.Epoch + (random.Next(20) == 0 ? (ulong)random.Next(1000) : 0);
                    HighestReported = Math.Max(HighestReported, epoch);
                    return Coordinator.OnHeartbeat(random.Next(Nodes), Heartbeat.Of((NodeRole)random.Next(2), epoch), _now);
            }
        }

        public void HearOnly(int node, TimeSpan during)
        {
            var end = _now + ((ulong)during.TotalMilliseconds * Millisecond);
            for (; _now <= end; _now += 10 * Millisecond)
            {
                Coordinator.OnHeartbeat(node, Heartbeat.Of(NodeRole.Replica, Coordinator.Current.Epoch), _now);
                Coordinator.OnTick(_now);
            }
        }
    }
}
