using System.Net;
using System.Net.Sockets;
using Appliance.Host.Checks;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using CheckReport = Appliance.Tests.Lab.Support.CheckReport;

namespace Appliance.Tests.Lab.Product;

/// <summary><c>appliance check</c> before a start: it names what a start would stumble over, and changes nothing.</summary>
[TestClass]
public sealed class CheckTests : StartTest
{
    [TestMethod]
    [DataRow(LabHost.Gateway, "appliance-gateway", "nodes: node1 refuses at 10.0.2.10:7401: start its agent, with that address as listen\nnodes: node2 refuses at 10.0.2.11:7401: start its agent, with that address as listen")]
    [DataRow(LabHost.Node1, "appliance-primary-node", "heartbeat.gateways: 10.0.2.1:7400 refuses: start the gateway, or open the port for UDP and TCP there")]
    public async Task A_machine_before_the_first_start_lacks_nothing_but_the_others(LabHost host, string program, string warnings)
    {
        var report = await CheckAsync(host);
        Assert.AreEqual((5, program, string.Empty), (report.ExitCode, report.Program, report.Of(Severity.Error)));
        Assert.AreEqual(warnings, report.Of(Severity.Warning));
        StringAssert.Contains(report.Of(Severity.Ok), "programs: the kernel accepts them", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task The_role_says_which_program_checks() =>
        Assert.AreEqual("appliance-backup-node", (await CheckAsync(LabHost.Node2, "--role", "backup")).Program);

    [TestMethod]
    [DataRow(LabHost.Gateway, "output: silent", "outputs: silent", "configuration: outputs: unknown setting (line 6), did you mean 'output'?")]
    [DataRow(LabHost.Gateway, "lanInterface: lan0", "lanInterface: lan1", "lanInterface: there is no interface with the name or address 'lan1'; there are ")]
    [DataRow(LabHost.Gateway, "10.0.2.100", "10.0.3.100", "services: 10.0.3.100 is in no network of lan0 (10.0.2.1/24, fd00:2::1/64")]
    [DataRow(LabHost.Gateway, "10.0.2.1:7400", "10.0.2.77:7400", "heartbeat.bind: 10.0.2.77:7400: ")]
    [DataRow(LabHost.Gateway, "dataDirectory:", "redis: 'redis://127.0.0.1', dataDirectory:", "configuration: recorder.redis: must be embedded, none or a connection string")]
    [DataRow(LabHost.Node2, "10.0.2.11:7401", "10.0.2.12:7401", "listen: 10.0.2.12:7401: ")]
    [DataRow(LabHost.Node2, "nextHops: [\"10.0.2.1\"", "nextHops: [\"10.0.1.1\"", "nextHops: 10.0.1.1 is in no network of lan0 (10.0.2.11/24, fd00:2::11/64")]
    public async Task A_wrong_setting_is_an_error(LabHost host, string part, string replacement, string clue)
    {
        Configure(host, part, replacement);
        await AssertErrorAsync(host, clue);
    }

    [TestMethod]
    [DataRow(LabHost.Gateway, "net/ipv4/ip_forward", "0", "forwarding: net.ipv4.ip_forward is 0: the gateway is the router between clients and nodes: sysctl -w net.ipv4.ip_forward=1")]
    [DataRow(LabHost.Gateway, "net/ipv6/conf/all/forwarding", "0", "forwarding: net.ipv6.conf.all.forwarding is 0: ")]
    [DataRow(LabHost.Node1, "net/mptcp/enabled", "1", "kernel: net.mptcp.enabled is 1: ")]
    [DataRow(LabHost.Node1, "net/ipv4/tcp_timestamps", "0", "kernel: net.ipv4.tcp_timestamps must be at least 1, ")]
    public async Task A_kernel_setting_that_stands_in_the_way_is_an_error(LabHost host, string setting, string value, string clue)
    {
        NetworkNamespace.WriteSysctls(Lab.Namespace(host), [(setting, value)]);
        await AssertErrorAsync(host, clue);
    }

    [TestMethod]
    public async Task A_small_window_is_a_warning()
    {
        NetworkNamespace.WriteSysctls(Lab.Namespace(LabHost.Node1), [("net/ipv4/tcp_rmem", "4096 131072 6291456")]);
        StringAssert.Contains((await CheckAsync(LabHost.Node1)).Of(Severity.Warning), "sysctl: net.ipv4.tcp_rmem is 4096 131072 6291456: ", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Settings_that_the_agent_could_not_make_are_errors()
    {
        NetworkNamespace.WriteSysctls(Lab.Namespace(LabHost.Node1), [("net/ipv4/conf/all/rp_filter", "1")]);
        var report = await CheckAsync(LabHost.Node1);
        Assert.AreEqual(string.Empty, report.Of(Severity.Error), "it makes them itself, where it can");
        string[] wrapper = ["unshare", "--mount", "sh", "-c", "mount -o bind,ro /proc/sys /proc/sys && exec \"$@\"", "sh"];
        var errors = (await CheckUnderAsync(wrapper, LabHost.Node1)).Of(Severity.Error);
        StringAssert.Contains(errors, "sysctl: net.ipv4.conf.all.rp_filter is not 0 and cannot be changed from here: sysctl -w net.ipv4.conf.all.rp_filter=0", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Missing_capabilities_are_named()
    {
        var report = await CheckUnderAsync(["setpriv", "--bounding-set=-bpf,-sys_admin,-sys_nice", "--inh-caps=-bpf,-sys_admin,-sys_nice"], LabHost.Gateway);
        Assert.AreEqual((1, "capabilities: missing capability CAP_BPF: run as root, or grant it (systemd: AmbientCapabilities, compose: cap_add)"), (report.ExitCode, report.Of(Severity.Error)));
        StringAssert.Contains(report.Of(Severity.Warning), "capabilities: missing capability CAP_SYS_NICE: ", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_wider_client_network_is_a_warning()
    {
        await Lab.RunAsync(LabHost.Gateway, ["ip", "link", "set", "client0", "mtu", "9000"], cancellation: Cancellation);
        StringAssert.Contains((await CheckAsync(LabHost.Gateway)).Of(Severity.Warning), "mtu: client0 has 9000 bytes and lan0 1500: ", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_port_of_somebody_else_is_an_error()
    {
        Keep(NetworkNamespace.Run(Lab.Namespace(LabHost.Gateway), () => new UdpClient(LabAddresses.HeartbeatPort)));
        await AssertErrorAsync(LabHost.Gateway, "heartbeat.bind: 10.0.2.1:7400: ");
    }

    [TestMethod]
    public async Task A_neighbour_that_is_gone_is_a_warning()
    {
        await FaultAsync(Appliance.Lab.Faults.FaultKind.Cut, "node2");
        StringAssert.Contains((await CheckAsync(LabHost.Gateway)).Of(Severity.Warning), "nodes: node2 does not answer at 10.0.2.11:7401: ", StringComparison.Ordinal);
        StringAssert.Contains((await CheckAsync(LabHost.Node2)).Of(Severity.Warning), "heartbeat.gateways: 10.0.2.1:7400 does not answer: ", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Hooks_of_a_killed_run_are_a_warning()
    {
        foreach (var host in new[] { LabHost.Gateway, LabHost.Node1 })
        {
            using var killed = await StartAsync(host);
            killed.Signal(UnixSignal.Kill);
            await killed.WaitAsync(Cancellation);
            StringAssert.Contains((await CheckAsync(host)).Of(Severity.Warning), "start with --replace-hooks", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public async Task Redis_is_asked()
    {
        Configure(LabHost.Gateway, "dataDirectory:", "redis: '127.0.0.1:6390,password=p', timeout: 1s, dataDirectory:");
        StringAssert.Contains((await CheckAsync(LabHost.Gateway)).Of(Severity.Warning), "recorder.redis: 127.0.0.1:6390 refuses connections: start the server, or mend recorder.redis", StringComparison.Ordinal);

        var redis = DebianServer.Require("/usr/bin/redis-server", "redis-server");
        Keep(Lab.StartProcess(LabHost.Gateway, [redis, "--port", "6390", "--save", "", "--requirepass", "p"], Lab.LogFile(LabHost.Client)));
        await UntilAsync(() => !CheckAsync(LabHost.Gateway).GetAwaiter().GetResult().Of(Severity.Warning).Contains("recorder.redis", StringComparison.Ordinal), "Redis is reached");

        Configure(LabHost.Gateway, "password=p", "password=q");
        StringAssert.Contains((await CheckAsync(LabHost.Gateway)).Of(Severity.Warning), "recorder.redis: 127.0.0.1:6390: WRONGPASS", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_collector_is_asked()
    {
        Configure(LabHost.Gateway, "initialActive: node1", "initialActive: node1\ntelemetry: { otlp: { endpoint: 'http://127.0.0.1:4318' } }");
        StringAssert.Contains((await CheckAsync(LabHost.Gateway)).Of(Severity.Warning), "telemetry.otlp: http://127.0.0.1:4318/ does not answer: ", StringComparison.Ordinal);

        Keep(NetworkNamespace.Run(Lab.Namespace(LabHost.Gateway), () =>
        {
            var collector = new TcpListener(IPAddress.Loopback, 4318);
            collector.Start();
            return collector;
        }));
        StringAssert.Contains((await CheckAsync(LabHost.Gateway)).Of(Severity.Ok), "telemetry.otlp: http://127.0.0.1:4318/ answers", StringComparison.Ordinal);
    }

    private async Task AssertErrorAsync(LabHost host, string clue)
    {
        var report = await CheckAsync(host);
        Assert.AreEqual(1, report.ExitCode);
        StringAssert.Contains(report.Of(Severity.Error), clue, StringComparison.Ordinal);
        Assert.HasCount(1, report.Of(Severity.Error).Split('\n'), report.Of(Severity.Error));
    }

    private Task<CheckReport> CheckAsync(LabHost host, params string[] options) => CheckUnderAsync([], host, options);

    private async Task<CheckReport> CheckUnderAsync(string[] wrapper, LabHost host, params string[] options)
    {
        var before = await HostSnapshot.TakeAsync(Lab, host);
        var result = await Lab.RunAsync(host, [.. wrapper, Tool, "check", "--json", "--config", ConfigurationOf(host), .. options], cancellation: Cancellation);
        TestContext.WriteLine(result.Output + result.Error);
        Assert.AreEqual(before, await HostSnapshot.TakeAsync(Lab, host), "what is left behind");
        return CheckReport.Of(result);
    }
}
