using Appliance.Lab.Text;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class PercentagesTests
{
    [TestMethod]
    [DataRow("5%", 500)]
    [DataRow("5", 500)]
    [DataRow("0.25 %", 25)]
    [DataRow("0", 0)]
    [DataRow("100%", 10_000)]
    public void Reads_shares_in_hundredths_of_a_percent(string text, int expected)
    {
        Assert.IsTrue(Percentages.TryParse(text, out var basisPoints));
        Assert.AreEqual(expected, basisPoints);
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    [DataRow("%")]
    [DataRow("-1%")]
    [DataRow("100.1%")]
    [DataRow("five")]
    public void Refuses_what_is_no_share(string? text) => Assert.IsFalse(Percentages.TryParse(text, out _));

    [TestMethod]
    public void Writes_without_needless_digits()
    {
        Assert.AreEqual("5%", Percentages.Format(500));
        Assert.AreEqual("0.25%", Percentages.Format(25));
    }
}
