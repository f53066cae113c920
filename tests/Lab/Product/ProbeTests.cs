using System.Net.Sockets;
using Appliance.Lab;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>
/// A server that still listens and serves its old connections, but can open no further file: only somebody who tries finds
/// out. The server is Redis, and the probe its own client.
/// </summary>
[TestClass]
public sealed class ProbeTests : ApplianceTest
{
    private const int Port = 6379;

    protected override LabOptions Options => base.Options with
    {
        // The clients that wait to be accepted would give it away, too.
        ConfigurationFile = Keep(new ConfigurationOverlay("serverHangTimeout: 0s")).Path,
        NodeConfigurationFile = Keep(new ConfigurationOverlay(
            $"probes: [{{ name: redis, command: [/usr/bin/redis-cli, -h, {LabAddresses.Vip4}, ping], interval: 100ms, timeout: 300ms, failures: 2 }}]")).Path,
    };

    [TestMethod]
    public async Task A_server_without_descriptors_is_relieved_and_old_connections_go_on()
    {
        var servers = new Dictionary<LabHost, int>();
        foreach (var node in LabNames.Nodes)
        {
            // One after the other: the service goes to whoever has a server that answers.
            servers[node] = await StartAsync(node);
            await GatewayUntilAsync(gateway => !gateway.Node(node).ServerFailing, $"the server of {LabNames.Of(node)} answers");
        }

        using var connection = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
        Assert.AreEqual(":1\r\n", await AskAsync(connection));
        var epoch = (await ProtectedAsync(1)).Epoch;

        await CommandRunner.RequireAsync(["prlimit", $"--pid={servers[LabHost.Node1]}", "--nofile=3:3"]); // what is open stays open
        var after = await TakenOverAsync(LabHost.Node2, epoch);

        Assert.IsTrue(after.Events.Any(e => e.Cause == "serverFails"), after.ToString());
        Assert.IsTrue(after.Node(LabHost.Node1).ServerFailing);
        Assert.AreEqual(":2\r\n", await AskAsync(connection));
        using var another = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
        Assert.AreEqual(":3\r\n", await AskAsync(another), "new connections are served again");
    }

    private async Task<string> AskAsync(Socket connection)
    {
        await connection.TellAsync("INCR counter\r\n");
        return await connection.HearTextAsync(4);
    }

    private async Task<int> StartAsync(LabHost node)
    {
        var redis = DebianServer.Require("/usr/bin/redis-server", "redis-server");
        // As root, or its limits could only be changed with CAP_SYS_RESOURCE.
        var server = await StartListeningAsync(node, Port, redis, "--bind", "*", "--protected-mode", "no", "--dir", Lab.DataDirectory(node), "--save", "");
        return server.Pid;
    }
}
