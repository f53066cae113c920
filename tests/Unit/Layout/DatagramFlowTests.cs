using Appliance.Bpf.Layout;

namespace Appliance.Tests.Unit.Layout;

[TestClass]
public sealed class DatagramFlowTests
{
    [TestMethod]
    [DataRow(5000u, new[] { 0, 1, 7, 64, 800 })]
    [DataRow(63u, new[] { 0, 63 })]
    [DataRow(3u, new[] { 0, 3, 5, 700 }, DisplayName = "around 32 bits")]
    public void Arrivals_are_told_from_the_highest_down(uint highest, int[] ages)
    {
        var flow = new DatagramFlow { Highest = highest };
        foreach (var n in ages.Select(a => unchecked(highest - (uint)a)))
        {
            flow.Received[(int)(n / 64 % DatagramFlow.WordCount)] |= 1UL << (int)(n % 64);
        }
        var oldest = 960 + (highest % 64);
        CollectionAssert.AreEqual(
            ages.Concat(Enumerable.Range((int)oldest + 1, 1023 - (int)oldest)).ToArray(), Ages(flow), "and what it cannot tell any more");
    }

    [TestMethod]
    [DataRow(70u, 60u, new[] { 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70 }, true)]
    [DataRow(70u, 60u, new[] { 60, 61, 62, 63, 65, 66, 67, 68, 69, 70 }, false)]
    [DataRow(70u, 60u, new[] { 61, 62, 63, 64, 65, 66, 67, 68, 69, 70 }, false, DisplayName = "the first is missing")]
    [DataRow(7u, 7u, new[] { 7 }, true)]
    public void It_is_whole_when_nothing_is_missing_from_the_first_on(uint highest, uint first, int[] numbers, bool isWhole)
    {
        var flow = new DatagramFlow { Highest = highest, First = first };
        foreach (var n in numbers)
        {
            flow.Received[n / 64 % DatagramFlow.WordCount] |= 1UL << (n % 64);
        }
        Assert.AreEqual(isWhole, flow.IsWhole);
    }

    [TestMethod]
    public void What_cannot_be_told_any_more_is_not_missing()
    {
        var flow = new DatagramFlow { Highest = 100_010 };
        for (var word = 0; word < DatagramFlow.WordCount; word++)
        {
            flow.Received[word] = ulong.MaxValue;
        }
        Assert.IsTrue(flow.IsWhole);
        flow.Received[3] = ~(1UL << 5);
        Assert.IsFalse(flow.IsWhole);
    }

    private static int[] Ages(DatagramFlow flow)
    {
        var words = new ulong[DatagramFlow.WordCount];
        flow.CopyArrived(words);
        return [.. Enumerable.Range(0, 1024).Where(i => (words[i / 64] & (1UL << (i % 64))) != 0)];
    }
}
