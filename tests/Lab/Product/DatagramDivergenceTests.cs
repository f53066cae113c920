using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>Two name servers of which one knows another address of one name: told, and nothing else is, while copies are lost.</summary>
[TestClass]
public sealed class DatagramDivergenceTests : ApplianceTest
{
    private const int Port = 53;
    private const int Steady = 8;
    private const int Odd = 24;
    private static readonly TimeSpan s_load = TimeSpan.FromSeconds(4);

    [TestMethod]
    public async Task What_two_name_servers_answer_otherwise_is_told_and_what_they_answer_alike_is_not()
    {
        var dnsmasq = DebianServer.Require("/usr/sbin/dnsmasq", "dnsmasq-base");
        foreach (var (node, address) in new[] { (LabHost.Node1, "192.0.2.1"), (LabHost.Node2, "192.0.2.9") })
        {
            await StartListeningAsync(
                node, Port, dnsmasq, "-k", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root", $"--pid-file={Lab.DataDirectory(node)}/pid",
                "--address=/same.test/192.0.2.1", $"--address=/odd.test/{address}");
        }
        await GatewayUntilAsync(gateway => gateway.Ready, "both nodes play their parts");
        await Lab.FaultAsync(new FaultRequest(FaultKind.TapLoss, FaultRequest.Backup) { BasisPoints = 500 }, Cancellation);
        await Task.Delay(TimeSpan.FromSeconds(2), Cancellation); // what clients may have asked before the replica heard them is not judged

        var answers = await Task.WhenAll(Enumerable.Range(0, Steady).Select(i => AskManyAsync(Client(i % 2 == 0 ? LabAddresses.Vip4 : LabAddresses.Vip6), s_load)));
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancellation);
        var steady = await GatewayAsync();
        TestContext.WriteLine($"{answers.Sum()} answers; {steady.Recorder.Datagrams}");
        Assert.IsGreaterThan(Steady * 100, answers.Sum());
        Assert.AreEqual((Steady, 0, 0L), (steady.Recorder.Datagrams.Compared, steady.Recorder.Datagrams.Diverged, steady.Recorder.Datagrams.Divergences), $"{steady}");

        var clients = Enumerable.Range(0, Odd).Select(i => Client(i % 2 == 0 ? LabAddresses.Vip4 : LabAddresses.Vip6)).ToList();
        foreach (var client in clients)
        {
            Assert.AreEqual("192.0.2.1", await AskAsync(client, 1, "a.odd.test"));
        }
        var odd = await GatewayUntilAsync(gateway => gateway.Recorder.Datagrams.Diverged >= Odd * 3 / 4, "nearly all of these are known to differ");
        Assert.IsLessThanOrEqualTo(Odd, odd.Recorder.Datagrams.Diverged, "and no others are");
        await UntilAsync(() => File.ReadAllText(PathOf(LabHost.Gateway)).Contains("The servers of all are not alike: ", StringComparison.Ordinal), "the service claims nothing any more");
        StringAssert.Matches(await File.ReadAllTextAsync(PathOf(LabHost.Node2), Cancellation), new("has diverged: .* The active node said \"….*\\\\xc0\\\\x00\\\\x02\\\\x01\" of 44 bytes, this node \"….*\\\\xc0\\\\x00\\\\x02\\\\x09\" of 44 bytes"));

        // Afterwards it would hit what clients ask, and nobody repeats that.
        await Lab.FaultAsync(new FaultRequest(FaultKind.TapLoss, FaultRequest.Backup) { BasisPoints = 0 }, Cancellation);
        await FaultAsync(FaultKind.Crash, "node1");
        await TakenOverAsync(LabHost.Node2, odd.Epoch);
        Assert.AreEqual("192.0.2.9", await AskAsync(clients[0], 2, "a.odd.test"), "a name server that answers otherwise is better than none");
        await GatewayUntilAsync(gateway => gateway.Recorder.Datagrams.Diverged == 0, "nobody is compared with");
    }

    private Socket Client(string address)
    {
        var service = new IPEndPoint(IPAddress.Parse(address), Port);
        var socket = Keep(NetworkNamespace.Run(Lab.Namespace(LabHost.Client), () => new Socket(service.AddressFamily, SocketType.Dgram, ProtocolType.Udp)));
        socket.Connect(service);
        return socket;
    }

    /// <summary>Several questions under way at any time, as a resolver has.</summary>
    private async Task<int> AskManyAsync(Socket socket, TimeSpan duration)
    {
        const int Together = 4;
        var (id, answers) = ((ushort)0, 0);
        for (var start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < duration;)
        {
            for (var i = 0; i < Together; i++)
            {
                id++;
                await socket.SendAsync(Question(id, $"n{id % 50}.same.test"), Cancellation);
            }
            for (var i = 0; i < Together && await HearAsync(socket, TimeSpan.FromMilliseconds(200)) is not null; i++)
            {
                answers++;
            }
            await Task.Delay(5, Cancellation); // of more than 32,768 answers a second, only some clients are compared
        }
        return answers;
    }

    private async Task<string?> AskAsync(Socket socket, ushort id, string name)
    {
        await socket.SendAsync(Question(id, name), Cancellation);
        return await HearAsync(socket, TimeSpan.FromSeconds(5)) is { } answer ? new IPAddress(answer.AsSpan(^4..)).ToString() : null;
    }

    private async Task<byte[]?> HearAsync(Socket socket, TimeSpan patience)
    {
        var buffer = new byte[512];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(patience);
        try
        {
            return buffer[..await socket.ReceiveAsync(buffer, limit.Token)];
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>RFC 1035 section 4: one question for an address, with "recursion desired".</summary>
    private static byte[] Question(ushort id, string name)
    {
        var labels = name.Split('.').SelectMany(label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length));
        byte[] question = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. labels, 0, 0, 1, 0, 1];
        BinaryPrimitives.WriteUInt16BigEndian(question, id);
        return question;
    }

    private string PathOf(LabHost node) => Path.Combine(Lab.Directory, $"{LabNames.Of(node)}.log");
}
