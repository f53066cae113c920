using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording;

/// <summary><c>appliance compare</c> with two real servers: with what recorded clients did, and with clients that come.</summary>
[TestClass]
public sealed class CompareTests : ApplianceTest
{
    private const int Port = 6379;
    private const int ListenPort = 7000;

    /// <inheritdoc/>
    protected override LabOptions Options => base.Options with { ConfigurationFile = Keep(new ConfigurationOverlay("recorder: { policy: full }")).Path };

    [TestMethod]
    public async Task Two_servers_are_alike_until_one_has_counted_alone()
    {
        var redis = DebianServer.Require("/usr/bin/redis-server", "redis-server");
        foreach (var node in LabNames.Nodes)
        {
            var disk = await DebianServer.DirectoryOfAsync("redis", Path.Combine(Lab.DataDirectory(node), "redis"));
            await StartListeningAsync(node, Port, DebianServer.As("redis", redis, "--bind", "*", "--protected-mode", "no", "--dir", disk, "--save", ""));
        }

        string[] servers = [.. LabNames.Nodes.Select(static node => $"{LabAddresses.Node4(node)}:{Port}")];
        var client = Keep(await ClientNetwork.ConnectAsync(Lab, Port, Cancellation));
        await CountAsync(client, 1);
        await CountAsync(client, 2);
        await ProtectedAsync(1);
        using var file = new ConfigurationOverlay("");
        var recorded = await CommandRunner.RunAsync([Tool, "record", "--write", file.Path, "--held", "--force", "--api", Lab.ApiUrl.ToString()], timeout: Patience, cancellation: Cancellation);
        Assert.AreEqual(0, recorded.ExitCode, recorded.Error);

        string[] replay = [Tool, "compare", .. servers, "--file", file.Path, "--wait", "2s", "--json"];
        var alike = await Lab.RunAsync(LabHost.Gateway, replay, timeout: Patience, cancellation: Cancellation);
        Assert.AreEqual(0, alike.ExitCode, alike.Output + alike.Error);
        Assert.IsTrue(Report(alike.Output).GetProperty("isAlike").GetBoolean(), alike.Output);

        using (var aside = NetworkNamespace.Run(Lab.Namespace(LabHost.Node2), static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)))
        {
            await aside.ConnectAsync(IPAddress.Loopback, Port, Cancellation);
            await CountAsync(aside, 5);
        }

        var different = await Lab.RunAsync(LabHost.Gateway, replay, timeout: Patience, cancellation: Cancellation);
        Assert.AreEqual(1, different.ExitCode, different.Output + different.Error);
        AssertNumberDiffers(different.Output);
        AssertNumberDiffers(await ListenAsync(servers));
    }

    /// <summary>A client talks to the first server through the tool; the result is the tool's report.</summary>
    private async Task<string> ListenAsync(string[] servers)
    {
        var log = LogOf(LabHost.Gateway, "compare");
        using var tool = Lab.StartProcess(LabHost.Gateway, [Tool, "compare", .. servers, "--listen", $"{LabAddresses.GatewayOuter4}:{ListenPort}", "--json"], log);
        await UntilAsync(() => tool.HasExited || KernelSockets.Listens(Lab, LabHost.Gateway, ListenPort), "the tool listens");
        Assert.IsFalse(tool.HasExited, await File.ReadAllTextAsync(log, Cancellation));
        using (var client = ClientNetwork.Open(Lab))
        {
            await client.ConnectAsync(IPAddress.Parse(LabAddresses.GatewayOuter4), ListenPort, Cancellation);
            await CountAsync(client, 7);
            client.Shutdown(SocketShutdown.Send);
        }

        await UntilAsync(() => File.ReadAllText(log).Contains("1 connections", StringComparison.Ordinal), "the connection is compared");
        tool.Signal(UnixSignal.Terminate);
        Assert.AreEqual(1, await tool.WaitAsync(Cancellation));
        return await File.ReadAllTextAsync(log, Cancellation);
    }

    private static async Task CountAsync(Socket socket, int number)
    {
        await socket.TellAsync("INCR n\r\n");
        Assert.AreEqual($":{number}\r\n", await socket.HearTextAsync(4));
    }

    private static void AssertNumberDiffers(string output)
    {
        var difference = Report(output).GetProperty("differences").EnumerateArray().Single();
        Assert.AreEqual("number", difference.GetProperty("kind").GetString(), output);
        Assert.IsFalse(string.IsNullOrEmpty(difference.GetProperty("remedy").GetString()), output);
    }

    private static JsonElement Report(string output) => JsonElement.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
}
