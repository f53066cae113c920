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

    private static int[] Ages(DatagramFlow flow)
    {
        var words = new ulong[DatagramFlow.WordCount];
        flow.CopyArrived(words);
        return [.. Enumerable.Range(0, 1024).Where(i => (words[i / 64] & (1UL << (i % 64))) != 0)];
    }
}
