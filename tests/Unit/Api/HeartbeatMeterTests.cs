using Appliance.Gateway.Control;

namespace Appliance.Tests.Unit.Api;

/// <summary>How a node's heartbeats come, step by step; milliseconds.</summary>
[TestClass]
public sealed class HeartbeatMeterTests
{
    private readonly HeartbeatMeter _meter = new();

    [TestMethod]
    public void Each_step_has_its_count_and_its_longest_gap()
    {
        Hear(10, 20, 45, 50);
        Assert.AreEqual((4, 25UL), Take(52));
        Hear(60);
        Assert.AreEqual((1, 10UL), Take(65));
    }

    [TestMethod]
    public void A_silence_that_lasts_is_a_gap()
    {
        Assert.AreEqual((0, 0UL), Take(5), "never heard");
        Hear(10);
        Assert.AreEqual((1, 90UL), Take(100));
        Assert.AreEqual((0, 190UL), Take(200));
        Hear(210);
        Assert.AreEqual((1, 200UL), Take(215));
    }

    private void Hear(params ulong[] at)
    {
        foreach (var ms in at)
        {
            _meter.OnHeartbeat(ms * 1_000_000);
        }
    }

    private (int Count, ulong LongestMs) Take(ulong at)
    {
        var (count, longest) = _meter.Take(at * 1_000_000);
        return (count, longest / 1_000_000);
    }
}
