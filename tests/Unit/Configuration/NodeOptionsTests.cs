using System.Net;
using Appliance.Configuration;
using static Appliance.Tests.Unit.Configuration.ConfigText;

namespace Appliance.Tests.Unit.Configuration;

[TestClass]
public sealed class NodeOptionsTests : IDisposable
{
    private readonly ConfigText _text = new();

    public void Dispose() => _text.Dispose();

    [TestMethod]
    public void The_shortest_file_means_this()
    {
        var options = ReadNode(_text.Node);
        Assert.AreEqual(("node1", "eth0"), (options.Name, options.LanInterface));
        CollectionAssert.AreEqual(new[] { IPEndPoint.Parse("10.0.2.1:7400") }, options.Gateways.ToArray());
        Assert.AreEqual(TimeSpan.FromMilliseconds(10), options.HeartbeatInterval);
        Assert.AreEqual(TimeSpan.FromMilliseconds(5), options.TakeoverRtoMin);
        Assert.AreEqual((8201, 131_072), (options.RoutingTable, options.MaxFlows));
        CollectionAssert.AreEqual(new[] { IPAddress.Parse("10.0.2.1") }, options.NextHops.ToArray());
        CollectionAssert.AreEqual(new[] { IPAddress.Parse("10.0.2.100") }, options.VirtualAddresses.ToArray());
    }

    [TestMethod]
    public void A_name_fits_the_control_datagram() => AssertErrors(
        () => ReadNode(_text.Node.Replace("name: node1", "name: seventeen-bytes-a", StringComparison.Ordinal)),
        "name: 'seventeen-bytes-a' is longer than 16 bytes");

    [TestMethod]
    [DataRow("10.0.2")]
    [DataRow("::ffff:10.0.2.1")]
    public void A_next_hop_is_written_in_full_and_in_its_own_family(string address) => CollectionAssert.Contains(
        Assert.ThrowsExactly<ConfigurationException>(
            () => ReadNode(_text.Node.Replace("nextHops: [10.0.2.1]", $"nextHops: ['{address}']", StringComparison.Ordinal))).Errors.ToArray(),
        $"nextHops: '{address}' is not an IP address");

    [TestMethod]
    public void All_errors_come_at_once_and_name_their_fields() => AssertErrors(
        () => ReadNode(_text.Node
            .Replace("name: node1", "nane: node1", StringComparison.Ordinal)
            .Replace("gateways: [10.0.2.1:7400]", "gateways: []\n  interval: 0ms", StringComparison.Ordinal)
            + "takeoverRtoMin: 2s\nroutingTable: 0\nmaxFlows: many\n"),
        "name: is missing",
        "heartbeat.gateways: must be a list, such as [a, b]",
        "heartbeat.interval: 0ms must be from 1ms to 30s",
        "takeoverRtoMin: 2s must be from 1ms to 1s",
        "routingTable: '0' must be a whole number from 1 to 2147483647",
        "maxFlows: 'many' must be a whole number from 1024 to 4194304",
        "nane: unknown setting (line 1), did you mean 'name'?");

    [TestMethod]
    public void Probes_are_read()
    {
        var probes = ReadNode(_text.Node + """
            probes:
              - { name: db, tcp: '10.0.2.100:5432' }
              - { name: web, http: 'http://10.0.2.100:8080/health', interval: 5s, timeout: 1s, failures: 3 }
              - { name: mine, command: [/usr/bin/check, --deep] }

            """).Probes;
        Assert.AreEqual(new ProbeOptions("db", IPEndPoint.Parse("10.0.2.100:5432"), null, [], TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(500), 2), probes[0] with { Command = [] });
        Assert.AreEqual((new Uri("http://10.0.2.100:8080/health"), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), 3), (probes[1].Http, probes[1].Interval, probes[1].Timeout, probes[1].Failures));
        CollectionAssert.AreEqual(new[] { "/usr/bin/check", "--deep" }, probes[2].Command.ToArray());
        Assert.IsEmpty(ReadNode(_text.Node).Probes);
    }

    [TestMethod]
    [DataRow("{ name: a }", "probes[0].tcp: give exactly one of tcp (10.0.2.100:5432), http (http://10.0.2.100/health) or command ([/usr/bin/check, argument])")]
    [DataRow("{ name: a, tcp: '10.0.2.100:80', http: 'http://10.0.2.100' }", "probes[0].tcp: give exactly one of tcp (10.0.2.100:5432), http (http://10.0.2.100/health) or command ([/usr/bin/check, argument])")]
    [DataRow("{ name: a, tcp: '5432' }", "probes[0].tcp: '5432' is not an address with a port, such as 10.0.2.1:7400 or [fd00:2::1]:7400")]
    [DataRow("{ name: a, http: '/health' }", "probes[0].http: '/health' is not an address such as http://10.0.2.100:8080/health")]
    [DataRow("{ tcp: '10.0.2.100:80' }", "probes[0].name: is missing")]
    [DataRow("{ name: a, tcp: '10.0.2.100:80', timout: 1s }", "probes[0].timout: unknown setting (line 10), did you mean 'timeout'?")]
    public void A_probe_asks_in_one_way(string probe, string error) => AssertErrors(() => ReadNode(_text.Node + $"probes: [{probe}]\n"), error);

    [TestMethod]
    [DataRow("[10.0.2.1]", "[fd00:2::100]", "nextHops: a service has IPv6 addresses, but no next hop of that family is given")]
    [DataRow("['fd00:2::1']", "[10.0.2.100]", "nextHops: a service has IPv4 addresses, but no next hop of that family is given")]
    [DataRow("[10.0.2.1, 10.0.2.2]", "[10.0.2.100]", "nextHops: 2 addresses of one family; at most one each")]
    public void Next_hops_fit_the_services(string nextHops, string addresses, string error) => AssertErrors(
        () => ReadNode(_text.Node.Replace("[10.0.2.1]", nextHops, StringComparison.Ordinal).Replace("[10.0.2.100]", addresses, StringComparison.Ordinal)),
        error);

    [TestMethod]
    public void An_address_of_two_services_is_one_address()
    {
        var options = ReadNode(_text.Node + "    ports: 5432\n  - name: web\n    addresses: [10.0.2.100]\n    ports: 80\n");
        Assert.HasCount(2, options.Services);
        Assert.HasCount(1, options.VirtualAddresses.ToArray());
    }
}
