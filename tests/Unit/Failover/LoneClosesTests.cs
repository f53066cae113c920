using Appliance.Bpf.Layout;
using Appliance.Gateway.DataPath;

namespace Appliance.Tests.Unit.Failover;

[TestClass]
public sealed class LoneClosesTests
{
    [TestMethod]
    [DataRow(1, 0, true, DisplayName = "the only one")]
    [DataRow(1, 19, true)]
    [DataRow(1, 20, false, DisplayName = "one of many may be the server's own idea")]
    [DataRow(50, 950, true)]
    [DataRow(49, 951, false)]
    [DataRow(0, 10, false)]
    [DataRow(0, 0, false)]
    public void Many_are_one_in_twenty(int closed, int others, bool expected)
    {
        var lone = default(LoneCloses);
        for (var i = 0; i < closed + others; i++)
        {
            lone.See(new Flow(), isWaiting: i < closed);
        }
        Assert.AreEqual(expected, lone.AreMany);
    }

    [TestMethod]
    public void What_the_client_has_closed_or_is_over_does_not_count()
    {
        var lone = default(LoneCloses);
        lone.See(new Flow { Flags = FlowFlags.ClientFin, ServerNext = 1 }, isWaiting: true);
        lone.See(new Flow { Flags = FlowFlags.ServerRst }, isWaiting: true);
        Assert.IsFalse(lone.AreMany);
    }
}
