using Appliance.Lab.Traffic.Measure;

namespace Appliance.Tests.Unit.Traffic;

[TestClass]
public sealed class GapMeasurementTests
{
    private const long Ms = 1_000_000;

    [TestMethod]
    public void StatisticsAreNearestRank()
    {
        long[] hundred = [.. Enumerable.Range(1, 100).Reverse().Select(value => (long)value)];
        Assert.AreEqual(new GapStatistics(50, 99, 100), GapStatistics.From(hundred));
        Assert.AreEqual(new GapStatistics(7, 7, 7), GapStatistics.From(new long[] { 7 }));
        Assert.AreEqual(default, GapStatistics.From([]));
    }

    [TestMethod]
    public void HistogramKnowsQuantilesWithinTwoPercent()
    {
        var histogram = new LatencyHistogram();
        for (long value = 1; value <= 100_000; value++)
        {
            histogram.Record(value * 1_000);
        }

        Assert.AreEqual(100_000, histogram.Count);
        Assert.AreEqual(100_000_000, histogram.Max);
        Assert.AreEqual(50_000_000, histogram.Quantile(0.5), 50_000_000 * 0.016);
        Assert.AreEqual(99_000_000, histogram.Quantile(0.99), 99_000_000 * 0.016);
        Assert.AreEqual(histogram.Max, histogram.Quantile(1));
    }

    [TestMethod]
    public void HistogramTakesEveryValue()
    {
        var histogram = new LatencyHistogram();
        Assert.AreEqual(0, histogram.Quantile(0.5));
        histogram.Record(-5);
        Assert.AreEqual(0, histogram.Quantile(1));
        foreach (long value in new[] { 1, 63, 64, 127, 128, 1L << 40, long.MaxValue })
        {
            histogram.Record(value);
            Assert.AreEqual(value, histogram.Quantile(1));
        }
    }

    [TestMethod]
    public void LogKeepsTheWorstAndTheLongOnes()
    {
        var log = new GapLog();
        log.Record(0, 4 * Ms, TrafficKind.Echo);
        Assert.AreEqual(new LargeGap(0, 4 * Ms, TrafficKind.Echo), log.Worst);
        Assert.AreEqual(0, log.Count);
        log.Record(10 * Ms, 70 * Ms, TrafficKind.Download);
        log.Record(20 * Ms, 26 * Ms, TrafficKind.Upload);
        Assert.AreEqual(60, log.Worst.Ms);
        Assert.AreEqual(2, log.Count);
        CollectionAssert.AreEqual(
            new[] { new LargeGap(10 * Ms, 70 * Ms, TrafficKind.Download) },
            log.Longest(1).ToArray());
    }

    [TestMethod]
    public void LogIsBounded()
    {
        var log = new GapLog();
        for (int i = 0; i < GapLog.Capacity + 10; i++)
        {
            log.Record(0, 6 * Ms, TrafficKind.Echo);
        }

        Assert.AreEqual(GapLog.Capacity + 10, log.Count);
        Assert.HasCount(GapLog.Capacity, log.Longest(int.MaxValue));
    }

    [TestMethod]
    public void TimelineFindsTheFirstDataAfterASilence()
    {
        var timeline = new ProgressTimeline();
        for (long time = 1_000 * Ms; time < 1_100 * Ms; time += Ms / 20)
        {
            timeline.Record(time);
        }

        timeline.Record((1_163 * Ms) + 5);
        timeline.Record((1_163 * Ms) + 9);
        Assert.AreEqual((1_163 * Ms) + 5, timeline.FirstAfter(1_101 * Ms, 1_200 * Ms));
        Assert.AreEqual((1_163 * Ms) + 5, timeline.FirstAfter((1_163 * Ms) + 5, 1_200 * Ms));
        Assert.IsNull(timeline.FirstAfter(1_164 * Ms, 1_200 * Ms));
        Assert.IsNull(timeline.FirstAfter(2_000 * Ms, 1_200 * Ms));
    }

    [TestMethod]
    public void TimelineForgetsWhatIsTooOld()
    {
        var timeline = new ProgressTimeline();
        timeline.Record(1_000 * Ms);
        Assert.IsNull(timeline.FirstAfter(0, 200_000 * Ms));
        timeline.Record(200_000 * Ms);
        Assert.AreEqual(200_000 * Ms, timeline.FirstAfter(0, 200_000 * Ms));
    }
}
