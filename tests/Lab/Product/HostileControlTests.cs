using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Appliance.ControlPlane;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>
/// Datagrams that no one who holds the secret has sent, or has sent now, at the gateway's and a node's heartbeat port:
/// they are counted, and change nothing. The agents expose no counters of their own, so there only the second is shown.
/// </summary>
[TestClass]
public sealed class HostileControlTests : TrafficTest
{
    private const int Connections = 20;
    private const int KindOffset = 5;

    private static readonly string[] s_reasons = ["length", "foreign", "version", "forged", "content", "replayed", "unknownnode"];

    [TestMethod]
    public async Task Hostile_datagrams_at_the_gateway_are_counted_and_change_nothing()
    {
        var recorder = Keep(Recorder(LabHost.Gateway));
        await UnharmedAsync(async () =>
        {
            var attacker = Keep(Attacker());
            var gateway = new IPEndPoint(IPAddress.Parse(LabAddresses.GatewayInner4), LabAddresses.HeartbeatPort);
            var captured = await RecordAsync(recorder, LabAddresses.HeartbeatPort, 100);
            GatewayReport? report = null;
            await UntilAsync(
                async () =>
                {
                    // Those of the first window are old by the time that a hundred were recorded. All are sent until all are counted:
                    // they are more than a socket holds that a busy machine reads late.
                    foreach (var datagram in Hostile(captured[^1]).Concat(captured[..20]))
                    {
                        attacker.SendTo(datagram, gateway);
                    }
                    report = await GatewayAsync();
                    return s_reasons.All(reason => report.IgnoredDatagrams[reason] > 0);
                },
                () => $"every reason is counted; the gateway says {report}");
        });
    }

    [TestMethod]
    [DataRow(LabHost.Node1)]
    [DataRow(LabHost.Node2)]
    public async Task Hostile_datagrams_at_a_node_change_nothing(LabHost node)
    {
        var port = HeartbeatPort(node);
        var recorder = Keep(Recorder(node));
        await UnharmedAsync(async () =>
        {
            var attacker = Keep(Attacker());
            var target = new IPEndPoint(IPAddress.Parse(LabAddresses.Node4(node)), port);
            var captured = await RecordAsync(recorder, port, 100);
            foreach (var datagram in Hostile(captured[^1]).Concat(captured))
            {
                attacker.SendTo(datagram, target);
            }
        });
    }

    [TestMethod]
    public async Task Empty_datagrams_at_the_gateway_change_nothing() => await UnharmedAsync(() =>
    {
        Keep(Attacker()).SendTo([], new IPEndPoint(IPAddress.Parse(LabAddresses.GatewayInner4), LabAddresses.HeartbeatPort));
        return Task.CompletedTask;
    });

    [TestMethod]
    [DataRow(LabHost.Node1)]
    [DataRow(LabHost.Node2)]
    public async Task Empty_datagrams_at_a_node_do_not_keep_it_from_hearing_orders(LabHost node)
    {
        await UnharmedAsync(() =>
        {
            Keep(Attacker()).SendTo([], new IPEndPoint(IPAddress.Parse(LabAddresses.Node4(node)), HeartbeatPort(node)));
            return Task.CompletedTask;
        });
        await ForgottenAsync();
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        var epoch = (await GatewayUntilAsync(
            gateway => gateway.Flows == Connections && gateway.Node(LabHost.Node2).Flows.Replicas == Connections,
            "every flow has a replica")).Epoch;

        await FaultAsync(FaultKind.Crash, "node1");

        await TakenOverAsync(LabHost.Node2, epoch);
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
    }

    /// <summary>Makes an attack while traffic runs, and asserts that neither roles nor traffic have noticed.</summary>
    private async Task UnharmedAsync(Func<Task> attack)
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await GatewayUntilAsync(gateway => gateway.Flows == Connections, "traffic runs");
        var before = await GatewayAsync();

        await attack();

        // Long enough for every time limit of the control protocol to pass.
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        var after = await GatewayAsync();
        Assert.AreEqual(before.Epoch, after.Epoch, after.ToString());
        Assert.IsTrue(after.Ready, after.ToString());
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
    }

    /// <summary>Everything that can be wrong with a datagram, a hundred times over where chance plays a part.</summary>
    private IEnumerable<byte[]> Hostile(byte[] authentic)
    {
        for (var i = 0; i < 100; i++)
        {
            yield return RandomNumberGenerator.GetBytes(1 + (i * 14));
            yield return RandomNumberGenerator.GetBytes(MessageCodec.Length);
            yield return Altered(authentic, RandomNumberGenerator.GetInt32(KindOffset, MessageCodec.Length), RandomNumberGenerator.GetInt32(1, 256));
        }

        for (var length = 1; length < authentic.Length; length++)
        {
            yield return authentic[..length];
        }

        yield return [.. authentic, 0];
        yield return [.. authentic, .. new byte[8000]];
        yield return Altered(authentic, 4, 0xff);
        yield return Written(RandomNumberGenerator.GetBytes(32), "node1", NodeRole.Active);
        var secret = Convert.FromHexString(File.ReadAllText(Path.Combine(Lab.Directory, "control.key")).Trim());
        yield return Written(secret, "node9", NodeRole.Active);
        yield return Written(secret, "node1", (NodeRole)200);
    }

    private static byte[] Altered(byte[] datagram, int position, int difference)
    {
        var altered = datagram.ToArray();
        altered[position] ^= (byte)difference;
        return altered;
    }

    private static byte[] Written(byte[] secret, string node, NodeRole role)
    {
        var message = new Message { Kind = MessageKind.Heartbeat, Node = node, Role = role, Epoch = 1000, Instance = ulong.MaxValue, Sequence = 1, SentNs = 1 };
        return new MessageCodec(secret).Write(message, new byte[MessageCodec.Length]).ToArray();
    }

    private Socket Attacker() => NetworkNamespace.Run(
        Lab.Namespace(LabHost.Client),
        () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));

    /// <summary>A raw socket gets a copy of every datagram that the host receives, with its headers.</summary>
    private Socket Recorder(LabHost host) => NetworkNamespace.Run(
        Lab.Namespace(host),
        () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Udp));

    private async Task<List<byte[]>> RecordAsync(Socket recorder, int port, int count)
    {
        const int IpHeader = 20;
        const int Headers = IpHeader + 8;
        using var limit = new CancellationTokenSource(Patience);
        var datagrams = new List<byte[]>();
        var packet = new byte[4096];
        while (datagrams.Count < count)
        {
            var length = await recorder.ReceiveAsync(packet, limit.Token);
            if (length == Headers + MessageCodec.Length && (packet[IpHeader + 2] << 8 | packet[IpHeader + 3]) == port)
            {
                datagrams.Add(packet[Headers..length]);
            }
        }

        return datagrams;
    }

    private int HeartbeatPort(LabHost node) => KernelSockets.UdpPorts(Lab, node).Single();
}
