using Appliance.Lab.Text;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class DurationsTests
{
    [TestMethod]
    [DataRow("500us", 0.5)]
    [DataRow("10ms", 10)]
    [DataRow("1.5s", 1500)]
    [DataRow(" 2m ", 120_000)]
    [DataRow("0ms", 0)]
    public void Reads_numbers_with_units(string text, double milliseconds)
    {
        Assert.IsTrue(Durations.TryParse(text, out var duration));
        Assert.AreEqual(milliseconds, duration.TotalMilliseconds);
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    [DataRow("ms")]
    [DataRow("10")]
    [DataRow("-1ms")]
    [DataRow("1e3s")]
    [DataRow("10 msec")]
    [DataRow("NaNs")]
    [DataRow("99999999999999999999s")]
    public void Refuses_what_is_no_duration(string? text) => Assert.IsFalse(Durations.TryParse(text, out _));

    [TestMethod]
    [DataRow("3", 3000)]
    [DataRow("3ms", 3)]
    public void Counts_bare_numbers_in_the_given_unit(string text, double milliseconds)
    {
        Assert.IsTrue(Durations.TryParse(text, out var duration, bareUnit: "s"));
        Assert.AreEqual(milliseconds, duration.TotalMilliseconds);
    }

    [TestMethod]
    [DataRow("250us")]
    [DataRow("10ms")]
    [DataRow("2s")]
    public void Writes_what_it_reads(string text)
    {
        Assert.IsTrue(Durations.TryParse(text, out var duration));
        Assert.AreEqual(text, Durations.Format(duration));
    }
}
