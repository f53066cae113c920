using System.Net.Sockets;
using Appliance.Bpf.Layout;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Node;

/// <summary>What arrives at a node: what goes up its stack, what waits, what is consumed.</summary>
[TestClass]
public sealed class DeliveryTests
{
    private const string Program = NodeRig.Ingress;

    private static NodeRig _rig = null!;

    public static IEnumerable<object[]> Cases => Rows.ForBoth(ends =>
        Passing(ends).Concat(Delivered(ends)).Concat(Held(ends)).Concat(Ordered(ends)).Concat(Serial(ends)).Concat(Believed(ends)).Concat(Positions(ends)).Concat(Openings(ends)).Concat(ServerCopies(ends)).Concat(AfterTakeover(ends)));

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new NodeRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    internal void Delivers(NodeFixture fixture) => NetworkNamespaceScope.Run(() => fixture.Check(_rig));

    [TestMethod]
    public void A_corrupt_segment_stays_corrupt_when_its_number_is_cut() => NetworkNamespaceScope.Run(static () =>
    {
        foreach (var ends in Ends.Both)
        {
            _rig.Reset();
            _rig.Replicas.Set(ends.Key, Given.Replica);
            var ack = ends.FromClient().Seq(1001).Ack(5600);
            var frame = ack.ToBytes();
            frame[ack.TransportOffset + 16] ^= 0x40;
            var cut = ack.Ack(5001).ToBytes();
            var outcome = _rig.Run(Program, frame);
            outcome.AssertCounted("ack_clamped", "client_delivered");
            CollectionAssert.AreNotEqual(cut, outcome.Frame);
            cut.AsSpan(ack.TransportOffset + 16, 2).Clear();
            outcome.Frame.AsSpan(ack.TransportOffset + 16, 2).Clear();
            CollectionAssert.AreEqual(cut, outcome.Frame, "but for the checksum");
        }
    });

    [TestMethod]
    public void A_full_ring_is_counted_and_the_segment_is_consumed() => NetworkNamespaceScope.Run(static () =>
    {
        _rig.Reset();
        _rig.Replicas.Set(Ends.V4.Key, Given.Replica);
        var ahead = Ends.V4.FromClient().Seq(1001).Ack(5600).Payload(3000).ToBytes();
        var held = 0;
        var outcome = _rig.Run(Program, ahead);
        while (outcome.Counted.ContainsKey("held_causal"))
        {
            Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
            Assert.IsLessThan(NodeRig.RingBytes / ahead.Length, ++held);
            outcome = _rig.Run(Program, ahead);
        }
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        outcome.AssertCounted("hold_failed");
        Assert.HasCount(held, _rig.TakeReports());
        _rig.Run(Program, ahead).AssertCounted("held_causal");
        Assert.HasCount(1, _rig.TakeReports());
    });

    [TestMethod]
    public void A_full_table_leaves_the_connection_without_a_replica() => NetworkNamespaceScope.Run(static () =>
    {
        _rig.Reset();
        for (var port = 1; port <= NodeRig.MaxFlows; port++)
        {
            _rig.Replicas.Set((Ends.V4 with { Client = new(Ends.V4.Client.Address, port) }).Key, Given.Replica);
        }
        _rig.Openings.Set(Ends.V4.Key, Given.Agreed);
        var outcome = _rig.Run(Program, Ends.V4.FromClient().Seq(1001).Ack(5001).ToBytes());
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        outcome.AssertCounted("replica_table_full");
    });

    private static IEnumerable<NodeFixture> Passing(Ends ends)
    {
        var segment = ends.FromClient().Seq(1001).Ack(5001);
        yield return new("ARP passes", Program, ends, Arp.Announce(Ends.V4.Service.Address, Scene.GatewayMac));
        yield return new("a VLAN tag passes", Program, ends, segment.Vlan(5));
        yield return new("an address of the node's own passes", Program, (ends with { Service = ends.Client }), segment with { Destination = ends.Client });
        yield return new("UDP passes", Program, ends, segment.Protocol(ProtocolType.Udp));
        yield return new("a port without a service passes", Program, ends, ends.At(22).FromClient().Seq(1).Syn());
        yield return new("a port of a UDP service passes", Program, ends, ends.At(Services.OnlyUdp).FromClient().Seq(1).Syn());
        yield return new("a fragment passes", Program, ends, segment.Fragment(0, more: true)) { Replica = Given.Replica };
        yield return new("a data offset that lies is dropped", Program, ends, segment.DataOffset(4))
        {
            Replica = Given.Replica, Verdict = Verdict.Shot, Counts = ["drop_malformed"],
        };
        yield return new("a length that lies is dropped", Program, ends, segment.IPLength(4000))
        {
            Replica = Given.Replica, Verdict = Verdict.Shot, Counts = ["drop_malformed"],
        };
        foreach (var (name, packet) in new[]
        {
            ("a SYN", ends.FromClient().Seq(1).Syn()), ("an ACK ahead", segment.Ack(5600)), ("data", segment.Payload(10)),
            ("a malformed segment", segment.DataOffset(0)), ("a server's segment", ends.FromService().Seq(1).Ack(1)),
        })
        {
            yield return new($"an active node that inherited nothing sees {name} pass", Program, ends, packet)
            {
                State = NodeRig.Active, Replica = Given.Replica, Opening = Given.Agreed,
            };
        }
    }

    private static IEnumerable<NodeFixture> Delivered(Ends ends)
    {
        var ack = ends.FromClient().Seq(1001).Ack(5001);
        NodeFixture Up(string name, Packet packet) => new(name, Program, ends, packet) { Counts = ["client_delivered"], Replica = Given.Replica };

        yield return Up("a pure ACK", ack);
        yield return Up("data", ack.Payload(100)) with { ReplicaThen = static r => r!.Value with { ClientNext = 1101 } };
        yield return Up("a FIN", ack.Payload(5).Fin()) with
        {
            ReplicaThen = static r => r!.Value with { ClientNext = 1007, Flags = ReplicaFlags.Confirmed | ReplicaFlags.ClientFin },
        };
        yield return Up("an ACK of what the replica has sent", ack.Ack(5500).Window(9)) with
        {
            Replica = Given.Replica with { Sent = 6000 },
            ReplicaThen = static r => r!.Value with { ClientAck = 5500, ClientWindow = 9 },
        };
        yield return Up("an old ACK, whose window says nothing", ack.Window(9).Payload(10)) with
        {
            Replica = Given.Replica with { Sent = 6000, ClientAck = 5500, ClientNext = 2000 },
        };
        yield return Up("the largest segment of offloading", ack.Payload(3600)) with
        {
            Context = new() { GsoSize = 1448, GsoSegments = 3 },
            ReplicaThen = static r => r!.Value with { ClientNext = 4601 },
        };
        foreach (var (name, packet, sent) in new[]
        {
            ("a pure ACK ahead is cut to what the replica has sent", ack.Ack(5600), 5001u),
            ("with options", ack.Ack(5600).Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(1, 2)), 5001u),
            ("by one", ack.Ack(5002), 5001u),
            ("around zero", ack.Ack(0x10), 0xfffffff0u),
            ("to zero", ack.Ack(0x10), 0u),
            ("half of the number space ahead", ack.Ack(0x7fffffff), 0u),
            ("only one half of the number changes", ack.Ack(0x00020001), 0x00010001u),
        })
        {
            yield return new($"{name} (sent {sent})", Program, ends, packet)
            {
                Replica = Given.Replica with { Sent = sent, ClientAck = sent, ActiveNext = Number(packet) },
                Leaves = packet.Ack(sent),
                Counts = ["ack_clamped", "client_delivered"],
                ReplicaThen = r => r!.Value with { ClientAck = Number(packet) },
            };
        }
        yield return new("a reset with nothing to reset", Program, ends, ends.FromClient().Seq(1001).Rst())
        {
            Replica = Given.Replica,
            ReplicaThen = static r => r!.Value with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.ClientRst },
        };
    }

    private static IEnumerable<NodeFixture> Held(Ends ends)
    {
        var ahead = ends.FromClient().Seq(1001).Ack(5600).Payload(100);
        NodeFixture Waits(string name, Packet packet) => new(name, Program, ends, packet)
        {
            Verdict = Verdict.Stolen,
            Counts = ["held_causal"],
            Replica = Given.Behind,
            Holds = (ReportKind.HeldCausal, 5600),
            ReplicaThen = static r => r!.Value with
            {
                ClientNext = 1101, ClientAck = 5600, WaitFor = 5600, Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting,
            },
        };

        yield return Waits("data that answers what the replica has not said", ahead);
        yield return Waits("after an earlier wait has ended", ahead) with { Replica = Given.Behind with { WaitFor = 0x70000000 } };
        yield return Waits("while others wait for less", ahead) with
        {
            Replica = Given.Behind with { WaitFor = 5200, Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting },
        };
        yield return Waits("while others wait for more", ahead) with
        {
            Replica = Given.Behind with { WaitFor = 7000, Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting },
            ReplicaThen = static r => r!.Value with { ClientNext = 1101, ClientAck = 5600 },
        };
        yield return Waits("a FIN that answers what the replica has not said", ends.FromClient().Seq(1001).Ack(5600).Fin()) with
        {
            ReplicaThen = static r => r!.Value with
            {
                ClientNext = 1002, ClientAck = 5600, WaitFor = 5600,
                Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting | ReplicaFlags.ClientFin,
            },
        };
        foreach (var payload in new[] { 1, 186, 187, 1400, 1500, 3000, 3600 })
        {
            yield return Waits($"{payload} bytes come back whole", ends.FromClient().Seq(1001).Ack(5600).Payload(payload)) with
            {
                ReplicaThen = r => r!.Value with
                {
                    ClientNext = 1001 + (uint)payload, ClientAck = 5600, WaitFor = 5600, Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting,
                },
            };
        }
        var isShort = Given.Behind with { ShortBy = 599 };
        yield return Waits("data that answers more than one that answers less has said, and is short by", ahead) with
        {
            Replica = isShort with { ShortBy = 598 },
            ReplicaThen = static r => r!.Value with
            {
                ClientNext = 1101, ClientAck = 5600, WaitFor = 5002, Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting,
            },
        };
        yield return new("data is not waited for by one that is short by so much", Program, ends, ahead)
        {
            Replica = isShort, Leaves = ahead.Ack(5001), Counts = ["ack_clamped", "client_delivered"],
            ReplicaThen = static r => r!.Value with { ClientNext = 1101, ClientAck = 5600 },
        };
        yield return new("one that has said all is not short", Program, ends, ahead)
        {
            Replica = isShort with { Sent = 5600, ActiveNext = 5600 }, Counts = ["client_delivered"],
            ReplicaThen = static r => r!.Value with { ClientNext = 1101, ClientAck = 5600, ShortBy = 0 },
        };
        yield return new("one that has said what the client has read may be", Program, ends, ahead)
        {
            Replica = isShort with { Sent = 5600, ActiveNext = 5601 }, Counts = ["client_delivered"],
            ReplicaThen = static r => r!.Value with { ClientNext = 1101, ClientAck = 5600 },
        };
        yield return Waits("data that answers the last byte that the active node has said", ahead) with
        {
            Replica = Given.Replica with { ActiveNext = 5600 },
        };
        yield return Waits("data that answers what nobody has said, and whose answer is not believed", ahead.Window(9)) with
        {
            Replica = Given.Replica with { ActiveNext = 5599 },
            ReplicaThen = static r => r!.Value with
            {
                ClientNext = 1101, WaitFor = 5600, Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting,
            },
        };
    }

    /// <summary>What moves the client's numbers: nothing that nobody has sent, and nothing that no window reaches.</summary>
    private static IEnumerable<NodeFixture> Believed(Ends ends)
    {
        var ack = ends.FromClient().Seq(1001).Ack(5001).Window(9);
        NodeFixture Cut(string name, uint number, uint sent, uint activeNext) => new(name, Program, ends, ack.Ack(number))
        {
            Replica = Given.Replica with { Sent = sent, ClientAck = sent, ActiveNext = activeNext },
            Leaves = ack.Ack(sent),
            Counts = ["ack_clamped", "client_delivered"],
        };
        NodeFixture Up(string name, Packet packet) => new(name, Program, ends, packet) { Counts = ["client_delivered"], Replica = Given.Replica };

        yield return Cut("an ACK of all that the active node has sent", 5101, 5001, 5101) with
        {
            ReplicaThen = static r => r!.Value with { ClientAck = 5101, ClientWindow = 9 },
        };
        yield return Cut("an ACK of one byte more is cut and not believed, nor is its window", 5102, 5001, 5101);
        yield return Cut("nor one of far more", 5001 + 0x7fffffffu, 5001, 5101);
        yield return Cut("nor one of more than the replica has sent, ahead of the active node", 6001, 6000, 5101);
        yield return Cut("nor one beyond the wrap of numbers", 0x11, 0xfffffff0, 0x10);
        yield return Cut("one that ends beyond the wrap of numbers is", 0x10, 0xfffffff0, 0x10) with
        {
            ReplicaThen = static r => r!.Value with { ClientAck = 0x10, ClientWindow = 9 },
        };
        yield return Up("an ACK of what the replica has sent ahead of the active node", ack.Ack(6000)) with
        {
            Replica = Given.Replica with { Sent = 6000 },
            ReplicaThen = static r => r!.Value with { ClientAck = 6000, ClientWindow = 9 },
        };
        yield return Cut("an ACK that is not believed still tells how far the client is", 5102, 5001, 5101) with
        {
            Frame = ack.Seq(1101).Ack(5102).ToBytes(),
            Leaves = ack.Seq(1101),
            ReplicaThen = static r => r!.Value with { ClientNext = 1101 },
        };

        var last = ack.Window(512).Seq(1001 + Given.FarAhead - 10).Payload(10);
        yield return Up("data that ends as far ahead as any window reaches", last) with
        {
            ReplicaThen = static r => r!.Value with { ClientNext = 1001 + Given.FarAhead },
        };
        yield return Up("data that ends one byte beyond says nothing of the client", last.Payload(11));
        yield return Up("nor data half of the number space ahead", last.Seq(1001 + 0x7ffffff0u));
        yield return Up("what the active node has received counts", last.Payload(11)) with
        {
            Replica = Given.Replica with { ActiveAck = 1002 },
            ReplicaThen = static r => r!.Value with { ClientNext = 1002 + Given.FarAhead },
        };
        yield return Up("what the replica has received counts", last.Payload(11)) with
        {
            Replica = Given.Replica with { Received = 1002 },
            ReplicaThen = static r => r!.Value with { ClientNext = 1002 + Given.FarAhead },
        };
        var around = Given.Replica with { ClientNext = 0xc0000100, Received = 0xc0000100, ActiveAck = 0xc0000100 };
        yield return Up("data that ends at a limit beyond the wrap of numbers", last.Seq(0xf6)) with
        {
            Replica = around, ReplicaThen = static r => r!.Value with { ClientNext = 0x100 },
        };
        yield return Up("data that ends one byte beyond that limit", last.Seq(0xf7)) with { Replica = around };
        foreach (var (name, packet) in new[]
        {
            ("data", ends.FromClient().Seq(1001).Payload(10)),
            ("a FIN", ends.FromClient().Seq(1001).Fin()),
            ("no flag at all", ends.FromClient().Seq(1001)),
        })
        {
            yield return new($"{name} without ACK is ignored", Program, ends, packet)
            {
                Verdict = Verdict.Stolen, Counts = ["ignored"], Replica = Given.Replica,
            };
        }
    }

    /// <summary>Of a service whose segments are delivered in the order in which they passed the gateway.</summary>
    private static IEnumerable<NodeFixture> Ordered(Ends ends)
    {
        const ReplicaFlags Flags = ReplicaFlags.Confirmed | ReplicaFlags.Ordered;
        var data = ends.FromClient().Seq(1001).Ack(5001).Payload(100);
        NodeFixture Goes(string name, Packet packet) => new(name, Program, ends, packet)
        {
            Replica = Given.Replica with { Flags = Flags }, Counts = ["client_delivered"], ReplicaThen = static r => r!.Value with { ClientNext = 1101 },
        };
        NodeFixture Waits(string name, Packet packet) => Goes(name, packet) with
        {
            Verdict = Verdict.Stolen, Counts = ["held_ordered"], Holds = (ReportKind.HeldOrdered, 5001),
        };

        yield return Waits("data waits for its turn", data);
        yield return Waits("data with a FIN waits for its turn", data.Fin()) with
        {
            ReplicaThen = static r => r!.Value with { ClientNext = 1102, Flags = Flags | ReplicaFlags.ClientFin },
        };
        yield return Waits("after a takeover, while others wait", data) with { State = NodeRig.TookOver with { Ordering = DeliveryFlags.All } };
        yield return Goes("after a takeover, when none waits any more", data) with { State = NodeRig.TookOver };
        yield return Goes("after a takeover, when only requests of other services go one at a time", data) with { State = NodeRig.TookOver with { Ordering = DeliveryFlags.Serial } };
        yield return Goes("whose turn has come goes up", data) with { State = NodeRig.Silent with { TapIfindex = 1 } };
        yield return Goes("an ACK has no turn", ends.FromClient().Seq(1001).Ack(5001)) with { ReplicaThen = static r => r };
        var serial = Given.Replica with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.Serial };
        yield return Waits("after a takeover, where requests go one at a time", data) with
        {
            State = NodeRig.TookOver with { Ordering = DeliveryFlags.Serial }, Replica = serial,
        };
        yield return Waits("data that the active node has had before", data) with
        {
            Replica = serial with { ActiveAck = 1101 }, Holds = (ReportKind.HeldLate, 5001),
            ReplicaThen = static r => r!.Value with { ClientNext = 1101 },
        };
        var output = ends.FromService().Seq(5001).Ack(1050).Payload(100);
        yield return new("what the active node says", Program, ends, output)
        {
            Verdict = Verdict.Stolen, Counts = ["server_copy_read"], Replica = Given.Replica with { Flags = Flags }, Said = (5101, 1050),
            ReplicaThen = static r => r!.Value with { ActiveNext = 5101, ActiveAck = 1050 },
        };
        yield return new("what it says again is nothing new", Program, ends, output)
        {
            Verdict = Verdict.Stolen, Counts = ["server_copy_read"], Replica = Given.Replica with { Flags = Flags, ActiveNext = 9000, ActiveAck = 2000 },
        };
    }

    /// <summary>Of a service whose requests go one at a time: an active node's own connections.</summary>
    private static IEnumerable<NodeFixture> Serial(Ends all)
    {
        var ends = all.At(Services.Serial);
        var serially = NodeRig.Active with { Ordering = DeliveryFlags.Serial };
        foreach (var (state, when) in new[] { (serially, "on an active node"), (serially with { Inherited = 1 }, "after a takeover") })
        {
            NodeFixture Own(string name, Packet packet) => new($"{name}, {when}", Program, ends, packet) { State = state };
            var data = ends.FromClient().Seq(1001).Ack(5001).Payload(100);
            yield return Own("data waits for its turn", data) with { Verdict = Verdict.Stolen, Counts = ["held_ordered"], Holds = (ReportKind.HeldOrdered, 5001) };
            yield return Own("whose turn has come goes up", data) with { State = state with { TapIfindex = 1 } };
            yield return Own("an ACK has no turn", ends.FromClient().Seq(1001).Ack(5001));
            yield return Own("a FIN has none", ends.FromClient().Seq(1001).Ack(5001).Fin());
            yield return Own("a reset has none", ends.FromClient().Seq(1001).Rst());
            yield return Own("before that is wanted, data goes up", data) with { State = state with { Ordering = DeliveryFlags.Ordered } };
            yield return new($"data of another service goes up, {when}", Program, all, all.FromClient().Seq(1001).Ack(5001).Payload(100)) { State = state };
        }
    }

    /// <summary>What the repair engine says of the client through the TAP is believed, whoever has sent what.</summary>
    private static IEnumerable<NodeFixture> Positions(Ends ends)
    {
        var position = new MacAddress(2, 0, 0, 0, 0, 2);
        var ack = ends.FromClient().From(position).Seq(1001).Ack(5600).Window(9);
        NodeFixture Cut(string name, Packet packet) => new(name, Program, ends, packet)
        {
            State = NodeRig.Silent with { TapIfindex = 1 }, Replica = Given.Replica, Leaves = packet.Ack(5001), Counts = ["ack_clamped", "client_delivered"],
        };

        yield return Cut("the repair engine's position is believed", ack) with
        {
            ReplicaThen = static r => r!.Value with { ActiveNext = 5600, ClientAck = 5600, ClientWindow = 9 },
        };
        yield return Cut("an older position moves nothing back", ack) with
        {
            Replica = Given.Replica with { ActiveNext = 7000 },
            ReplicaThen = static r => r!.Value with { ClientAck = 5600, ClientWindow = 9 },
        };
        yield return Cut("after a takeover, too", ack) with
        {
            State = NodeRig.TookOver with { TapIfindex = 1 },
            ReplicaThen = static r => r!.Value with { ActiveNext = 5600, ClientAck = 5600, ClientWindow = 9 },
        };
        yield return Cut("data with a position waits like any other", ack.Payload(10)) with
        {
            Verdict = Verdict.Stolen,
            Leaves = null,
            Counts = ["held_causal"],
            Holds = (ReportKind.HeldCausal, 5600),
            ReplicaThen = static r => r!.Value with
            {
                ActiveNext = 5600, ClientAck = 5600, ClientWindow = 9, ClientNext = 1011, WaitFor = 5600,
                Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting,
            },
        };
        yield return Cut("data that waited in vain goes up all the same, and the replica differs", ack.Payload(10).From(new MacAddress(2, 0, 0, 0, 0, 3))) with
        {
            Counts = ["client_delivered", "ack_clamped", "difference"],
            ReplicaThen = static r => r!.Value with { ClientNext = 1011, ShortBy = 599, Flags = ReplicaFlags.Confirmed | ReplicaFlags.Differs },
        };
        yield return Cut("nobody else's position is, from the LAN", ack) with { State = NodeRig.Silent with { TapIfindex = 2 } };
        for (var i = 0; i < MacAddress.Length; i++)
        {
            var mac = position.ToArray();
            mac[i] ^= 1;
            yield return Cut($"nor under another address (byte {i})", ack.From(new MacAddress(mac)));
        }
    }

    private static IEnumerable<NodeFixture> Openings(Ends ends)
    {
        var lastAck = ends.FromClient().Seq(1001).Ack(5001);
        var syn = ends.FromClient().Seq(1000).Syn().Options(TcpOption.LinuxSyn(1460, 5, 7));
        NodeFixture Consumed(string name, Packet packet, params string[] counts) => new(name, Program, ends, packet) { Verdict = Verdict.Stolen, Counts = counts };

        yield return Consumed("a SYN is learnt", syn, "syn_learnt") with { Holds = (ReportKind.Syn, 0), OpeningThen = static _ => Given.HalfOpen };
        yield return Consumed("a SYN after its answer completes the opening", syn, "syn_learnt") with
        {
            Holds = (ReportKind.Syn, 0),
            Opening = new Handshake
            {
                ClientIsn = 1000, ServerIsn = 5000, SynackNs = 1, SynackTsval = 77, ServerWscale = 8, ServerWindow = 512, Flags = Given.SynAckFlags,
            },
            OpeningThen = static _ => Given.Agreed,
        };
        yield return Consumed("a retransmitted SYN teaches nothing", syn) with { Opening = Given.Agreed };
        yield return Consumed("nor does one of a known replica", syn) with { Replica = Given.Replica };
        yield return Consumed("nor does one of a known replica with an opening of the same ends", syn) with
        {
            Replica = Given.Replica, Opening = Given.HalfOpen with { ClientIsn = 70_000 },
        };
        yield return Consumed("a SYN with another number is learnt, and the replica stays", syn.Seq(70_000), "syn_learnt") with
        {
            Holds = (ReportKind.Syn, 0), Replica = Given.Replica, OpeningThen = static _ => Given.HalfOpen with { ClientIsn = 70_000 },
        };
        yield return Consumed("a retransmission of that SYN teaches nothing", syn.Seq(70_000)) with
        {
            Replica = Given.Replica, Opening = Given.HalfOpen with { ClientIsn = 70_000 },
        };
        yield return Consumed("a segment of a connection that nobody knows", lastAck.Payload(10), "flow_unknown");
        yield return Consumed("a reset ends an opening", ends.FromClient().Seq(1001).Rst(), "flow_unknown") with
        {
            Opening = Given.Agreed, OpeningThen = static _ => null,
        };
        yield return Consumed("a segment before the SYN-ACK waits", lastAck, "held_early") with
        {
            Opening = Given.HalfOpen, Holds = (ReportKind.HeldEarly, 5001),
        };
        foreach (var (name, packet, release) in new[]
        {
            ("a later segment that overtook the last ACK waits", lastAck.Seq(1101).Payload(10), 5001u),
            ("one that acknowledges more than the handshake waits", lastAck.Ack(5100), 5100u),
            ("a FIN in place of the last ACK waits", lastAck.Fin(), 5001u),
        })
        {
            yield return Consumed(name, packet, "held_early") with { Opening = Given.Agreed, Holds = (ReportKind.HeldEarly, release) };
        }
        yield return Consumed("a signed connection has no replica", lastAck, "replica_signed") with
        {
            Opening = Given.Agreed with { Flags = Given.Agreed.Flags | HandshakeFlags.Signed },
        };
        yield return Consumed("nobody listens", lastAck, "replica_no_listener") with { Opening = Given.Agreed, OpeningThen = static _ => null };
        yield return Consumed("nobody listens, and data comes with the last ACK", lastAck.Payload(10), "replica_no_listener") with
        {
            Opening = Given.Agreed, OpeningThen = static _ => null,
        };
        var unseen = Given.Replica with { Flags = ReplicaFlags.None };
        yield return Consumed("what comes before the socket has appeared waits", lastAck.Payload(10), "held_early") with
        {
            Opening = Given.Agreed, Replica = unseen, Holds = (ReportKind.HeldEarly, 5001),
        };
        yield return Consumed("the last ACK through the TAP tries again", lastAck, "replica_no_listener") with
        {
            State = NodeRig.Silent with { TapIfindex = 1 }, Opening = Given.Agreed, OpeningThen = static _ => null, Replica = unseen,
            ReplicaThen = static _ => null,
        };
    }

    private static IEnumerable<NodeFixture> ServerCopies(Ends ends)
    {
        var data = ends.FromService().Seq(5001).Ack(1050).Payload(100);
        NodeFixture Read(string name, Packet packet, params string[] alsoCounts) => new(name, Program, ends, packet)
        {
            Verdict = Verdict.Stolen, Counts = ["server_copy_read", .. alsoCounts],
        };

        yield return Read("a copy of the active node's output is read and consumed", data) with
        {
            Replica = Given.Replica, ReplicaThen = static r => r!.Value with { ActiveNext = 5101, ActiveAck = 1050 },
        };
        yield return Read("a retransmission of the active node moves nothing back", data) with
        {
            Replica = Given.Replica with { ActiveNext = 9000, ActiveAck = 2000 },
        };
        yield return Read("the active node's FIN", ends.FromService().Seq(5001).Ack(1001).Fin()) with
        {
            Replica = Given.Replica,
            ReplicaThen = static r => r!.Value with { ActiveNext = 5002, Flags = ReplicaFlags.Confirmed | ReplicaFlags.ActiveFin },
        };
        yield return Read("the active node's reset", ends.FromService().Seq(5001).Rst()) with
        {
            Replica = Given.Replica,
            ReplicaThen = static r => r!.Value with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.ActiveRst },
        };
        yield return Read("output of a connection without a replica", data);
        var heldFin = ends.FromService().Seq(5101).Ack(1050).Fin().Marked();
        yield return Read("a FIN that the gateway holds", heldFin) with
        {
            Replica = Given.Replica, ReplicaThen = static r => r!.Value with { ActiveNext = 5101, ActiveAck = 1050 },
        };
        yield return Read("a reset that the gateway holds", ends.FromService().Seq(5001).Rst().Marked()) with { Replica = Given.Replica };
        yield return Read("a held FIN elsewhere than the replica's", heldFin) with
        {
            Replica = Given.Replica with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.OwnFin, Sent = 5090 },
            ReplicaThen = static r => r!.Value with { ActiveNext = 5101, ActiveAck = 1050 },
        };
        yield return Read("a held close of a connection that is about to exist here", heldFin) with { Opening = Given.Agreed };
        NodeFixture SentBack(string name, Packet packet, params string[] alsoCounts) => Read(name, packet, alsoCounts) with
        {
            Verdict = Verdict.Redirect, Leaves = packet.Hops(1).From(Scene.GatewayMac).To(Scene.Node0),
        };
        NodeFixture SentBackAsAbsent(string name, Packet packet) => SentBack(name, packet, "consent_absent") with
        {
            Leaves = packet.Absent().Hops(1).From(Scene.GatewayMac).To(Scene.Node0),
        };
        yield return SentBackAsAbsent("a held FIN goes back where there is no replica", heldFin);
        yield return SentBackAsAbsent("so does a reset", ends.FromService().Seq(5001).Rst().Marked());
        yield return SentBackAsAbsent("and also where nothing became of the opening", heldFin) with { Opening = Given.HalfOpen };
        yield return SentBack("a held FIN goes back when the replica has closed there, too", heldFin) with
        {
            Replica = Given.Replica with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.OwnFin, Sent = 5102 },
            ReplicaThen = static r => r!.Value with { ActiveNext = 5101, ActiveAck = 1050 },
        };
        yield return SentBack("any held close goes back when the replica was reset", heldFin) with
        {
            Replica = Given.Replica with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.OwnRst },
            ReplicaThen = static r => r!.Value with { ActiveNext = 5101, ActiveAck = 1050 },
        };
        var synAck = ends.FromService().Seq(5000).Ack(1001).Syn().Options(TcpOption.LinuxSyn(1460, 77, 8));
        yield return Read("a SYN-ACK is learnt", synAck, "synack_learnt") with
        {
            Opening = Given.HalfOpen, OpeningThen = static _ => Given.Agreed,
        };
        yield return Read("a retransmitted SYN-ACK of a known replica", synAck) with { Replica = Given.Replica };
        yield return Read("whatever its own number", synAck.Seq(88_000)) with { Replica = Given.Replica };
        yield return Read("also while another SYN is known", synAck) with
        {
            Replica = Given.Replica, Opening = Given.HalfOpen with { ClientIsn = 70_000 },
        };
        var another = ends.FromService().Seq(90_000).Ack(70_001).Syn().Options(TcpOption.LinuxSyn(1460, 77, 8));
        yield return Read("a SYN-ACK for another SYN takes the replica's place", another, "synack_learnt") with
        {
            Replica = Given.Replica,
            ReplicaThen = static _ => null,
            Opening = Given.HalfOpen with { ClientIsn = 70_000 },
            OpeningThen = static _ => Given.Agreed with { ClientIsn = 70_000, ServerIsn = 90_000 },
        };
        yield return Read("also when its SYN is yet to come", another, "synack_learnt") with
        {
            Replica = Given.Replica,
            ReplicaThen = static _ => null,
            OpeningThen = static _ => new Handshake
            {
                ClientIsn = 70_000, ServerIsn = 90_000, SynackNs = 1, SynackTsval = 77, ServerWscale = 8, ServerWindow = 512, Flags = Given.SynAckFlags,
            },
        };
        NodeFixture Ignored(string name, Packet packet) => new(name, Program, ends, packet) { Verdict = Verdict.Stolen, Counts = ["ignored"] };
        yield return Ignored("what is neither TCP nor UDP is consumed", data.Protocol(ProtocolType.Icmp));
        yield return Ignored("so are fragments", data.Fragment(9, more: false));
        yield return Ignored("so is what is malformed", data.DataOffset(4));
    }

    private static IEnumerable<NodeFixture> AfterTakeover(Ends ends)
    {
        var ack = ends.FromClient().Seq(1001).Ack(5600);
        var syn = ends.FromClient().Seq(1000).Syn();
        NodeFixture Then(string name, Packet packet, params string[] counts) => new($"after a takeover {name}", Program, ends, packet)
        {
            State = NodeRig.TookOver, Counts = counts,
        };

        yield return Then("ACKs are still cut", ack, "ack_clamped", "client_delivered") with
        {
            Replica = Given.Behind, Leaves = ack.Ack(5001), ReplicaThen = static r => r!.Value with { ClientAck = 5600 },
        };
        yield return Then("data still waits for what it answers", ack.Payload(1), "held_causal") with
        {
            Replica = Given.Behind,
            Verdict = Verdict.Stolen,
            Holds = (ReportKind.HeldCausal, 5600),
            ReplicaThen = static r => r!.Value with
            {
                ClientNext = 1002, ClientAck = 5600, WaitFor = 5600, Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting,
            },
        };
        yield return Then("new connections belong to the stack", syn);
        yield return Then("an opening seen before stays", syn.Seq(70_000)) with { Opening = Given.Agreed };
        yield return Then("a retransmitted SYN is the stack's affair", syn) with { Replica = Given.Replica };
        yield return Then("a SYN with another number is, too, and the inherited connection stays", syn.Seq(70_000)) with { Replica = Given.Replica };
        yield return Then("segments of other connections pass", ack.Payload(10));
        yield return Then("half an opening is the stack's affair", ack) with { Opening = Given.HalfOpen };
        yield return Then("so is one that another server answered", ack) with { Opening = Given.Agreed };
        yield return Then("an opening that the lost node answered is finished", ack.Ack(5001), "replica_no_listener") with
        {
            Opening = Given.Agreed, OpeningThen = static _ => null, Verdict = Verdict.Stolen,
        };
        yield return Then("copies of another node's output are consumed", ends.FromService().Seq(5001).Ack(1001).Payload(1), "ignored") with
        {
            Replica = Given.Replica, Verdict = Verdict.Stolen,
        };
        yield return Then("copies of another node's SYN-ACK, too", ends.FromService().Seq(90_000).Ack(70_001).Syn(), "ignored") with
        {
            Replica = Given.Replica, Verdict = Verdict.Stolen,
        };
        yield return Then("segments without ACK are ignored", ends.FromClient().Seq(1001).Payload(1), "ignored") with
        {
            Replica = Given.Replica, Verdict = Verdict.Stolen,
        };
    }

    private static uint Number(Packet packet) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(packet.ToBytes().AsSpan(packet.TransportOffset + 8));
}
