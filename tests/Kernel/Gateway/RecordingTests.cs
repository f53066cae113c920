using System.Net.Sockets;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>What the gateway writes down before it lets a client's segment pass.</summary>
[TestClass]
public sealed class RecordingTests
{
    private const string Program = GatewayRig.Egress;

    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> Cases => Rows.ForBoth(ends => Openings(ends).Concat(Content(ends)).Concat(Headers(ends)).Concat(Nothing(ends)));

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    internal void Records(GatewayFixture fixture) => NetworkNamespaceScope.Run(() => fixture.Check(_rig));

    /// <summary>A header of 72 bytes, the ring's own of 8, and the payload's class.</summary>
    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(1, 256)]
    [DataRow(256, 256)]
    [DataRow(257, 1536)]
    [DataRow(1536, 1536)]
    [DataRow(1537, 4608)]
    public void A_record_takes_the_room_of_its_class(int payload, int room) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        _rig.Flows.Set(Ends.V4.Key, Given.Flow);
        var before = _rig.Ring.Produced;
        _rig.Run(Program, Ends.V4.FromClient().Seq(1001).Ack(5001).Payload(payload).Fin().ToBytes());
        Assert.AreEqual((ulong)(Record.PayloadOffset + 8 + room), _rig.Ring.Produced - before);
    });

    private static IEnumerable<GatewayFixture> Openings(Ends ends)
    {
        var ack = ends.FromClient().Seq(1001).Ack(5001);
        GatewayFixture Opens(string name, Packet packet) => new(name, Program, ends, packet)
        {
            Opening = Given.Agreed,
            OpeningThen = static _ => null,
            FlowThen = static _ => Given.Flow,
            Leaves = packet.To(Scene.Node0),
            Counts = ["flow_opened", "to_active"],
            Records = [RecordKind.Open],
        };

        yield return Opens("a flow begins with its handshake", ack);
        yield return Opens("data that begins a flow follows the handshake", ack.Ack(5300).Payload(20)) with
        {
            FlowThen = static _ => Given.Flow with { ClientNext = 1021, ClientBytes = 20, ClientAck = 5300, ServerNext = 5300 },
            Counts = ["flow_opened", "recorded", "to_active"],
            Records = [RecordKind.Open, RecordKind.Data],
        };
        yield return Opens("a FIN that begins a flow does, too", ack.Fin()) with
        {
            FlowThen = static _ => Given.Flow with { ClientNext = 1002, Flags = FlowFlags.ClientFin },
            Counts = ["flow_opened", "recorded", "to_active"],
            Records = [RecordKind.Open, RecordKind.Data],
        };
        yield return Opens("a handshake with other numbers, under another node", ack.Seq(0).Ack(0)) with
        {
            Assignment = new(9, 2, 0),
            Leaves = ack.Seq(0).Ack(0).To(Scene.Node2),
            Opening = Given.Agreed with { ClientIsn = uint.MaxValue, ServerIsn = uint.MaxValue, ClientMss = 9000, ServerWscale = 14, ServerWindow = 7 },
            FlowThen = static _ => new Flow
            {
                Handshake = Given.Agreed with { ClientIsn = uint.MaxValue, ServerIsn = uint.MaxValue, ClientMss = 9000, ServerWscale = 14, ServerWindow = 7 },
                Edge = 7,
                OpenedNs = 1,
                LastNs = 1,
            },
        };
    }

    private static IEnumerable<GatewayFixture> Content(Ends ends)
    {
        var ack = ends.FromClient().Seq(1001).Ack(5001);
        GatewayFixture Writes(string name, Packet packet) => new(name, Program, ends, packet)
        {
            Flow = Given.Flow,
            FlowThen = f => f!.Value with { ClientNext = packet.End, ClientBytes = (ulong)packet.Content.Length },
            Leaves = packet.To(Scene.Node0),
            Counts = ["recorded", "to_active"],
            Records = [RecordKind.Data],
        };

        // A test run takes frames up to 3,712 bytes; see OffloadedRecordingTests for the larger classes.
        const int LargestFrame = 3712;
        foreach (var payload in new[] { 1, 2, 255, 256, 257, 1448, 1535, 1536, 1537, LargestFrame - ack.TransportOffset - 20 })
        {
            yield return Writes($"{payload} bytes", ack.Payload(payload));
        }
        yield return Writes("all flags", ack.Payload(9).Flags(TcpFlags.Psh | TcpFlags.Urg | TcpFlags.Ece | TcpFlags.Cwr));
        yield return Writes("a FIN alone", ack.Fin()) with
        {
            FlowThen = static f => f!.Value with { ClientNext = 1002, Flags = FlowFlags.ClientFin },
        };
        yield return Writes("a FIN with data", ack.Payload(300).Fin()) with
        {
            FlowThen = static f => f!.Value with { ClientNext = 1302, ClientBytes = 300, Flags = FlowFlags.ClientFin },
        };
        yield return Writes("a retransmission, once more", ack.Payload(10)) with
        {
            Flow = Given.Flow with { ClientNext = 2000 }, FlowThen = static f => f!.Value with { ClientBytes = 10 },
        };
        yield return Writes("out of order", ack.Seq(9001).Payload(10));
        yield return Writes("across the wrap of numbers", ack.Seq(0xfffffff0).Ack(0x10).Payload(0x20)) with
        {
            Flow = Given.Flow with { ClientNext = 0xfffffff0, ClientAck = 0xffffff00, ServerNext = 0x10, ServerAck = 0xfffffff0 },
            FlowThen = static f => f!.Value with { ClientNext = 0x10, ClientAck = 0x10, ClientBytes = 0x20 },
        };
        yield return Writes("of another incarnation", ack.Payload(3)) with
        {
            Flow = Given.Flow with { Handshake = Given.Agreed with { ClientIsn = 700 } },
        };
        yield return Writes("under another node", ack.Payload(3)) with { Assignment = new(9, 1, 0), Leaves = ack.Payload(3).To(Scene.Node1) };
        yield return Writes("while nobody holds the service", ack.Payload(3)) with
        {
            Assignment = Assignment.None, Verdict = Verdict.Shot, Leaves = null, Counts = ["recorded", "drop_no_active"],
        };
    }

    private static IEnumerable<GatewayFixture> Headers(Ends ends)
    {
        var data = ends.FromClient().Seq(1001).Ack(5001).Payload(5);
        var frames = new List<(string Name, Packet Packet)>
        {
            ("TCP options", data.Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(1, 2))),
            ("forty bytes of TCP options", data.Options([.. Enumerable.Repeat(TcpOption.Nop, 40)])),
            ("Ethernet padding", data.Padded(1)),
            ("padding behind a FIN", data.Fin().Padded(20)),
        };
        if (ends.IsV6)
        {
            frames.Add(("an extension header", data.Extension(0)));
            frames.Add(("six extension headers", Enumerable.Range(1, 6).Aggregate(data, static (p, i) => p.Extension(60, i))));
        }
        else
        {
            frames.AddRange(Enumerable.Range(1, 10).Select(words => ($"{words} words of IP options", data.IPOptions(new byte[4 * words]))));
        }
        foreach (var (name, packet) in frames)
        {
            var hasFin = packet.End != 1006;
            yield return new($"the payload alone: {name}", Program, ends, packet)
            {
                Flow = Given.Flow,
                FlowThen = f => f!.Value with { ClientNext = packet.End, ClientBytes = 5, Flags = hasFin ? FlowFlags.ClientFin : FlowFlags.None },
                Leaves = packet.To(Scene.Node0),
                Counts = ["recorded", "to_active"],
                Records = [RecordKind.Data],
            };
        }
    }

    private static IEnumerable<GatewayFixture> Nothing(Ends ends)
    {
        var ack = ends.FromClient().Seq(1001).Ack(5001);
        GatewayFixture Passes(string name, Packet packet, params string[] alsoCounts) => new($"nothing of {name}", Program, ends, packet)
        {
            Flow = Given.Flow, Leaves = packet.To(Scene.Node0), Counts = ["to_active", .. alsoCounts],
        };

        yield return Passes("a pure ACK", ack);
        yield return Passes("a pure ACK with padding", ack.Padded(6));
        yield return Passes("a window update", ack.Window(9000));
        yield return Passes("a keepalive probe", ack.Seq(1000));
        yield return Passes("a reset", ack.Rst()) with { FlowThen = static f => f!.Value with { Flags = FlowFlags.ClientRst } };
        yield return Passes("a reset with a reason in it", ack.Rst().Payload(9)) with { FlowThen = static f => f!.Value with { Flags = FlowFlags.ClientRst } };
        yield return Passes("a SYN with data", ends.FromClient().Seq(1000).Syn().Payload(9));
        yield return Passes("what no window allows", ack.Seq(1002 + Given.FarAhead).Payload(9)) with
        {
            Verdict = Verdict.Shot, Leaves = null, Counts = ["implausible"],
        };
        yield return Passes("what has no ACK", ack.Only(TcpFlags.Psh).Payload(9)) with
        {
            Verdict = Verdict.Shot, Leaves = null, Counts = ["implausible"],
        };
        yield return Passes("a fragment", ack.Payload(16).Fragment(0, more: true), "pass_fragment");
        yield return Passes("another protocol", ack.Payload(16).Protocol(ProtocolType.Icmp), "pass_other");
        yield return Passes("an unknown flow", ack.Payload(9), "flow_unknown") with { Flow = null };
        yield return Passes("a flow whose handshake is half known", ack.Payload(9), "flow_unknown") with { Flow = null, Opening = Given.HalfOpen };
        yield return Passes("a signed flow", ack.Payload(9), "flow_signed") with
        {
            Flow = null, Opening = Given.Agreed with { Flags = Given.Agreed.Flags | HandshakeFlags.Signed },
        };
        yield return Passes("a port without a service", ends.At(22).FromClient().Seq(1001).Ack(5001).Payload(9), "pass_other");
        yield return Passes("a copy on its way to a replica", ack.Payload(9)) with
        {
            Context = new() { Mark = 0x54324152 }, Leaves = null, Counts = [],
        };
        yield return Passes("what is malformed", ack.Payload(9).DataOffset(4), "drop_malformed") with
        {
            Verdict = Verdict.Shot, Leaves = null, Counts = ["drop_malformed"],
        };
    }
}
