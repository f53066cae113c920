using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Net;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel;

/// <summary>Frames that end anywhere, or hold anything: every program gives a defined verdict and changes nothing it should not.</summary>
[TestClass]
public sealed class HostileFrameTests
{
    private const int EthernetLength = 14;

    private static GatewayRig _gateway = null!;
    private static NodeRig _node = null!;

    public static IEnumerable<object[]> Programs =>
    [
        // What a program does with what it cannot read, but knows to be of the service.
        [GatewayRig.Egress, Verdict.Shot, "drop_malformed"],
        [GatewayRig.Ingress, Verdict.Shot, "drop_malformed"],
        [NodeRig.Ingress, Verdict.Shot, "drop_malformed"],
        [NodeRig.Egress, Verdict.Stolen, "silenced"],
    ];

    [ClassInitialize]
    public static void Load(TestContext context)
    {
        _gateway = new GatewayRig();
        _node = new NodeRig();
    }

    [ClassCleanup]
    public static void Unload()
    {
        _gateway.Dispose();
        _node.Dispose();
    }

    [TestMethod]
    [DynamicData(nameof(Programs))]
    internal void A_frame_may_end_anywhere_behind_its_IP_header(string program, Verdict refused, string counter) => NetworkNamespaceScope.Run(() =>
    {
        foreach (var (packet, ipLength) in Frames(program))
        {
            var whole = packet.ToBytes();
            for (var length = ipLength; length < whole.Length; length++)
            {
                Prepare();
                var frame = whole[..length];
                var outcome = Rig(program).Run(program, frame);
                var because = $"{packet.Source.AddressFamily}, {length} of {whole.Length} bytes";
                Assert.AreEqual(refused, outcome.Verdict, because);
                CollectionAssert.AreEqual(frame, outcome.Frame, because);
                outcome.AssertCounted(counter);
                AssertNothingLearnt(because);
            }
            Prepare();
            var counted = Rig(program).Run(program, whole).Counted;
            Assert.IsFalse(counted.ContainsKey("drop_malformed"), "the whole frame is well-formed");
        }
    });

    /// <summary>
    /// Such frames are not for a test run, which refuses them (EINVAL, bpf_prog_test_run_skb()); real hooks at the end of a
    /// cable see them. Whose they are cannot be told, so they pass.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Programs))]
    internal void A_frame_may_end_within_its_IP_header(string program, Verdict refused, string counter) => NetworkNamespaceScope.Run(() =>
    {
        _ = refused;
        using var cable = new Cable();
        var rig = Rig(program);
        var isEgress = program is GatewayRig.Egress or NodeRig.Egress;
        using var hook = TcHook.Attach(rig.Object, program, cable.Lan, isEgress ? TcDirection.Egress : TcDirection.Ingress);
        using var sender = PacketSocket.Open(isEgress ? cable.Lan : cable.Far);
        foreach (var (packet, ipLength) in Frames(program))
        {
            Prepare();
            var whole = packet.ToBytes();
            var before = rig.Counters;
            for (var length = EthernetLength; length < ipLength; length++)
            {
                Assert.AreEqual(FrameOutcome.Accepted, sender.Send(whole.AsSpan(0, length)));
            }
            sender.Send(whole.AsSpan(0, ipLength));
            TapDeviceTests.Eventually(() => rig.CountedSince(before).Count > 0, "the last frame");
            Assert.AreEqual($"{counter} 1", string.Join(", ", rig.CountedSince(before).Select(c => $"{c.Key} {c.Value}")));
            AssertNothingLearnt(packet.ToString());
        }
    });

    /// <summary>
    /// The kernel takes a VLAN tag out of the frame before the ingress hook sees it, which a test run cannot show: what was
    /// tagged is another network's, though it looks like this one's.
    /// </summary>
    [TestMethod]
    [DataRow(GatewayRig.Ingress, Verdict.Shot, "drop_malformed")]
    [DataRow(NodeRig.Ingress, Verdict.Shot, "drop_malformed")]
    internal void A_frame_of_a_virtual_network_passes_unseen(string program, Verdict refused, string counter) => NetworkNamespaceScope.Run(() =>
    {
        using var cable = new Cable();
        var rig = Rig(program);
        using var hook = TcHook.Attach(rig.Object, program, cable.Lan, TcDirection.Ingress);
        using var sender = PacketSocket.Open(cable.Far);
        foreach (var (packet, _) in Frames(program))
        {
            Prepare();
            var before = rig.Counters;
            Assert.AreEqual(FrameOutcome.Accepted, sender.Send(packet.Vlan(5).ToBytes()));
            var last = packet.IPLength(2000).ToBytes();
            Assert.AreEqual(refused, rig.Run(program, last).Verdict);
            sender.Send(last);
            TapDeviceTests.Eventually(() => rig.CountedSince(before).GetValueOrDefault(counter) == 2, "the last frame");
            Assert.AreEqual($"{counter} 2", string.Join(", ", rig.CountedSince(before).Select(c => $"{c.Key} {c.Value}")));
            AssertNothingLearnt(packet.ToString());
        }
    });

    /// <summary>Header bytes replaced at random, a fixed sequence: no verdict but the four, and no longer frame than before.</summary>
    [TestMethod]
    [DataRow(GatewayRig.Egress)]
    [DataRow(GatewayRig.Ingress)]
    [DataRow(NodeRig.Ingress)]
    [DataRow(NodeRig.Egress)]
    public void Any_bytes_lead_to_a_defined_verdict(string program) => NetworkNamespaceScope.Run(() =>
    {
        const int Rounds = 1000;
        var random = new Random(1);
        var frames = Frames(program).Select(f => f.Packet.ToBytes()).ToArray();
        Prepare();
        for (var i = 0; i < Rounds; i++)
        {
            var frame = (byte[])frames[i % frames.Length].Clone();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                frame[random.Next(EthernetLength, frame.Length)] = (byte)random.Next(256);
            }
            var outcome = Rig(program).Run(program, frame);
            Assert.IsTrue(Enum.IsDefined(outcome.Verdict), $"{outcome.Verdict} for {Convert.ToHexStringLower(frame)}");
            Assert.IsLessThanOrEqualTo(frame.Length, outcome.Frame.Length);
            _node.TakeReports();
        }
    });

    private static IEnumerable<(Packet Packet, int IPLength)> Frames(string program)
    {
        foreach (var ends in Ends.Both)
        {
            var direction = program is GatewayRig.Egress or NodeRig.Ingress ? ends.FromClient() : ends.FromService();
            var data = direction.Seq(1001).Ack(5001).Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(1, 2)).Payload(20);
            var syn = direction.Seq(1000).Flags(TcpFlags.Syn).Options(TcpOption.LinuxSyn(1460, 1, 7));
            var ipLength = EthernetLength + (ends.IsV6 ? 40 : 20);
            yield return (data, ipLength);
            yield return (Datagram(program, ends), ipLength);
            yield return (syn, ipLength);
            if (ends.IsV6)
            {
                yield return (data.Extension(0, 2).Extension(60, 1), ipLength);
            }
        }
    }

    private static Packet Datagram(string program, Ends ends)
    {
        var dns = ends.At(Services.OnlyUdp);
        var direction = program is GatewayRig.Egress or NodeRig.Ingress ? dns.FromClient() : dns.FromService();
        return direction.Udp().Numbered(7).Payload(20);
    }

    private static Rig Rig(string program) => program is GatewayRig.Egress or GatewayRig.Ingress ? _gateway : _node;

    private static void Prepare()
    {
        _gateway.Reset();
        _node.Reset();
        foreach (var ends in Ends.Both)
        {
            _gateway.Flows.Set(ends.Key, Given.Flow);
            _node.Replicas.Set(ends.Key, Given.Replica);
        }
    }

    private static void AssertNothingLearnt(string because)
    {
        foreach (var ends in Ends.Both)
        {
            var dns = ends.At(Services.OnlyUdp).Key;
            Assert.IsFalse(_gateway.Datagrams.TryGet(dns, out _) || _node.Datagrams.TryGet(dns, out _), because);
            Assert.IsFalse(_gateway.Openings.TryGet(ends.Key, out _) || _node.Openings.TryGet(ends.Key, out _), because);
            Assert.IsTrue(_gateway.Flows.TryGet(ends.Key, out var flow) && _node.Replicas.TryGet(ends.Key, out var replica), because);
            Assert.AreEqual(Fields.Of<Flow>(Given.Flow), Fields.Of<Flow>(flow), because);
            _node.Replicas.TryGet(ends.Key, out replica);
            Assert.AreEqual(Fields.Of<Replica>(Given.Replica), Fields.Of<Replica>(replica), because);
        }
    }
}
