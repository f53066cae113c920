using System.Buffers.Binary;
using Appliance.Bpf.Layout;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>The window that a client sees while a replica lags, and how wide it ever is.</summary>
[TestClass]
public sealed class NarrowingTests
{
    private const string Program = GatewayRig.Ingress;
    private const uint Isn = Given.ClientIsn;
    private const uint Acked = Isn + 1;

    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> Cases => Rows.ForBoth(ends => Scales.SelectMany(s => Narrowed(ends, s).Concat(Kept(ends, s)).Concat(Bounded(ends, s))).Concat(Untouched(ends)));

    public static IEnumerable<object[]> Sequences =>
        from ends in Ends.Both from scale in Scales from start in new[] { 1000u, 0xffff0000u } select new object[] { ends, scale, start };

    private static IEnumerable<Scale> Scales =>
    [
        new("scale 0", Given.Agreed with { ServerWscale = 0 }, 0),
        new("scale 7", Given.Agreed with { ServerWscale = 7 }, 7),
        new("scale 14", Given.Agreed with { ServerWscale = 14 }, 14),
        new("a scale that the client did not offer", Given.Agreed with { ServerWscale = 7, Flags = Given.Agreed.Flags & ~HandshakeFlags.ClientWscale }, 0),
    ];

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    internal void Narrows(GatewayFixture fixture) => NetworkNamespaceScope.Run(() => fixture.Check(_rig));

    [TestMethod]
    public void Limits_count_only_while_the_gateway_says_that_there_are_any() => NetworkNamespaceScope.Run(static () =>
    {
        _rig.Reset();
        _rig.Flows.Set(Ends.V4.Key, Given.Flow with { Edge = Acked });
        _rig.Limit(Ends.V4.Key, new Limit { ClientIsn = Isn, Right = Acked });
        _rig.State.Limited = 0;
        var ack = Ends.V4.FromService().Seq(5001).Ack(Acked).ToBytes();
        _rig.Run(Program, ack).AssertFrame(ack);
    });

    [TestMethod]
    public void The_window_of_the_handshake_was_shown_too() => NetworkNamespaceScope.Run(static () =>
    {
        foreach (var ends in Ends.Both)
        {
            _rig.Reset();
            _rig.Run(GatewayRig.Egress, ends.FromClient().Seq(Isn).Syn().Options(TcpOption.LinuxSyn(1460, 1, 7)).ToBytes());
            _rig.Run(Program, ends.FromService().Seq(5000).Ack(Acked).Syn().Window(640).Options(TcpOption.LinuxSyn(1460, 1, 7)).ToBytes());
            _rig.Run(GatewayRig.Egress, ends.FromClient().Seq(Acked).Ack(5001).ToBytes());
            _rig.Limit(ends.Key, new Limit { ClientIsn = Isn, Right = Acked });
            var ack = ends.FromService().Seq(5001).Ack(Acked);
            _rig.Run(Program, ack.ToBytes()).AssertFrame(ack.Window(640 >> 7).ToBytes());
        }
    });

    [TestMethod]
    public void A_corrupt_segment_stays_corrupt() => NetworkNamespaceScope.Run(static () =>
    {
        _rig.Reset();
        _rig.Flows.Set(Ends.V4.Key, Given.Flow with { Edge = Acked });
        _rig.Limit(Ends.V4.Key, new Limit { ClientIsn = Isn, Right = Acked });
        var ack = Ends.V4.FromService().Seq(5001).Ack(Acked);
        var frame = ack.ToBytes();
        frame[ack.TransportOffset + 16] ^= 0x40;
        CollectionAssert.AreNotEqual(ack.Window(0).ToBytes(), _rig.Run(Program, frame).Frame);
    });

    /// <summary>Any acknowledgements, windows, limits and bounds, in a fixed sequence: no right edge is left of one shown before.</summary>
    [TestMethod]
    [DynamicData(nameof(Sequences))]
    internal void The_right_edge_never_moves_left(Ends ends, Scale scale, uint start) => NetworkNamespaceScope.Run(() =>
    {
        const int Rounds = 150;
        _rig.Reset();
        _rig.Flows.Set(ends.Key, Given.Flow with { Handshake = scale.Handshake with { ClientIsn = start - 1 }, Edge = start, ServerAck = start });
        var random = new Random(scale.Shift);
        var (ack, edge, unit) = (start, start, 1u << scale.Shift);
        var (narrowed, whole) = (0, 0);
        for (var i = 0; i < Rounds; i++)
        {
            var limit = ack + (uint)random.Next(-5000, 5000) + ((uint)random.Next(0, 300) << scale.Shift);
            _rig.Limit(ends.Key, new Limit { ClientIsn = start - 1, Right = limit });
            var widest = random.Next(0, 3) == 0 ? 0 : (uint)random.Next(1, 5000) + ((uint)random.Next(0, 300) << scale.Shift);
            _rig.State.Widest = widest;
            var offered = (ushort)random.Next(0, 400);
            var segment = ends.FromService().Seq(5001).Ack(ack).Window(offered);
            var shown = Window(segment, _rig.Run(Program, segment.ToBytes()).Frame);

            var (right, seen) = (ack + ((uint)offered << scale.Shift), ack + ((uint)shown << scale.Shift));
            var because = $"round {i}: ack {ack}, window {offered} -> {shown}, edge {edge}, limit {limit}, widest {widest}";
            Assert.IsLessThanOrEqualTo(offered, shown, because);
            if (After(edge, right))
            {
                Assert.AreEqual(offered, shown, $"the server's own shrinking is its own affair; {because}");
            }
            else
            {
                Assert.IsFalse(After(edge, seen), $"a shown edge stays; {because}");
            }
            var reach = widest != 0 && After(limit, ack + widest) ? ack + widest : limit;
            var allowed = Later(Later(reach, edge), ack);
            if (shown < offered)
            {
                narrowed++;
                Assert.IsTrue(seen - allowed + unit - 1 < (2 * unit) - 1, $"to the limit but for rounding; {because}");
            }
            else
            {
                whole++;
                Assert.IsFalse(After(right, allowed + unit - 1), $"or what is not beyond it; {because}");
            }
            edge = Later(edge, seen);
            Assert.IsTrue(_rig.Flows.TryGet(ends.Key, out var flow));
            Assert.AreEqual((edge, ack), (flow.Edge, flow.ServerAck), because);
            ack += (uint)random.Next(0, (int)Math.Min(edge - ack, 20_000) + 1);
        }
        Assert.IsTrue(narrowed > Rounds / 10 && whole > Rounds / 10, $"both happen: {narrowed} narrowed, {whole} not");
    });

    private static IEnumerable<GatewayFixture> Narrowed(Ends ends, Scale scale)
    {
        var ack = ends.FromService().Seq(5001).Ack(Acked).Window(512);
        uint Edge(uint window) => Acked + (window << scale.Shift);
        GatewayFixture Cut(string name, Packet packet, ushort window, uint right) => new($"{scale}: {name}", Program, ends, packet)
        {
            Flow = FlowOf(scale),
            Limit = new Limit { ClientIsn = Isn, Right = right },
            FlowThen = f => f!.Value with { Edge = Edge(window) },
            Leaves = packet.Window(window),
            Counts = ["to_client", "window_narrowed"],
        };

        yield return Cut("to the limit", ack, 100, Edge(100));
        yield return Cut("to the whole unit below the limit", ack, 99, Edge(100) - 1);
        yield return Cut("to nothing", ack, 0, Acked);
        yield return Cut("to nothing when the limit has passed", ack, 0, Acked - 500);
        yield return Cut("by one unit", ack, 511, Edge(512) - 1);
        yield return Cut("the widest window", ack.Window(ushort.MaxValue), 1, Edge(1));
        yield return Cut("with data", ack.Payload(100), 100, Edge(100)) with
        {
            FlowThen = f => f!.Value with { Edge = Edge(100), ServerNext = 5101, ServerBytes = 100 },
        };
        yield return Cut("with options and an odd payload", ack.Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(1, 2)).Payload(1), 100, Edge(100)) with
        {
            FlowThen = f => f!.Value with { Edge = Edge(100), ServerNext = 5002, ServerBytes = 1 },
        };
        yield return Cut("with a FIN", ack.Fin(), 100, Edge(100)) with
        {
            FlowThen = f => f!.Value with { Edge = Edge(100), ServerNext = 5002, Flags = FlowFlags.ServerFin },
        };
        yield return Cut("no further than what was shown", ack, 300, Edge(100)) with
        {
            Flow = FlowOf(scale) with { Edge = Edge(300) },
        };
        yield return Cut("to the whole unit above what was shown", ack, scale.Shift == 0 ? (ushort)299 : (ushort)300, Edge(100)) with
        {
            Flow = FlowOf(scale) with { Edge = Edge(300) - 1 },
            FlowThen = f => f!.Value with { Edge = Edge(scale.Shift == 0 ? 299u : 300u) },
        };
        yield return Cut("an acknowledgement that comes late", ack, 100, Edge(100)) with
        {
            Flow = FlowOf(scale) with { ServerAck = 9000, ClientNext = 9000 },
        };
        yield return Cut("across the wrap of numbers", ack.Ack(0xffffffff), 64, 0xffffffff + (64u << scale.Shift)) with
        {
            Flow = FlowOf(scale) with { ServerAck = 0xfffffff0, Edge = 0xffffffff },
            FlowThen = f => f!.Value with { ServerAck = 0xffffffff, Edge = 0xffffffff + (64u << scale.Shift) },
        };
    }

    private static IEnumerable<GatewayFixture> Kept(Ends ends, Scale scale)
    {
        var ack = ends.FromService().Seq(5001).Ack(Acked).Window(512);
        uint Edge(uint window) => Acked + (window << scale.Shift);
        GatewayFixture Whole(string name, Packet packet, uint right) => new($"{scale}: {name} is kept", Program, ends, packet)
        {
            Flow = FlowOf(scale),
            Limit = new Limit { ClientIsn = Isn, Right = right },
            FlowThen = f => f!.Value with { Edge = Edge(512) },
            Counts = ["to_client"],
        };

        yield return Whole("a window up to the limit", ack, Edge(512));
        yield return Whole("a window within the limit", ack, Edge(512) + 1);
        yield return Whole("a window of a flow of another incarnation", ack, Acked) with { Limit = new Limit { ClientIsn = Isn + 1, Right = Acked } };
        yield return Whole("a window that is not limited", ack, 0) with { Limit = null };
        yield return Whole("a window that was shown before", ack, Acked) with
        {
            Flow = FlowOf(scale) with { Edge = Edge(512) },
        };
        yield return Whole("a window that the server itself has shrunk", ack, Acked) with
        {
            Flow = FlowOf(scale) with { Edge = Edge(600) }, FlowThen = static f => f,
        };
        yield return Whole("a closed window", ack.Window(0), Acked) with { FlowThen = static f => f };
    }

    /// <summary>No client is shown a wider window than any may be, but for what was shown before.</summary>
    private static IEnumerable<GatewayFixture> Bounded(Ends ends, Scale scale)
    {
        var ack = ends.FromService().Seq(5001).Ack(Acked).Window(512);
        uint Bytes(uint window) => window << scale.Shift;
        uint Edge(uint window) => Acked + Bytes(window);
        GatewayFixture Whole(string name, Packet packet, uint widest) => new($"{scale}: {name}", Program, ends, packet)
        {
            Flow = FlowOf(scale), Widest = widest, FlowThen = f => f!.Value with { Edge = Edge(512) }, Counts = ["to_client"],
        };
        GatewayFixture Cut(string name, Packet packet, ushort window, uint widest) => Whole(name, packet, widest) with
        {
            FlowThen = f => f!.Value with { Edge = Edge(window) }, Leaves = packet.Window(window), Counts = ["to_client", "window_narrowed"],
        };

        yield return Whole("a window as wide as any may be", ack, Bytes(512));
        yield return Whole("a window narrower than the widest", ack, Bytes(512) + 1);
        yield return Whole("the widest of all while nothing bounds it", ack.Window(ushort.MaxValue), 0) with
        {
            FlowThen = f => f!.Value with { Edge = Edge(ushort.MaxValue) },
        };
        yield return Whole("a window that was shown before", ack, Bytes(100)) with { Flow = FlowOf(scale) with { Edge = Edge(512) } };
        yield return Whole("a window that the server itself has shrunk", ack, Bytes(100)) with
        {
            Flow = FlowOf(scale) with { Edge = Edge(600) }, FlowThen = static f => f,
        };
        yield return Whole("a closed window", ack.Window(0), 1) with { FlowThen = static f => f };

        yield return Cut("a wider window", ack, 100, Bytes(100));
        yield return Cut("a window one byte too wide", ack, 511, Bytes(512) - 1);
        yield return Cut("to whole units of the bound", ack, 100, Bytes(101) - 1);
        yield return Cut("the widest of all", ack.Window(ushort.MaxValue), 300, Bytes(300));
        yield return Cut("a wider window with data", ack.Payload(3), 100, Bytes(100)) with
        {
            FlowThen = f => f!.Value with { Edge = Edge(100), ServerNext = 5004, ServerBytes = 3 },
        };
        yield return Cut("a wider window not left of what was shown", ack, 300, Bytes(100)) with { Flow = FlowOf(scale) with { Edge = Edge(300) } };
        yield return Cut("nor left of what was shown by less than a unit", ack, 300, Bytes(300) - 1) with { Flow = FlowOf(scale) with { Edge = Edge(300) } };
        yield return Cut("a wider window after a part of what was shown", ack.Ack(Edge(100)), 200, Bytes(150)) with
        {
            Flow = FlowOf(scale) with { Edge = Edge(300) }, FlowThen = f => f!.Value with { Edge = Edge(300), ServerAck = Edge(100) },
        };
        yield return Cut("a wider window that moves right with what is acknowledged", ack.Ack(Edge(250)), 150, Bytes(150)) with
        {
            Flow = FlowOf(scale) with { Edge = Edge(300) }, FlowThen = f => f!.Value with { Edge = Edge(400), ServerAck = Edge(250) },
        };
        yield return Cut("a wider window to the limit, which is nearer", ack, 50, Bytes(100)) with { Limit = new Limit { ClientIsn = Isn, Right = Edge(50) } };
        yield return Cut("a wider window than any, though its limit is further", ack, 100, Bytes(100)) with
        {
            Limit = new Limit { ClientIsn = Isn, Right = Edge(200) },
        };
        yield return Cut("a wider window, whatever the limit of another incarnation", ack, 100, Bytes(100)) with
        {
            Limit = new Limit { ClientIsn = Isn + 1, Right = Acked },
        };
        yield return Cut("a narrower window to its limit", ack, 200, Bytes(512)) with { Limit = new Limit { ClientIsn = Isn, Right = Edge(200) } };
        yield return Cut("a wider window across the wrap of numbers", ack.Ack(0xffffffff), 64, Bytes(64)) with
        {
            Flow = FlowOf(scale) with { ServerAck = 0xfffffff0, Edge = 0xffffffff },
            FlowThen = f => f!.Value with { ServerAck = 0xffffffff, Edge = 0xffffffff + Bytes(64) },
        };
    }

    private static IEnumerable<GatewayFixture> Untouched(Ends ends)
    {
        var ack = ends.FromService().Seq(5001).Ack(Acked);
        GatewayFixture Passes(string name, Packet packet) => new($"{name} is left alone", Program, ends, packet)
        {
            Flow = Given.Flow, Limit = new Limit { ClientIsn = Isn, Right = Acked }, Counts = ["to_client"],
        };

        yield return Passes("a reset", ack.Rst()) with { FlowThen = static f => f!.Value with { Flags = FlowFlags.ServerRst } };
        yield return Passes("a retransmitted SYN-ACK", ack.Seq(Given.ServerIsn).Syn());
        yield return Passes("a segment of an unknown flow", ack) with { Flow = null };
        yield return Passes("a replica's segment", ack.From(Scene.Node1)) with { Verdict = Verdict.Shot, Counts = ["drop_fenced"] };
        yield return Passes("a segment without ACK", ends.FromService().Seq(5001).Payload(1)) with
        {
            FlowThen = static f => f!.Value with { ServerNext = 5002, ServerBytes = 1 },
        };
        yield return Passes("a reset, however wide its window,", ack.Rst()) with
        {
            Limit = null, Widest = 1, FlowThen = static f => f!.Value with { Flags = FlowFlags.ServerRst },
        };
        yield return Passes("the window of a SYN-ACK, which is never scaled,", ack.Seq(Given.ServerIsn).Syn()) with { Limit = null, Widest = 1 };
        yield return Passes("an unknown flow, however wide its window,", ack) with { Flow = null, Limit = null, Widest = 1 };
    }

    /// <summary>A flow of which nothing was shown but what is acknowledged.</summary>
    private static Flow FlowOf(Scale scale) => Given.Flow with { Handshake = scale.Handshake, Edge = Acked };

    private static ushort Window(Packet segment, byte[] frame)
    {
        var window = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(segment.TransportOffset + 14));
        CollectionAssert.AreEqual(segment.Window(window).ToBytes(), frame, "the window and its checksum, and nothing else");
        return window;
    }

    private static bool After(uint a, uint b) => (int)(a - b) > 0;

    private static uint Later(uint a, uint b) => After(a, b) ? a : b;

    /// <summary>A handshake, and the shift of the server's windows that it agreed upon.</summary>
    internal sealed record Scale(string Name, Handshake Handshake, int Shift)
    {
        public override string ToString() => Name;
    }
}
