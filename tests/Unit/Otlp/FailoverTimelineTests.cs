using Appliance.Gateway.Control;
using Appliance.Gateway.Failover;
using Appliance.Gateway.Otlp;

namespace Appliance.Tests.Unit.Otlp;

/// <summary>A change's times, which are of two machines' monotonic clocks, become phases by the wall clock.</summary>
[TestClass]
public sealed class FailoverTimelineTests
{
    private const ulong Decided = 5_000_000_000;

    private static readonly DateTimeOffset s_at = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly GatewayEvent s_change = new(
        7, Cause.ActiveSilent, "node1", "node1", "node2", s_at, LastHeardNs: Decided - 30_000_000, Decided, FencedNs: Decided + 10_000, OrderedNs: Decided + 90_000)
    {
        ReceivedNs = 1_000, // by a machine that started just now
        FirstSegmentNs = 701_000,
    };

    [TestMethod]
    public void A_dead_node_is_detected_fenced_off_and_replaced() => AssertPhases(
        s_change, "detect -30000 0", "fence 0 10", "order 10 90", "take over 90 790");

    [TestMethod]
    public void Other_causes_have_nothing_to_detect() => AssertPhases(
        s_change with { Cause = Cause.Planned }, "fence 0 10", "order 10 90", "take over 90 790");

    [TestMethod]
    public void A_node_that_had_nothing_to_send_has_told_nothing() => AssertPhases(
        s_change with { ReceivedNs = 0, FirstSegmentNs = 0 }, "detect -30000 0", "fence 0 10", "order 10 90");

    [TestMethod]
    [DataRow(Cause.Start, false)]
    [DataRow(Cause.ReplicaJoined, false)]
    [DataRow(Cause.ReplicaLost, false)]
    [DataRow(Cause.PlanAborted, false)]
    [DataRow(Cause.ServerEnded, true)]
    [DataRow(Cause.Forced, true)]
    public void What_moves_the_service_is_a_failover(Cause cause, bool moves) => Assert.AreEqual(moves, FailoverTimeline.IsFailover(cause));

    /// <summary>Names, starts and ends in microseconds after the decision.</summary>
    private static void AssertPhases(GatewayEvent change, params string[] expected) => CollectionAssert.AreEqual(
        expected, FailoverTimeline.PhasesOf(change).Select(p => $"{p.Name} {(p.Start - s_at).TotalMicroseconds} {(p.End - s_at).TotalMicroseconds}").ToList());
}
