using System.Net;
using System.Net.Sockets;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>A start that cannot succeed says why in one line, and leaves the host as it was.</summary>
[TestClass]
public sealed class BadStartTests : StartTest
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [TestMethod]
    [DataRow(LabHost.Gateway, "output: silent", "outputs: silent", "outputs: unknown setting", DisplayName = "a misspelt setting of the gateway")]
    [DataRow(LabHost.Gateway, "interval: 10ms", "intervall: 10ms", "heartbeat.intervall: unknown setting", DisplayName = "a misspelt setting in a section")]
    [DataRow(LabHost.Node1, "lanInterface: lan0", "lanInterface: lan0\nlanInterfaces: 2", "did you mean 'lanInterface'?", DisplayName = "an unknown setting of a node")]
    [DataRow(LabHost.Gateway, "interval: 10ms", "interval: 10", "heartbeat.interval: '10' is not a duration", DisplayName = "a duration without unit")]
    [DataRow(LabHost.Gateway, "timeout: 30ms", "timeout: 10ms", "heartbeat.timeout: 10ms must be at least", DisplayName = "a timeout below the interval")]
    [DataRow(LabHost.Gateway, "lanInterface: lan0", "lanInterface: lan1", "lanInterface: there is no interface with the name or address 'lan1'", DisplayName = "a gateway's missing interface")]
    [DataRow(LabHost.Node2, "lanInterface: lan0", "lanInterface: lan1", "lanInterface: there is no interface with the name or address 'lan1'", DisplayName = "a node's missing interface")]
    [DataRow(LabHost.Gateway, "name: node2", "name: node1", "nodes[1].name", DisplayName = "two nodes of one name")]
    [DataRow(LabHost.Gateway, "initialActive: node1", "initialActive: node3", "initialActive: 'node3' is not the name of a node", DisplayName = "an unknown first active node")]
    [DataRow(LabHost.Gateway, "name: node2", "name: a-name-longer-than-a-heartbeat-holds", "nodes[1].name", DisplayName = "a node's name that no heartbeat can carry")]
    [DataRow(LabHost.Node2, "name: node2", "name: a-name-longer-than-a-heartbeat-holds", "name", DisplayName = "a name of its own that no heartbeat can carry")]
    [DataRow(LabHost.Gateway, "10.0.2.1:7400", "10.0.2.77:7400", "heartbeat.bind: 10.0.2.77:7400", DisplayName = "heartbeats on an address of someone else")]
    [DataRow(LabHost.Gateway, "http://0.0.0.0:8080", "http://192.0.2.1:8080", "listen: http://192.0.2.1:8080", DisplayName = "REST on an address of someone else")]
    [DataRow(LabHost.Gateway, "initialActive: node1", "initialActive: [", "line ", DisplayName = "no YAML")]
    [DataRow(LabHost.Gateway, "output: silent", "output: silent\noutput: silent", "output", DisplayName = "a setting given twice")]
    [DataRow(LabHost.Gateway, "interval: 10ms", "[interval]: 10ms", "heartbeat", DisplayName = "a list where a name belongs")]
    [DataRow(LabHost.Gateway, "ports: any", "ports: '1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33'", "more than 16 port ranges", DisplayName = "more port ranges than the programs hold")]
    public Task A_wrong_setting_is_named(LabHost host, string part, string replacement, string clue)
    {
        Configure(host, part, replacement);
        return AssertRefusesAsync(host, clue);
    }

    [TestMethod]
    [DataRow(LabHost.Gateway)]
    [DataRow(LabHost.Node1)]
    public Task Overlapping_services_are_refused(LabHost host)
    {
        Configure(host, "services:", $"services:\n- {{ name: other, addresses: [{LabAddresses.Vip4}], ports: 80-90 }}");
        return AssertRefusesAsync(host, $"{LabAddresses.Vip4} overlaps service 'other'");
    }

    [TestMethod]
    public Task A_missing_file_is_named()
    {
        File.Delete(ConfigurationOf(LabHost.Node1));
        return AssertRefusesAsync(LabHost.Node1, "node1.yaml");
    }

    [TestMethod]
    public Task A_REST_port_in_use_is_named()
    {
        Keep(NetworkNamespace.Run(Lab.Namespace(LabHost.Gateway), () =>
        {
            var listener = new TcpListener(IPAddress.Any, LabAddresses.ApiPort);
            listener.Start();
            return listener;
        }));
        return AssertRefusesAsync(LabHost.Gateway, "listen: http://0.0.0.0:8080");
    }

    [TestMethod]
    public Task A_heartbeat_port_in_use_is_named()
    {
        Keep(NetworkNamespace.Run(Lab.Namespace(LabHost.Gateway), () => new UdpClient(new IPEndPoint(IPAddress.Any, LabAddresses.HeartbeatPort))));
        return AssertRefusesAsync(LabHost.Gateway, "heartbeat.bind: 10.0.2.1:7400");
    }

    [TestMethod]
    [DataRow(LabHost.Gateway)]
    [DataRow(LabHost.Node1)]
    public async Task A_secret_has_to_be_there_long_and_secret(LabHost host)
    {
        File.SetUnixFileMode(SecretFile, OwnerOnly | UnixFileMode.OtherRead);
        await AssertRefusesAsync(host, "secretFile: ");
        await AssertRefusesAsync(host, "chmod 600");

        File.SetUnixFileMode(SecretFile, OwnerOnly);
        File.WriteAllText(SecretFile, "00112233");
        await AssertRefusesAsync(host, "holds 4 bytes, at least 16 are needed");

        File.WriteAllText(SecretFile, "not hexadecimal at all, but long enough");
        await AssertRefusesAsync(host, "must hold hexadecimal digits");

        File.Delete(SecretFile);
        await AssertRefusesAsync(host, "secretFile: cannot be read");
    }

    [TestMethod]
    [DataRow("ipv4/tcp_syncookies", "0", "sysctl -w net.ipv4.tcp_syncookies=1")]
    [DataRow("ipv4/tcp_timestamps", "0", "sysctl -w net.ipv4.tcp_timestamps=1")]
    [DataRow("ipv4/tcp_sack", "0", "sysctl -w net.ipv4.tcp_sack=1")]
    [DataRow("ipv4/tcp_window_scaling", "0", "sysctl -w net.ipv4.tcp_window_scaling=1")]
    [DataRow("mptcp/enabled", "1", "sysctl -w net.mptcp.enabled=0")]
    public Task A_kernel_setting_that_prevents_replication_is_named_with_its_remedy(string setting, string value, string clue)
    {
        NetworkNamespace.WriteSysctls(Lab.Namespace(LabHost.Node2), [($"net/{setting}", value)]);
        return AssertRefusesAsync(LabHost.Node2, clue);
    }

    [TestMethod]
    [DataRow(LabHost.Gateway)]
    [DataRow(LabHost.Node2)]
    public Task A_missing_capability_is_named(LabHost host) =>
        AssertRefusesAsync(host, "missing capability CAP_BPF", "setpriv", "--bounding-set=-bpf,-sys_admin", "--inh-caps=-bpf,-sys_admin");

    [TestMethod]
    [DataRow(LabHost.Gateway)]
    [DataRow(LabHost.Node2)]
    public async Task Hooks_of_a_killed_run_are_kept_until_they_are_to_be_replaced(LabHost host)
    {
        var pristine = await HostSnapshot.TakeAsync(Lab, host);
        using (var killed = await StartAsync(host))
        {
            killed.Signal(UnixSignal.Kill);
            await killed.WaitAsync(Cancellation);
        }

        await AssertRefusesAsync(host, "start with --replace-hooks");

        using var next = await StartAsync(host, "--replace-hooks");
        next.Signal(UnixSignal.Terminate);
        Assert.AreEqual(0, await next.WaitAsync(Cancellation));
        Assert.AreEqual(pristine.Network, (await HostSnapshot.TakeAsync(Lab, host)).Network, "what is left behind");
    }

    [TestMethod]
    [DataRow(LabHost.Gateway)]
    [DataRow(LabHost.Node2)]
    public async Task A_program_that_ends_leaves_the_host_as_it_was(LabHost host)
    {
        var pristine = await HostSnapshot.TakeAsync(Lab, host);
        using var process = await StartAsync(host);

        process.Signal(UnixSignal.Terminate);

        Assert.AreEqual(0, await process.WaitAsync(Cancellation));
        Assert.AreEqual(pristine, await HostSnapshot.TakeAsync(Lab, host), "what is left behind");
    }
}
