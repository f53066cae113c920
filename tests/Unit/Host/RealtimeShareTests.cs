using Appliance.Native;

namespace Appliance.Tests.Unit.Host;

[TestClass]
public sealed class RealtimeShareTests
{
    [TestMethod]
    [DataRow(true, 50, true)]
    [DataRow(true, 51, false, DisplayName = "it leaves too little to others")]
    [DataRow(false, 20, false, DisplayName = "a moment's rest is none")]
    [DataRow(false, 19, true)]
    public void Who_needs_little_goes_first(bool isRaised, int usedPercent, bool expected) =>
        Assert.AreEqual(expected, RealtimeShare.Judge(isRaised, (ulong)usedPercent, 100));

    [TestMethod]
    public void Only_work_counts_as_use_of_a_processor()
    {
        var before = ThreadClock.Now;
        var until = MonotonicClock.Now + 2_000_000;
        while (MonotonicClock.Now < until)
        {
            Thread.SpinWait(10);
        }
        Assert.IsGreaterThan(before, ThreadClock.Now);
    }
}
