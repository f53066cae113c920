using Appliance.Bench.Baseline;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class ProbeResultTests
{
    private const long Ms = 1_000_000;

    [TestMethod]
    public void The_gap_lies_between_the_last_before_and_the_first_after()
    {
        var result = ProbeResult.From([Served(0, 1), Served(5, 6), Served(60, 62), Served(65, 66)], 10 * Ms);
        Assert.AreEqual(56.0, result.GapMs!.Value, 1e-9);
        Assert.AreEqual(2.0, result.SlowestMs, 1e-9);
        Assert.AreEqual(4, result.Attempts);
        Assert.AreEqual(0, result.Failed);
    }

    [TestMethod]
    public void A_connection_that_waited_counts_when_it_was_served()
    {
        var result = ProbeResult.From([Served(0, 1), Served(12, 1012), Served(50, 51)], 10 * Ms);
        Assert.AreEqual(961.0, result.GapMs!.Value, 1e-9);
        Assert.AreEqual(1000.0, result.SlowestMs, 1e-9);
    }

    [TestMethod]
    public void Pauses_before_the_crash_do_not_count() =>
        Assert.AreEqual(10.0, ProbeResult.From([Served(0, 1), Served(90, 95), Served(104, 105)], 100 * Ms).GapMs!.Value, 1e-9);

    [TestMethod]
    public void Without_service_after_the_crash_there_is_no_end()
    {
        var result = ProbeResult.From([Served(0, 1), new ProbeAttempt(20 * Ms, null)], 10 * Ms);
        Assert.IsNull(result.GapMs);
        Assert.AreEqual(1, result.Failed);
        Assert.IsNull(ProbeResult.From([], 0).GapMs);
    }

    private static ProbeAttempt Served(long startMs, long doneMs) => new(startMs * Ms, doneMs * Ms);
}
