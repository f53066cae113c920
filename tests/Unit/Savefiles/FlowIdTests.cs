using Appliance.Savefiles;

namespace Appliance.Tests.Unit.Savefiles;

[TestClass]
public sealed class FlowIdTests
{
    [TestMethod]
    [DataRow("10.0.1.2~40000~10.0.2.100~5432")]
    [DataRow("10.0.1.2:40000->10.0.2.100:5432")]
    public void Both_names_of_an_ipv4_flow(string text)
    {
        Assert.IsTrue(FlowId.TryParse(text, out var flow));
        Assert.AreEqual(Sample.V4, flow);
        Assert.AreEqual("10.0.1.2~40000~10.0.2.100~5432", FlowId.Format(flow));
    }

    [TestMethod]
    [DataRow("fd00:1::2~40000~fd00:2::100~5432")]
    [DataRow("[fd00:1::2]:40000->[fd00:2::100]:5432")]
    public void Both_names_of_an_ipv6_flow(string text)
    {
        Assert.IsTrue(FlowId.TryParse(text, out var flow));
        Assert.AreEqual(Sample.V6, flow);
        Assert.AreEqual("fd00:1::2~40000~fd00:2::100~5432", FlowId.Format(flow));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("x")]
    [DataRow("10.0.1.2~40000~10.0.2.100")]
    [DataRow("10.0.1.2~40000~10.0.2.100~5432~1")]
    [DataRow("10.0.1.2~0~10.0.2.100~5432")]
    [DataRow("10.0.1.2~-1~10.0.2.100~5432")]
    [DataRow("10.0.1.2~65536~10.0.2.100~5432")]
    [DataRow("client~40000~10.0.2.100~5432")]
    [DataRow("fd00:1::2~40000~10.0.2.100~5432")]
    [DataRow("10.0.1.2->10.0.2.100:5432")]
    [DataRow("10.0.1.2:40000->")]
    [DataRow("fd00:1::2:40000->fd00:2::100:5432")]
    [DataRow("->")]
    public void Everything_else_is_refused(string text) => Assert.IsFalse(FlowId.TryParse(text, out _));
}
