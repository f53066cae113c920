using System.Net.Sockets;
using Appliance.ControlPlane;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>Client → server: what is left alone, what goes to the node that holds the service.</summary>
[TestClass]
public sealed class ForwardingTests
{
    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> Cases => Rows.ForBoth(Fixtures);

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    internal void Forwards(GatewayFixture fixture) => NetworkNamespaceScope.Run(() => fixture.Check(_rig));

    private static IEnumerable<GatewayFixture> Fixtures(Ends ends)
    {
        const string Program = GatewayRig.Egress;
        var segment = ends.FromClient().Seq(1001).Ack(5001).Payload(10);
        var fragmentCounts = new[] { "pass_fragment", "to_active" };
        var otherCounts = new[] { "pass_other", "to_active" };
        var unknownCounts = new[] { "flow_unknown", "to_active" };

        yield return new("ARP is none of its business", Program, ends, Arp.Announce(Ends.V4.Service.Address, Scene.Router));
        yield return new("so is a frame with a VLAN tag", Program, ends, segment.Vlan(5));
        yield return new("so is another address", Program, ends, ends.FromService().Seq(1).Ack(1));
        yield return new("a copy on its way to a replica passes unseen", Program, ends, segment)
        {
            Context = new() { Mark = 0x54324152 },
        };
        yield return new("another mark means nothing", Program, ends, segment)
        {
            Context = new() { Mark = 0x1234 }, Leaves = segment.To(Scene.Node0), Counts = unknownCounts,
        };

        foreach (var fixture in Probes(ends, segment))
        {
            yield return fixture;
        }
        foreach (var (port, counts) in new[]
        {
            (5432, unknownCounts), (5431, otherCounts),
            (Services.FirstOfRange, unknownCounts), (Services.FirstOfRange - 1, otherCounts),
            (Services.LastOfRange, unknownCounts), (Services.LastOfRange + 1, otherCounts),
            (Services.OnlyUdp, otherCounts),
        })
        {
            var elsewhere = ends.At(port).FromClient().Seq(1001).Ack(5001);
            yield return new($"TCP port {port}", Program, ends, elsewhere) { Leaves = elsewhere.To(Scene.Node0), Counts = counts };
        }
        foreach (var protocol in new[] { ProtocolType.Udp, ProtocolType.Icmp, ProtocolType.IcmpV6 })
        {
            var other = ends.FromClient().Protocol(protocol).Payload(8);
            yield return new($"{protocol} is forwarded, not replicated", Program, ends, other) { Leaves = other.To(Scene.Node0), Counts = otherCounts };
        }
        foreach (var (name, fragment) in new[]
        {
            ("a first fragment", segment.Fragment(0, more: true)),
            ("a middle fragment", segment.Fragment(100, more: true)),
            ("a last fragment", segment.Fragment(100, more: false)),
        })
        {
            yield return new($"{name} is forwarded, not replicated", Program, ends, fragment) { Leaves = fragment.To(Scene.Node0), Counts = fragmentCounts };
        }

        yield return new("nobody holds the service", Program, ends, segment)
        {
            Assignment = Assignment.None, Verdict = Verdict.Shot, Counts = ["flow_unknown", "drop_no_active"],
        };
        yield return new("nobody holds the service, other protocol", Program, ends, segment.Protocol(ProtocolType.Udp))
        {
            Assignment = Assignment.None, Verdict = Verdict.Shot, Counts = ["pass_other", "drop_no_active"],
        };
        yield return new("the active node is the one of the assignment", Program, ends, segment)
        {
            Assignment = new(8, 2, 0), Leaves = segment.To(Scene.Node2), Counts = unknownCounts,
        };
        yield return new("an index beyond the table is nobody", Program, ends, segment)
        {
            Assignment = new(8, 4, 0), Verdict = Verdict.Shot, Counts = ["flow_unknown", "drop_no_active"],
        };

        foreach (var (name, lie) in Lies(ends, segment))
        {
            yield return new(name, Program, ends, lie) { Verdict = Verdict.Shot, Counts = ["drop_malformed"] };
        }
        yield return new("Ethernet padding is no payload", Program, ends, ends.FromClient().Seq(1001).Ack(5001).Padded(6))
        {
            Flow = Given.Flow,
            Leaves = ends.FromClient().Seq(1001).Ack(5001).Padded(6).To(Scene.Node0),
            Counts = ["to_active"],
        };
    }

    /// <summary>What the gateway itself asks a server goes to the active node like a client's segment, and is none.</summary>
    private static IEnumerable<GatewayFixture> Probes(Ends ends, Packet segment)
    {
        const uint ProbeMark = 0x54324150;
        var keepalive = ends.FromClient().Seq(1000).Ack(5001).Payload(1);
        GatewayFixture Addressed(string name, Packet packet) => new($"the gateway's own probe: {name}", GatewayRig.Egress, ends, packet)
        {
            Assignment = new(7, 2, 0b011), Context = new() { Mark = ProbeMark }, MarkThen = 0, Leaves = packet.To(Scene.Node2), Counts = ["to_active"],
        };

        yield return Addressed("addressed, neither recorded nor tracked nor copied", keepalive) with { Flow = Given.Flow };
        yield return Addressed("its numbers are not judged", segment.Seq(0x80000000)) with { Flow = Given.Flow };
        yield return Addressed("without a flow", keepalive);
        yield return Addressed("it opens no flow", segment) with { Opening = Given.Agreed };
        yield return Addressed("its SYN is not learnt", ends.FromClient().Seq(900_000).Syn());
        yield return Addressed("its reset ends no opening", ends.FromClient().Seq(1001).Rst()) with { Opening = Given.Agreed };
        yield return Addressed("its reset ends no flow", ends.FromClient().Seq(1001).Rst()) with { Flow = Given.Flow };
        yield return Addressed("its FIN ends no flow", ends.FromClient().Seq(1001).Ack(5001).Fin()) with { Flow = Given.Flow };
        yield return Addressed("to a port without a service", ends.At(22).FromClient().Seq(1).Ack(1));
        yield return Addressed("nobody holds the service", keepalive) with
        {
            Assignment = new(7, -1, 0b010), Flow = Given.Flow, Verdict = Verdict.Shot, Leaves = null, Counts = ["drop_no_active"],
        };
        yield return Addressed("to another address it is none of its business", ends.FromService().Seq(1).Ack(1)) with
        {
            Leaves = null, MarkThen = null, Counts = [],
        };
        yield return Addressed("malformed", segment.DataOffset(4)) with
        {
            Verdict = Verdict.Shot, Leaves = null, MarkThen = null, Counts = ["drop_malformed"],
        };
    }

    private static IEnumerable<(string Name, Packet Packet)> Lies(Ends ends, Packet segment)
    {
        var header = ends.IsV6 ? 0 : 20;
        yield return ("a data offset of 0 words", segment.DataOffset(0));
        yield return ("a data offset of 4 words", segment.DataOffset(4));
        yield return ("a data offset beyond the datagram", segment.DataOffset(8));
        yield return ("a data offset of 15 words", segment.DataOffset(15));
        yield return ("an IP length of 0", segment.IPLength(0));
        yield return ("an IP length that ends within the TCP header", segment.IPLength(header + 19));
        yield return ("an IP length that ends within the options", segment.Options(TcpOption.Timestamps(1, 2)).IPLength(header + 31));
        yield return ("an IP length one beyond the frame", segment.IPLength(header + 31));
        yield return ("the longest IP length", segment.IPLength(ushort.MaxValue));
        yield return ("SYN, an IP length one beyond the frame", ends.FromClient().Seq(1000).Flags(TcpFlags.Syn).IPLength(header + 21));
    }
}
