namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>What one run of a program did.</summary>
internal sealed record Outcome(Verdict Verdict, byte[] Frame, uint Mark, IReadOnlyDictionary<string, int> Counted)
{
    /// <summary>Fails unless exactly these counters went up, by one for each time they are named.</summary>
    public void AssertCounted(params string[] names)
    {
        var expected = names.GroupBy(n => n, StringComparer.Ordinal).Select(g => $"{g.Key} {g.Count()}");
        var actual = Counted.Select(c => $"{c.Key} {c.Value}");
        Assert.AreEqual(
            string.Join(", ", expected.Order(StringComparer.Ordinal)),
            string.Join(", ", actual.Order(StringComparer.Ordinal)),
            "counters");
    }

    /// <summary>Fails unless the program left exactly this frame.</summary>
    public void AssertFrame(byte[] expected) =>
        Assert.AreEqual(Convert.ToHexStringLower(expected), Convert.ToHexStringLower(Frame), "frame");
}
