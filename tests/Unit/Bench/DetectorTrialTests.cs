using Appliance.Bench.Detector;

namespace Appliance.Tests.Unit.Bench;

/// <summary>Heartbeats every 10 ms.</summary>
[TestClass]
public sealed class DetectorTrialTests
{
    [TestMethod]
    public void A_gap_beyond_the_limit_is_a_false_suspicion()
    {
        var trace = new ArrivalTrace("one gap", [.. Enumerable.Range(0, 360_000).Select(i => (i * 10.0) + (i >= 180_000 ? 35 : 0))]);
        Assert.AreEqual(1, Trial(trace, 30, 30).FalsePerHour, 0.01);
        Assert.AreEqual(0.0, Trial(trace, 50, 50).FalsePerHour);
        Assert.AreEqual((25.0, 30.0), (Trial(trace, 30, 30).DetectionMs, Trial(trace, 30, 30).WorstDetectionMs));
    }

    [TestMethod]
    public void An_adaptive_limit_is_wrong_less_often_than_its_least_and_sooner_right_than_its_most()
    {
        foreach (var trace in new[] { ArrivalTrace.Stalls(0.5, new Random(1)), ArrivalTrace.Lossy(0.5, new Random(1)), ArrivalTrace.Changing(1, new Random(1)) })
        {
            var (least, adaptive, most) = (Trial(trace, 30, 30), Trial(trace, 30, 200), Trial(trace, 200, 200));
            Assert.IsLessThan(least.FalsePerHour / 3, adaptive.FalsePerHour, trace.Name);
            Assert.IsLessThan(most.DetectionMs * 0.6, adaptive.DetectionMs, trace.Name);
        }
    }

    [TestMethod]
    public void The_recorded_trace_is_there_and_whole()
    {
        var trace = ArrivalTrace.Recorded();
        Assert.HasCount(37_754, trace.ArrivalsMs);
        Assert.AreEqual(6.29 / 60, trace.Hours, 0.001);
        Assert.AreEqual(0.0, Trial(trace, 50, 50).FalsePerHour);
    }

    private static DetectorTrial Trial(ArrivalTrace trace, int leastMs, int mostMs) =>
        DetectorTrial.Of(trace, TimeSpan.FromMilliseconds(leastMs), TimeSpan.FromMilliseconds(mostMs));
}
