using System.Net;
using Appliance.Configuration;
using static Appliance.Tests.Unit.Configuration.ConfigText;

namespace Appliance.Tests.Unit.Configuration;

[TestClass]
public sealed class GatewayOptionsTests : IDisposable
{
    private readonly ConfigText _text = new();

    public void Dispose() => _text.Dispose();

    [TestMethod]
    public void The_shortest_file_means_this()
    {
        var options = ReadGateway(_text.Gateway);
        Assert.AreEqual("eth1", options.LanInterface);
        Assert.AreEqual("http://127.0.0.1:8080", options.Listen);
        CollectionAssert.AreEqual(Convert.FromHexString(Secret), options.Secret);
        CollectionAssert.AreEqual(new[] { IPEndPoint.Parse("10.0.2.1:7400") }, options.HeartbeatBind.ToArray());
        Assert.AreEqual(TimeSpan.FromMilliseconds(10), options.HeartbeatInterval);
        Assert.AreEqual(TimeSpan.FromMilliseconds(30), options.DetectionTimeout);
        Assert.AreEqual(TimeSpan.FromSeconds(3), options.Lease);
        Assert.AreEqual(OutputPolicy.Silent, options.Output);
        Assert.AreEqual(string.Empty, options.InitialActive);
        Assert.AreEqual(131_072, options.MaxFlows);
        CollectionAssert.AreEqual(
            new[] { new GatewayOptions.NodeEntry("node1", IPAddress.Parse("10.0.2.10")), new("node2", IPAddress.Parse("10.0.2.11")) },
            options.Nodes.ToArray());
        var service = options.Services.Single();
        Assert.AreEqual("postgres", service.Name);
        CollectionAssert.AreEqual(new[] { IPAddress.Parse("10.0.2.100"), IPAddress.Parse("fd00:2::100") }, service.Addresses.ToArray());
        CollectionAssert.AreEqual(new[] { new PortRange(1, 65535) }, service.Ports.ToArray());
        Assert.AreEqual((ServiceProtocol.Any, DivergencePolicy.Reset), (service.Protocol, service.Divergence));
    }

    [TestMethod]
    public void Everything_can_be_set()
    {
        var options = ReadGateway(_text.Gateway
            .Replace("bind: [10.0.2.1:7400]", "bind: [10.0.2.1:7400, '[fd00:2::1]:7400']\n  interval: 20ms\n  timeout: 500ms\n  lease: 2s", StringComparison.Ordinal)
            .Replace("name: postgres", "name: postgres\n    ports: 5432, 8000-8100\n    protocol: tcp\n    divergence: carry", StringComparison.Ordinal)
            + "listen: http://0.0.0.0:80\noutput: silent\ninitialActive: node2\nmaxFlows: 4096\n");
        Assert.HasCount(2, options.HeartbeatBind);
        Assert.AreEqual((20, 500, 2000), (options.HeartbeatInterval.Milliseconds, options.DetectionTimeout.Milliseconds, (int)options.Lease.TotalMilliseconds));
        Assert.AreEqual(("http://0.0.0.0:80", "node2", 4096), (options.Listen, options.InitialActive, options.MaxFlows));
        CollectionAssert.AreEqual(new[] { new PortRange(5432, 5432), new PortRange(8000, 8100) }, options.Services[0].Ports.ToArray());
        Assert.AreEqual((ServiceProtocol.Tcp, DivergencePolicy.Carry), (options.Services[0].Protocol, options.Services[0].Divergence));
    }

    [TestMethod]
    public void The_timeout_follows_the_interval() => Assert.AreEqual(
        TimeSpan.FromMilliseconds(60),
        ReadGateway(_text.Gateway.Replace("  bind:", "  interval: 20ms\n  bind:", StringComparison.Ordinal)).DetectionTimeout);

    [TestMethod]
    [DataRow("1ms", 3000)]
    [DataRow("1500ms", 3000)]
    [DataRow("1501ms", 3002)]
    [DataRow("2s", 4000)]
    public void The_lease_is_never_shorter_than_two_intervals(string interval, int lease) => Assert.AreEqual(
        TimeSpan.FromMilliseconds(lease),
        ReadGateway(_text.Gateway.Replace("  bind:", $"  interval: {interval}\n  bind:", StringComparison.Ordinal)).Lease);

    [TestMethod]
    [DataRow("sixteen-bytes-ab", true)]
    [DataRow("seventeen-bytes-a", false)]
    [DataRow("fünfzehn-zeiche", true)]
    [DataRow("sechzehn-zeichen", true)]
    [DataRow("fünfzehn-zeichen", false)]
    public void A_name_fits_the_control_datagram(string name, bool fits)
    {
        var text = _text.Gateway.Replace("name: node1", $"name: {name}", StringComparison.Ordinal);
        if (fits)
        {
            Assert.AreEqual(name, ReadGateway(text).Nodes[0].Name);
        }
        else
        {
            AssertErrors(() => ReadGateway(text), $"nodes[0].name: '{name}' is longer than 16 bytes");
        }
    }

    [TestMethod]
    [DataRow("10.0.2")]
    [DataRow("10.1")]
    [DataRow("167772682")]
    [DataRow("0x0a.0.2.10")]
    [DataRow("010.0.2.10")]
    [DataRow("10.0.2.10 ")]
    [DataRow("::ffff:10.0.2.10")]
    [DataRow("::ffff:a00:20a")]
    public void An_address_is_written_in_full_and_in_its_own_family(string address) => AssertErrors(
        () => ReadGateway(_text.Gateway
            .Replace("10.0.2.10\n", $"'{address}'\n", StringComparison.Ordinal)
            .Replace("fd00:2::100", $"'{address}'", StringComparison.Ordinal)),
        $"services[0].addresses: '{address}' is not an IP address",
        $"nodes[0].address: '{address}' is not an IP address");

    [TestMethod]
    public void All_errors_come_at_once_and_name_their_fields() => AssertErrors(
        static () => ReadGateway("""
            lanInterface: []
            listen: everywhere
            secretFile: /no/such/file
            output: loud
            maxFlows: 12
            initialActive: node9
            hartbeat: {}
            heartbeat:
              bind: [10.0.2.1, 'nonsense:7400']
              interval: 10
              timeout: 1ms
              lease: long
              leese: 1s
            services:
              - name: a
                addresses: [10.0.2.300]
                ports: 0, 99999, 9-1, x
                prots: any
                protocol: sctp
                divergence: ignore
              - addresses: 10.0.2.100
            nodes:
              - name: node1
                address: here
                adress: 10.0.2.10
            """),
        "heartbeat.interval: '10' is not a duration: write a number and a unit, such as 10ms or 2s",
        "heartbeat.timeout: 1ms must be from 2ms to 5m",
        "listen: 'everywhere' is not an address such as http://0.0.0.0:8080",
        "lanInterface: must be a text",
        "secretFile: cannot be read: …",
        "heartbeat.bind: '10.0.2.1' is not an address with a port, such as 10.0.2.1:7400 or [fd00:2::1]:7400",
        "heartbeat.bind: 'nonsense:7400' is not an address with a port, such as 10.0.2.1:7400 or [fd00:2::1]:7400",
        "heartbeat.lease: 'long' is not a duration: write a number and a unit, such as 10ms or 2s",
        "output: 'loud' must be one of silent, hot, agree",
        "services[0].addresses: '10.0.2.300' is not an IP address",
        "services[0].ports: '0' is not a port or a range: write any, 443 or 5000-5100, separated by commas",
        "services[0].ports: '99999' is not a port or a range: …",
        "services[0].ports: '9-1' is not a port or a range: …",
        "services[0].ports: 'x' is not a port or a range: …",
        "services[0].protocol: 'sctp' must be one of any, tcp, udp",
        "services[0].divergence: 'ignore' must be one of reset, carry",
        "services[0].prots: unknown setting (line 18), did you mean 'ports'?",
        "services[1].name: is missing",
        "services[1].addresses: must be a list, such as [a, b]",
        "nodes[0].address: 'here' is not an IP address",
        "nodes[0].adress: unknown setting (line 25), did you mean 'address'?",
        "maxFlows: '12' must be a whole number from 1024 to 4194304",
        "heartbeat.leese: unknown setting (line 13), did you mean 'lease'?",
        "hartbeat: unknown setting (line 7), did you mean 'heartbeat'?",
        "initialActive: 'node9' is not the name of a node");

    [TestMethod]
    public void An_empty_mapping_lacks_what_has_no_default() => AssertErrors(
        static () => ReadGateway("{}"),
        "lanInterface: is missing",
        "secretFile: is missing",
        "heartbeat.bind: is missing",
        "services: must be a list with at least one entry",
        "nodes: must be a list with at least one entry");

    [TestMethod]
    public void Names_far_from_any_setting_get_no_advice() => AssertErrors(
        () => ReadGateway(_text.Gateway + "somethingElseEntirely: 1\n"), "somethingElseEntirely: unknown setting (line 13)");

    [TestMethod]
    [DataRow("10.0.2.1:0")]
    [DataRow("10.0.2.1:65536")]
    [DataRow("10.0.2.1:-1")]
    [DataRow("fd00:2::1")]
    [DataRow(":7400")]
    [DataRow("gateway:7400")]
    public void An_endpoint_is_an_address_and_a_port(string endPoint) => AssertErrors(
        () => ReadGateway(_text.Gateway.Replace("10.0.2.1:7400", $"'{endPoint}'", StringComparison.Ordinal)),
        $"heartbeat.bind: '{endPoint}' is not an address with a port, such as 10.0.2.1:7400 or [fd00:2::1]:7400");

    [TestMethod]
    [DataRow("interval: 20ms\n  timeout: 29ms", "heartbeat.timeout: 29ms must be at least 1.5 times heartbeat.interval (20ms)")]
    [DataRow("interval: 31s", "heartbeat.interval: 31s must be from 1ms to 30s")]
    [DataRow("interval: 20ms\n  lease: 39ms", "heartbeat.lease: 39ms must be from 40ms to 5m")]
    [DataRow("timeout: 6m", "heartbeat.timeout: 6m must be from 2ms to 5m")]
    public void Durations_fit_together(string heartbeat, string error) => AssertErrors(
        () => ReadGateway(_text.Gateway.Replace("  bind:", $"  {heartbeat}\n  bind:", StringComparison.Ordinal)), error);

    [TestMethod]
    public void Nodes_have_names_and_addresses_of_their_own() => AssertErrors(
        () => ReadGateway(_text.Gateway + "  - name: node1\n    address: 10.0.2.12\n  - name: node4\n    address: 10.0.2.11\n"),
        "nodes[2].name: 'node1' or its address 10.0.2.12 belongs to an earlier node",
        "nodes[3].name: 'node4' or its address 10.0.2.11 belongs to an earlier node");

    [TestMethod]
    public void There_are_at_most_four_nodes() => AssertErrors(
        () => ReadGateway(_text.Gateway + string.Concat(Enumerable.Range(3, 3).Select(i => $"  - name: node{i}\n    address: 10.0.2.1{i}\n"))),
        "nodes: 5 nodes; at most 4 are possible");

    [TestMethod]
    [DataRow("any", "any", true)]
    [DataRow("any", "443", true)]
    [DataRow("1-100", "100-200", true)]
    [DataRow("1-99", "100-200", false)]
    [DataRow("80, 443", "443", true)]
    [DataRow("80, 443", "81-442", false)]
    public void Services_do_not_share_a_port_of_an_address(string first, string second, bool overlaps)
    {
        var text = _text.Gateway.Replace("  - name: postgres", $"  - name: postgres\n    ports: {first}", StringComparison.Ordinal)
            .Replace("nodes:", $"  - name: other\n    addresses: [fd00:2::100, 10.0.2.101]\n    ports: {second}\nnodes:", StringComparison.Ordinal);
        if (overlaps)
        {
            AssertErrors(() => ReadGateway(text), "services[1].addresses: fd00:2::100 overlaps service 'postgres' on the same ports");
        }
        else
        {
            Assert.HasCount(2, ReadGateway(text).Services);
        }
    }

    [TestMethod]
    [DataRow("tcp", "udp", false)]
    [DataRow("udp", "udp", true)]
    [DataRow("tcp", "any", true)]
    [DataRow("any", "udp", true)]
    public void Services_may_share_a_port_under_different_protocols(string first, string second, bool overlaps)
    {
        var text = _text.Gateway.Replace("  - name: postgres", $"  - name: postgres\n    protocol: {first}", StringComparison.Ordinal)
            .Replace("nodes:", $"  - name: other\n    addresses: [10.0.2.100]\n    protocol: {second}\nnodes:", StringComparison.Ordinal);
        if (overlaps)
        {
            AssertErrors(() => ReadGateway(text), "services[1].addresses: 10.0.2.100 overlaps service 'postgres' on the same ports");
        }
        else
        {
            CollectionAssert.AreEqual(
                new[] { ServiceProtocol.Tcp, ServiceProtocol.Udp }, ReadGateway(text).Services.Select(s => s.Protocol).ToArray());
        }
    }

    [TestMethod]
    public void Services_have_names_of_their_own() => AssertErrors(
        () => ReadGateway(_text.Gateway.Replace("nodes:", "  - name: postgres\n    addresses: [10.0.2.101]\nnodes:", StringComparison.Ordinal)),
        "services[1].name: 'postgres' is the name of an earlier service");

    [TestMethod]
    [DataRow("00112233", "holds 4 bytes, at least 16 are needed: openssl rand -hex 32 > ")]
    [DataRow("not hexadecimal at all", "must hold hexadecimal digits: openssl rand -hex 32 > ")]
    [DataRow("000102030405060708090a0b0c0d0e0f0", "must hold hexadecimal digits: openssl rand -hex 32 > ")]
    [DataRow("", "is empty: openssl rand -hex 32 > ")]
    public void A_bad_secret_is_refused_with_its_remedy(string secret, string error)
    {
        using var text = new ConfigText(secret);
        AssertErrors(() => ReadGateway(text.Gateway), $"secretFile: {text.SecretFile} {error}{text.SecretFile}");
    }

    [TestMethod]
    public void A_secret_that_everybody_can_read_is_none()
    {
        File.SetUnixFileMode(_text.SecretFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        AssertErrors(() => ReadGateway(_text.Gateway), $"secretFile: {_text.SecretFile} can be read by everybody: chmod 600 {_text.SecretFile}");
    }

    [TestMethod]
    public void A_secret_may_end_with_a_line_break()
    {
        using var text = new ConfigText($"  {Secret}\n");
        Assert.HasCount(16, ReadGateway(text.Gateway).Secret);
    }
}
