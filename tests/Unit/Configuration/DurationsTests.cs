using Appliance.Configuration;

namespace Appliance.Tests.Unit.Configuration;

[TestClass]
public sealed class DurationsTests
{
    [TestMethod]
    [DataRow("10ms", 10_000.0)]
    [DataRow("500us", 500.0)]
    [DataRow("2s", 2e6)]
    [DataRow("5m", 300e6)]
    [DataRow("2h", 7200e6)]
    [DataRow("1d", 86400e6)]
    [DataRow("0s", 0.0)]
    [DataRow("1.5ms", 1500.0)]
    [DataRow(".5s", 500_000.0)]
    [DataRow("10 ms", 10_000.0)]
    [DataRow("0.1us", 0.1)]
    [DataRow("43200m", 30.0 * 86400e6, DisplayName = "thirty days")]
    public void A_number_and_a_unit(string text, double microseconds)
    {
        Assert.IsTrue(Durations.TryParse(text, out var duration));
        Assert.AreEqual(microseconds, duration.TotalMicroseconds);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("10")]
    [DataRow("ms")]
    [DataRow("-10ms")]
    [DataRow("+10ms")]
    [DataRow(" 10ms")]
    [DataRow("10w")]
    [DataRow("10MS")]
    [DataRow("1.2.3s")]
    [DataRow(".s")]
    [DataRow("1e3s")]
    [DataRow("1,5s")]
    [DataRow("10ms20ms")]
    [DataRow("43201m")]
    [DataRow("31d")]
    [DataRow("99999999999999999999999999m")]
    public void Nothing_else(string text) => Assert.IsFalse(Durations.TryParse(text, out _));

    [TestMethod]
    [DataRow("10ms")]
    [DataRow("500us")]
    [DataRow("1500us")]
    [DataRow("90s")]
    [DataRow("2m")]
    [DataRow("0s")]
    [DataRow("36h")]
    [DataRow("1d")]
    [DataRow("0.1us")]
    public void Written_as_it_was_read(string text)
    {
        Assert.IsTrue(Durations.TryParse(text, out var duration));
        Assert.AreEqual(text, Durations.Format(duration));
    }
}
