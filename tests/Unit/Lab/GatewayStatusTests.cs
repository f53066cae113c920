using Appliance.Lab.Daemons;
using Appliance.Lab.Status;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class GatewayStatusTests
{
    [TestMethod]
    public void Reads_epoch_readiness_and_roles()
    {
        const string Json = """{"epoch":4,"ready":true,"nodes":[{"name":"node1","role":"down"},{"name":"node2","role":"active"}],"more":1}""";
        Assert.IsTrue(GatewayStatus.TryParse(Json, out var status));
        Assert.AreEqual(4, status.Epoch);
        Assert.IsTrue(status.Ready);
        Assert.AreEqual(NodeRole.Down, status.Roles[LabHost.Node1]);
        Assert.AreEqual(NodeRole.Active, status.Roles[LabHost.Node2]);
    }

    [TestMethod]
    [DataRow("""{"nodes":[{"name":"node1","role":"dancing"}]}""", NodeRole.Unknown)]
    [DataRow("""{"nodes":[{"name":"node1"},7,{"name":"node9","role":"active"}],"epoch":"x"}""", NodeRole.Unknown)]
    public void Passes_over_what_it_does_not_know(string json, NodeRole expected)
    {
        Assert.IsTrue(GatewayStatus.TryParse(json, out var status));
        Assert.HasCount(1, status.Roles);
        Assert.AreEqual(expected, status.Roles[LabHost.Node1]);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[]")]
    [DataRow("<html>")]
    public void Refuses_what_is_no_object(string json) => Assert.IsFalse(GatewayStatus.TryParse(json, out _));

    [TestMethod]
    public void Keeps_to_the_last_primary_while_no_node_is_active()
    {
        var now = new Dictionary<LabHost, NodeRole> { [LabHost.Node1] = NodeRole.Down, [LabHost.Node2] = NodeRole.Replica };
        var last = new Dictionary<LabHost, NodeRole> { [LabHost.Node2] = NodeRole.Active };
        Assert.AreEqual(LabHost.Node2, NodeRoles.Primary(now, last));
        Assert.AreEqual(LabHost.Node1, NodeRoles.Primary(now, NodeRoles.Initial));
        Assert.AreEqual(LabHost.Node2, NodeRoles.Primary(last, NodeRoles.Initial));
    }
}
