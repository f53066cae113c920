using Appliance.Bench.Baseline;
using Appliance.Bench.Forwarding;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class OtherProductsTests
{
    [TestMethod]
    [DataRow("HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/\nStatus: long-term\n", "2.6.12")]
    [DataRow("HAProxy version 3.0.11 2025/06/03\n", "3.0.11")]
    [DataRow("HAProxy", null)]
    [DataRow("version", null)]
    public void Reads_the_version_of_haproxy(string output, string? expected) => Assert.AreEqual(expected, HaproxyConfiguration.Version(output));

    [TestMethod]
    [DataRow("Keepalived v2.2.7 (01/16,2022)\n\nCopyright(C) 2001-2022 Alexandre Cassen\n", "2.2.7")]
    [DataRow("", null)]
    public void Reads_the_version_of_keepalived(string output, string? expected) => Assert.AreEqual(expected, KeepalivedConfiguration.Version(output));

    [TestMethod]
    public void Haproxy_relays_both_ports_of_the_traffic_server()
    {
        var text = HaproxyConfiguration.Compose(withBackup: false);
        StringAssert.Contains(text, "bind 10.0.1.1:7001\n");
        StringAssert.Contains(text, "server node1 10.0.2.100:7001\n");
        StringAssert.Contains(text, "bind 10.0.1.1:7002\n");
        StringAssert.Contains(text, "mode tcp\n");
    }

    [TestMethod]
    [DataRow(1000, "advert_int 1\n")]
    [DataRow(100, "advert_int 0.1\n")]
    [DataRow(10, "advert_int 0.01\n")]
    public void Keepalived_counts_in_seconds(int milliseconds, string expected) =>
        StringAssert.Contains(KeepalivedConfiguration.Compose(LabHost.Node1, TimeSpan.FromMilliseconds(milliseconds)), expected);

    [TestMethod]
    public void Keepalived_prefers_node1()
    {
        StringAssert.Contains(KeepalivedConfiguration.Compose(LabHost.Node1, TimeSpan.FromSeconds(1)), "state MASTER");
        StringAssert.Contains(KeepalivedConfiguration.Compose(LabHost.Node2, TimeSpan.FromSeconds(1)), "state BACKUP");
    }
}
