using Appliance.Gateway.Failover;

namespace Appliance.Tests.Unit.Failover;

/// <summary>Heartbeats every 10 ms; from 30 to 200 ms of silence are allowed.</summary>
[TestClass]
public sealed class SilenceLimitTests
{
    private readonly SilenceLimit _limit = new(Ms(10), Ms(30), Ms(200));
    private ulong _nowNs = 1_000_000_000;

    [TestMethod]
    public void A_punctual_host_has_the_least()
    {
        Beat(10, times: 1000);
        Assert.AreEqual(30.0, LimitMs);
    }

    [TestMethod]
    [DataRow(20, 40)]
    [DataRow(60, 120)]
    [DataRow(100, 200)]
    [DataRow(150, 200, DisplayName = "never more than the most")]
    public void A_late_heartbeat_allows_twice_its_gap(int gap, int expected)
    {
        Beat(10, times: 10);
        Beat(gap);
        Assert.AreEqual(expected, LimitMs, 0.1);
    }

    [TestMethod]
    public void What_is_long_ago_is_forgotten_by_half_every_minute()
    {
        Beat(90);
        Beat(90); // 80 ms late
        Assert.AreEqual(180, LimitMs, 0.2);
        Beat(10, times: 6000);
        Assert.AreEqual(100, LimitMs, 0.5);
        Beat(10, times: 6000);
        Assert.AreEqual(60, LimitMs, 0.5);
        Beat(10, times: 100_000);
        Assert.AreEqual(30.0, LimitMs);
    }

    [TestMethod]
    public void An_outage_teaches_nothing()
    {
        Beat(10, times: 10);
        Beat(5000);
        Assert.AreEqual(30.0, LimitMs);
    }

    [TestMethod]
    public void A_fixed_limit_stays()
    {
        var limit = new SilenceLimit(Ms(10), Ms(30), Ms(30));
        limit.OnHeartbeat(1_000_000_000);
        limit.OnHeartbeat(1_025_000_000);
        Assert.AreEqual(30_000_000UL, limit.Ns);
    }

    private double LimitMs => _limit.Ns / 1e6;

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private void Beat(int gap, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _nowNs += (ulong)gap * 1_000_000;
            _limit.OnHeartbeat(_nowNs);
        }
    }
}
