using Appliance.Lab.Savefiles;

namespace Appliance.Tests.Unit.Savefiles;

[TestClass]
public sealed class ReplayTargetTests
{
    [TestMethod]
    [DataRow("127.0.0.1", "127.0.0.1", null, "127.0.0.1:80")]
    [DataRow("127.0.0.1:6379", "127.0.0.1", 6379, "127.0.0.1:6379")]
    [DataRow("db.example", "db.example", null, "db.example:80")]
    [DataRow("db.example:1", "db.example", 1, "db.example:1")]
    [DataRow("::1", "::1", null, "[::1]:80")]
    [DataRow("[::1]", "::1", null, "[::1]:80")]
    [DataRow("[::1]:6379", "::1", 6379, "[::1]:6379")]
    public void Names_addresses_and_ports(string text, string host, int? port, string description)
    {
        Assert.IsTrue(ReplayTarget.TryParse(text, out var target));
        Assert.AreEqual(new ReplayTarget(host, port), target);
        Assert.AreEqual(description, target.Describe(80));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(":80")]
    [DataRow("host:")]
    [DataRow("host:0")]
    [DataRow("host:65536")]
    [DataRow("[::1")]
    [DataRow("two words")]
    public void Everything_else_is_refused(string text) => Assert.IsFalse(ReplayTarget.TryParse(text, out _));
}
