using Appliance.Bench.Measure;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class StatisticsTests
{
    [TestMethod]
    public void Median_is_the_middle_or_between_the_two_in_the_middle()
    {
        Assert.AreEqual(2, Statistics.Median([3, 1, 2]));
        Assert.AreEqual(2.5, Statistics.Median([4, 1, 3, 2]));
        Assert.AreEqual(7, Statistics.Median([7]));
    }

    [TestMethod]
    public void Missing_values_are_left_out()
    {
        Assert.AreEqual(2, Statistics.Median([null, 2, double.NaN]));
        Assert.AreEqual(5, Statistics.Max([5, null, 3]));
        Assert.AreEqual(3, Statistics.Min([5, null, 3]));
        Assert.IsNull(Statistics.Median([null, double.NaN]));
        Assert.IsNull(Statistics.Max([]));
        Assert.IsNull(Statistics.Min([]));
    }

    [TestMethod]
    public void Ratio_of_nothing_is_nothing()
    {
        Assert.AreEqual(0.5, Statistics.Ratio(1, 2));
        Assert.IsNull(Statistics.Ratio(null, 2));
        Assert.IsNull(Statistics.Ratio(1, null));
        Assert.IsNull(Statistics.Ratio(1, 0));
    }

    [TestMethod]
    public void Paired_ratio_compares_neighbours_only()
    {
        // The machine was half as fast in the second round, for both.
        Assert.AreEqual(0.8, Statistics.PairedRatio([8, 4, 8], [10, 5, 10]));
        Assert.AreEqual(0.8, Statistics.PairedRatio([8, null], [10, 5]));
        Assert.IsNull(Statistics.PairedRatio([null], [10]));
    }
}
