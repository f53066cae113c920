using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class TopologyPlanTests
{
    private static readonly LabNames Names = LabNames.Create("t");

    [TestMethod]
    public void Makes_one_namespace_per_host() => CollectionAssert.AreEqual(
        new[]
        {
            "netns add apl-t-client",
            "netns add apl-t-gateway",
            "netns add apl-t-switch",
            "netns add apl-t-node1",
            "netns add apl-t-node2",
        },
        TopologyPlan.Namespaces(Names).ToArray());

    [TestMethod]
    public void Cables_join_the_hosts()
    {
        var links = TopologyPlan.Links(Names).ToArray();
        Assert.HasCount(4, links);
        CollectionAssert.Contains(
            links,
            "link add name lan0 index 41 address 02:00:0a:00:02:0a netns apl-t-node1 type veth peer name n1 index 34 netns apl-t-switch");
    }

    [TestMethod]
    public void A_rebuilt_node_gets_the_cable_that_it_had() =>
        CollectionAssert.Contains(TopologyPlan.Links(Names).ToArray(), TopologyPlan.NodeLink(Names, LabHost.Node2));

    [TestMethod]
    public void Nodes_have_both_address_families_and_route_through_the_gateway() => CollectionAssert.AreEqual(
        new[]
        {
            "link set lo up",
            "addr add 10.0.2.11/24 dev lan0",
            "addr add fd00:2::11/64 dev lan0 nodad",
            "link set lan0 up",
            "route add default via 10.0.2.1 congctl cubic",
            "route add default via fd00:2::1 congctl cubic",
        },
        TopologyPlan.Host(LabHost.Node2, index: 1).ToArray());

    [TestMethod]
    public void The_lab_never_places_the_service_address()
    {
        var lines = LabNames.Hosts.SelectMany(host => TopologyPlan.Host(host, index: 1));
        Assert.IsFalse(lines.Any(line =>
            line.Contains(LabAddresses.Vip4, StringComparison.Ordinal) || line.Contains(LabAddresses.Vip6, StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Labs_differ_in_their_management_link()
    {
        Assert.AreEqual("link add name aplm7 index 1000007 type veth peer name mgmt0 index 23 netns apl-t-gateway", TopologyPlan.ManagementLink(Names, 7));
        CollectionAssert.Contains(TopologyPlan.Host(LabHost.Gateway, 7).ToArray(), "addr add 198.18.7.2/30 dev mgmt0");
        Assert.AreEqual("http://198.18.7.2:8080", LabAddresses.ApiUrl(7).OriginalString);
    }
}
