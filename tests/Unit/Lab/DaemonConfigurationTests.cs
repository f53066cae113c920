using Appliance.Lab;
using Appliance.Lab.Daemons;
using Appliance.Lab.State;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class DaemonConfigurationTests
{
    private static readonly LabPaths Paths = new("t");

    [TestMethod]
    public void Defaults_describe_the_labs_network()
    {
        var configuration = DaemonConfiguration.Compose(Paths, new LabOptions(), overlay: null);
        StringAssert.Contains(configuration.Gateway, "secretFile: /run/appliance/labs/t/control.key");
        StringAssert.Contains(configuration.Gateway, "interval: 10ms");
        StringAssert.Contains(configuration.Gateway, "initialActive: node1");
        StringAssert.Contains(configuration.Nodes[LabHost.Node2], "name: node2");
        StringAssert.Contains(configuration.Nodes[LabHost.Node2], "interval: 10ms");
        StringAssert.Contains(configuration.Nodes[LabHost.Node2], "fd00:2::100");
    }

    [TestMethod]
    public void Options_win_over_the_users_file_which_wins_over_defaults()
    {
        var options = new LabOptions { Output = OutputPolicy.Hot, Heartbeat = TimeSpan.FromMilliseconds(5) };
        var configuration = DaemonConfiguration.Compose(Paths, options, "output: agree\nheartbeat: { interval: 1s, lease: 2s }\n");
        StringAssert.Contains(configuration.Gateway, "output: hot");
        StringAssert.Contains(configuration.Gateway, "interval: 5ms");
        StringAssert.Contains(configuration.Gateway, "lease: 2s");
        StringAssert.Contains(configuration.Gateway, "timeout: 30ms");
    }

    [TestMethod]
    public void Nodes_follow_the_gateways_interval_and_services()
    {
        const string Overlay = """
            heartbeat: { interval: 7ms }
            services:
              - { name: web, addresses: [10.0.2.100], ports: [80] }
            """;
        var configuration = DaemonConfiguration.Compose(Paths, new LabOptions(), Overlay);
        foreach (var text in configuration.Nodes.Values)
        {
            StringAssert.Contains(text, "interval: 7ms");
            StringAssert.Contains(text, "name: web");
            Assert.DoesNotContain("name: all", text);
            Assert.DoesNotContain("timeout", text);
        }
    }

    [TestMethod]
    public void Keys_that_the_lab_does_not_know_are_left_to_the_gateway()
    {
        var configuration = DaemonConfiguration.Compose(Paths, new LabOptions(), "recorder: { redis: 'localhost:6379' }");
        StringAssert.Contains(configuration.Gateway, "redis: 'localhost:6379'");
    }

    [TestMethod]
    public void A_file_for_the_nodes_is_laid_over_both()
    {
        var configuration = DaemonConfiguration.Compose(Paths, new LabOptions(), overlay: null, "takeoverRtoMin: 7ms");
        Assert.IsTrue(configuration.Nodes.Values.All(text => text.Contains("takeoverRtoMin: 7ms", StringComparison.Ordinal)));
        Assert.IsFalse(configuration.Gateway.Contains("takeoverRtoMin", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("- a list")]
    [DataRow("output: [")]
    [DataRow("just text")]
    public void A_file_that_is_no_mapping_is_refused_by_name(string overlay)
    {
        var options = new LabOptions { ConfigurationFile = "mine.yaml" };
        var error = Assert.ThrowsExactly<LabException>(() => DaemonConfiguration.Compose(Paths, options, overlay));
        Assert.AreEqual(LabFailure.InvalidArgument, error.Failure);
        StringAssert.Contains(error.Message, "mine.yaml");
    }
}
