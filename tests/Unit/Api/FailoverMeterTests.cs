using Appliance.Gateway.Control;
using Appliance.Gateway.Failover;
using Appliance.Gateway.Metrics;

namespace Appliance.Tests.Unit.Api;

/// <summary>What is counted of changes of assignment, each once.</summary>
[TestClass]
public sealed class FailoverMeterTests
{
    private readonly FailoverMeter _meter = new();

    [TestMethod]
    public void Each_change_counts_once_and_a_takeover_when_it_is_known()
    {
        var change = new GatewayEvent(2, Cause.ActiveSilent, "node1", "node1", "node2", default, LastHeardNs: 1_000_000, DecidedNs: 31_000_000, FencedNs: 0, OrderedNs: 0);
        _meter.Look([change]);
        _meter.Look([change]);
        Assert.AreEqual((1L, 1L, 0L), (_meter.Count(Cause.ActiveSilent), Total(_meter.Detection), Total(_meter.Takeover)));
        Assert.AreEqual(0.03, _meter.Detection.Sum, 1e-9);

        var complete = change with { ReceivedNs = 32_000_000, FirstSegmentNs = 33_000_000 };
        _meter.Look([complete]);
        _meter.Look([complete, new GatewayEvent(3, Cause.Planned, "node2", "node2", "node1", default, 5, 9, 0, 0)]);
        Assert.AreEqual((1L, 1L, 1L, 1L), (_meter.Count(Cause.ActiveSilent), _meter.Count(Cause.Planned), Total(_meter.Detection), Total(_meter.Takeover)));
        Assert.AreEqual(0.001, _meter.Takeover.Sum, 1e-9);
    }

    private static long Total(HistogramReading reading) => reading.Counts.Sum();
}
