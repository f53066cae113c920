using Appliance.Bench.Failover;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class FailoverSummaryTests
{
    [TestMethod]
    public void Goals_take_the_median_run()
    {
        var goals = FailoverSummary.Goals(new Dictionary<string, List<CrashRun>>
        {
            ["echo100"] = [Run(40, 0.5)],
            ["echo1000"] = [Run(50, 1), Run(300, 9), Run(55, 1.5)],
            ["echo10000"] = [Run(70, 1.2)],
            ["download"] = [Run(61, 1)],
        });
        CollectionAssert.AreEqual(
            (double?[])[0, 0, 1.5, 2.4, 55, 61],
            goals.Select(goal => goal.Measured).ToList());
        CollectionAssert.AreEqual((bool[])[true, true, true, false, false, false], goals.Select(goal => goal.IsMet).ToList());
    }

    [TestMethod]
    public void A_single_loss_in_any_run_is_a_miss()
    {
        var goals = FailoverSummary.Goals(new Dictionary<string, List<CrashRun>>
        {
            ["echo100"] = [Run(40, 1), Run(40, 1) with { Lost = 1, BytesCorrupted = 3 }],
        });
        Assert.HasCount(2, goals);
        Assert.IsFalse(goals[0].IsMet);
        Assert.IsFalse(goals[1].IsMet);
    }

    [TestMethod]
    public void A_takeover_that_was_not_seen_is_no_success()
    {
        var goals = FailoverSummary.Goals(new Dictionary<string, List<CrashRun>> { ["echo1000"] = [Run(50, null)] });
        Assert.IsFalse(goals[3].IsMet);
    }

    private static CrashRun Run(double gapMs, double? takeoverMs) => new()
    {
        Connections = 10,
        Lost = 0,
        BytesCorrupted = 0,
        BytesVerified = 640,
        WorstGapMs = gapMs,
        WorstGapAtMs = 0,
        MedianGapMs = gapMs,
        DetectionMs = 30,
        TakeoverMs = takeoverMs,
        InStep = 10,
        FalseAlarms = 0,
        GatewayCpu = 0.1,
        PrimaryCpu = 0.1,
        BackupCpu = 0.1,
        Seconds = 2,
    };
}
