using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Recorder;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording;

/// <summary>From clients of a protected service, through the gateway's windows and a savefile, into a fresh server.</summary>
[TestClass]
public sealed class HeldRecordingTests : RecorderTest
{
    /// <inheritdoc/>
    protected override string Configuration => "recorder: { policy: full }";

    [TestMethod]
    public async Task What_the_gateway_holds_does_to_a_fresh_server_what_the_clients_did()
    {
        const int Clients = 5;
        const int Messages = 40;
        var sockets = new List<Socket>();
        for (var i = 0; i < Clients; i++)
        {
            sockets.Add(Keep(await ClientNetwork.ConnectAsync(Lab, EchoPort, Cancellation)));
        }

        for (var message = 0; message < Messages; message++)
        {
            for (var i = 0; i < Clients; i++)
            {
                var text = TextOf(i, message);
                Assert.AreEqual(text, await sockets[i].EchoAsync(text));
            }
        }

        await ProtectedAsync(Clients);
        using var file = new ConfigurationOverlay("");
        var recorded = await CommandRunner.RunAsync([Tool, "record", "--write", file.Path, "--held", "--force", "--api", Lab.ApiUrl.ToString()], timeout: TimeSpan.FromSeconds(30), cancellation: Cancellation);
        Assert.AreEqual(0, recorded.ExitCode, recorded.Error);

        using var fresh = new TcpListener(IPAddress.Loopback, 0);
        fresh.Start();
        var heard = Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            using var socket = await fresh.AcceptSocketAsync(Cancellation);
            var all = new StringBuilder();
            while (all.Length < Enumerable.Range(0, Messages).Sum(m => TextOf(0, m).Length) && await socket.HearAsync(1) is { Length: 1 } one)
            {
                all.Append(Encoding.ASCII.GetString(one));
                await socket.TellAsync(one);
            }

            return all.ToString();
        }));
        var port = ((IPEndPoint)fresh.LocalEndpoint).Port;
        var replayed = await CommandRunner.RunAsync([Tool, "replay", file.Path, "--against", $"127.0.0.1:{port}", "--json"], timeout: TimeSpan.FromSeconds(30), cancellation: Cancellation);

        Assert.AreEqual(0, replayed.ExitCode, replayed.Error);
        var report = JsonElement.Parse(replayed.Output.TrimEnd().Split('\n')[^1]);
        Assert.AreEqual((Clients, 0), (report.GetProperty("flows").GetInt32(), report.GetProperty("mismatches").GetInt32()));
        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, Clients).Select(i => string.Concat(Enumerable.Range(0, Messages).Select(m => TextOf(i, m)))).ToList(),
            (await heard).ToList());
    }

    [TestMethod]
    public async Task Wireshark_reads_one_flow_and_what_is_recorded_from_now_on()
    {
        var tshark = DebianServer.Require("/usr/bin/tshark", "tshark");
        using var one = new ConfigurationOverlay("");
        using var all = new ConfigurationOverlay("");
        using var socket = await ClientNetwork.ConnectAsync(Lab, EchoPort, Cancellation);
        Assert.AreEqual(TextOf(0, 0), await socket.EchoAsync(TextOf(0, 0)));
        using var follower = Lab.StartProcess(
            LabHost.Gateway, [Tool, "record", "--write", all.Path, "--force", "--api", Lab.ApiUrl.ToString()], LogOf(LabHost.Gateway, "record"));
        await UntilAsync(() => new FileInfo(all.Path).Length > 0, "it has begun to record");
        for (var message = 1; message < 20; message++)
        {
            Assert.AreEqual(TextOf(0, message), await socket.EchoAsync(TextOf(0, message)));
        }

        var ends = (IPEndPoint)socket.LocalEndPoint!;
        var flow = $"{ends.Address}~{ends.Port}~{LabAddresses.Vip4}~{EchoPort}";
        await UntilAsync(() => File.ReadAllBytes(all.Path).AsSpan().IndexOf(Encoding.ASCII.GetBytes(TextOf(0, 19))) > 0, "all of it is in the file");
        follower.Signal(UnixSignal.Terminate);
        Assert.AreEqual(0, await follower.WaitAsync(Cancellation), "stopped, it ends in good order");
        var recorded = await CommandRunner.RunAsync([Tool, "record", "--write", one.Path, "--flow", flow, "--force", "--api", Lab.ApiUrl.ToString()], timeout: TimeSpan.FromSeconds(30), cancellation: Cancellation);
        Assert.AreEqual(0, recorded.ExitCode, recorded.Error);

        await AssertReadAsync(tshark, one.Path, Enumerable.Range(0, 20));
        await AssertReadAsync(tshark, all.Path, Enumerable.Range(1, 19));
    }

    /// <summary>Wireshark's dissectors find nothing to complain about, and the messages in their order.</summary>
    private async Task AssertReadAsync(string tshark, string file, IEnumerable<int> messages)
    {
        var read = await CommandRunner.RequireAsync(
            [
                tshark, "-r", file, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-T", "fields",
                "-e", "tcp.payload", "-e", "tcp.checksum.status", "-e", "ip.checksum.status", "-e", "_ws.malformed", "-E", "separator=,",
            ],
            cancellation: Cancellation);
        var packets = read.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).ToList();
        Assert.IsTrue(packets.All(packet => packet is [_, "1", "1", ""]), read.Output); // 1: good
        var text = Encoding.ASCII.GetString(Convert.FromHexString(string.Concat(packets.Select(packet => packet[0]))));
        Assert.AreEqual(string.Concat(messages.Select(message => TextOf(0, message))), text);
    }

    private static string TextOf(int client, int message) => $"client {client} says {message:000};";
}
