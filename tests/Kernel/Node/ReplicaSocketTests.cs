using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Appliance.Bpf.Layout;
using Appliance.Net;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Node;

/// <summary>
/// Delivery in the sight of real sockets: the connection of the tests exists, over lo, in the namespace of the test run.
/// A test run has no ingress device, so the kernel refuses to open a replica's socket in it; how it opens belongs to the
/// tests with real traffic.
/// </summary>
[TestClass]
public sealed class ReplicaSocketTests
{
    private const string Program = NodeRig.Ingress;

    private static NodeRig _rig = null!;

    /// <summary>A new connection of the same ends.</summary>
    private static Handshake Anew => Given.Agreed with { ClientIsn = 70_000, ServerIsn = 90_000 };

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e });

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new NodeRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_refusal_by_the_kernel_leaves_nothing_behind(Ends ends) => WithListener(ends, _ =>
    {
        _rig.Openings.Set(ends.Key, Given.Agreed);
        var outcome = _rig.Run(Program, ends.FromClient().Seq(1001).Ack(5001).ToBytes());
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        outcome.AssertCounted("replica_refused");
        Assert.IsFalse(_rig.Replicas.TryGet(ends.Key, out var _));
        Assert.IsFalse(_rig.Openings.TryGet(ends.Key, out var _), "a second attempt would be refused, too");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_listener_is_no_replica(Ends ends) => WithListener(ends, _ =>
    {
        _rig.Replicas.Set(ends.Key, Given.Replica with { Flags = ReplicaFlags.None });
        _rig.Openings.Set(ends.Key, Given.Agreed);
        var outcome = _rig.Run(Program, ends.FromClient().Seq(1001).Ack(5001).Payload(1).ToBytes());
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        outcome.AssertCounted("held_early");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_listener_does_not_stand_in_the_way_of_a_syn(Ends ends) => WithListener(ends, _ =>
    {
        var syn = ends.FromClient().Seq(1000).Syn().ToBytes();
        var outcome = _rig.Run(Program, syn);
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        outcome.AssertFrame(syn);
        outcome.AssertCounted("syn_learnt");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_socket_confirms_the_replica(Ends ends) => WithConnection(ends, (_, _) =>
    {
        _rig.Replicas.Set(ends.Key, Given.Replica with { Flags = ReplicaFlags.None });
        _rig.Openings.Set(ends.Key, Given.Agreed);
        var outcome = _rig.Run(Program, ends.FromClient().Seq(1001).Ack(5001).ToBytes());
        Assert.AreEqual(Verdict.Ok, outcome.Verdict);
        outcome.AssertCounted("client_delivered");
        Assert.IsTrue(_rig.Replicas.TryGet(ends.Key, out var replica));
        Assert.AreEqual(ReplicaFlags.Confirmed, replica.Flags);
        Assert.IsFalse(_rig.Openings.TryGet(ends.Key, out var _));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_syn_leaves_the_forgotten_socket_alone(Ends ends) => WithConnection(ends, (_, _) =>
    {
        var syn = ends.FromClient().Seq(70_000).Syn().Options(TcpOption.LinuxSyn(1460, 1, 7)).ToBytes();
        var outcome = _rig.Run(Program, syn);
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        outcome.AssertFrame(syn);
        outcome.AssertCounted("syn_learnt");
        Assert.IsTrue(_rig.Openings.TryGet(ends.Key, out var opening));
        Assert.AreEqual((70_000u, (ushort)1460), (opening.ClientIsn, opening.ClientMss));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_last_ack_becomes_the_reset_that_the_forgotten_socket_accepts(Ends ends) => WithConnection(ends, (_, server) =>
        AssertMakesWay(ends, ReceiveNext(server)));

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_last_ack_becomes_the_reset_that_ends_a_time_wait(Ends ends) => WithTimeWait(ends, next => AssertMakesWay(ends, next));

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_time_wait_makes_way_on_a_node_that_has_taken_over_as_well(Ends ends) => WithTimeWait(ends, next =>
    {
        _rig.State = NodeRig.TookOver;
        AssertMakesWay(ends, next);
    });

    /// <summary>An open socket may be a connection that the client has made with this very node since.</summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void An_open_socket_of_a_node_that_has_taken_over_makes_no_way(Ends ends) => WithConnection(ends, (client, server) =>
    {
        _rig.State = NodeRig.TookOver;
        var lastAck = ends.FromClient().Seq(70_001).Ack(90_001);
        foreach (var isHalfClosed in new[] { false, true })
        {
            if (isHalfClosed)
            {
                client.Shutdown(SocketShutdown.Send);
                Assert.AreEqual(0, server.Receive(new byte[1]));
            }
            foreach (var packet in new[] { lastAck, lastAck.Payload(9) })
            {
                _rig.Openings.Set(ends.Key, Anew);
                var outcome = _rig.Run(Program, packet.ToBytes());
                Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
                outcome.AssertFrame(packet.ToBytes());
                outcome.AssertCounted();
                Assert.IsEmpty(_rig.TakeReports());
                Assert.IsFalse(_rig.Replicas.TryGet(ends.Key, out _));
                Assert.IsTrue(_rig.Openings.TryGet(ends.Key, out var opening));
                Assert.AreEqual(Fields.Of<Handshake>(Anew), Fields.Of<Handshake>(opening));
            }
        }
        server.Send("still there"u8);
        Assert.AreEqual(11, client.Receive(new byte[100]));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_later_segment_waits_and_leaves_the_forgotten_socket_alone(Ends ends) => WithConnection(ends, (_, _) =>
    {
        _rig.Openings.Set(ends.Key, Anew);
        var later = ends.FromClient().Seq(70_101).Ack(90_001).Payload(10).ToBytes();
        var outcome = _rig.Run(Program, later);
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        outcome.AssertFrame(later);
        outcome.AssertCounted("held_early");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_nodes_own_connection_becomes_its_replica(Ends ends) => WithConnection(ends, (client, server) =>
    {
        server.Send("an answer"u8);
        Assert.AreEqual(9, client.Receive(new byte[100]));
        var (received, sent) = (ReceiveNext(server), ReceiveNext(client));
        foreach (var (seq, ack) in new[] { (received, sent), (received + 500, sent + 300), (received - 11, sent - 9) })
        {
            Adopt(ends, seq, ack).AssertCounted("original_adopted");
            Assert.IsTrue(_rig.Replicas.TryGet(ends.Key, out var replica));
            Assert.AreEqual(
                Fields.Of<Replica>(Given.Replica with
                {
                    ClientNext = Math.Max(seq, received), ClientAck = ack, Sent = sent, Received = received,
                    ActiveNext = Math.Max(ack, sent), ActiveAck = received, OwnWindow = 0xffff, OwnWscale = 8,
                }),
                Fields.Of<Replica>(replica),
                $"the client stands {(int)(seq - received)} and {(int)(ack - sent)} ahead");
            Assert.IsFalse(_rig.Openings.TryGet(ends.Key, out _));
        }
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void What_is_closed_of_a_nodes_own_connection_stays_closed(Ends ends) => WithConnection(ends, (client, server) =>
    {
        client.Shutdown(SocketShutdown.Send);
        Assert.AreEqual(0, server.Receive(new byte[1]));
        var (received, sent) = (ReceiveNext(server), ReceiveNext(client));
        Adopt(ends, received, sent).AssertCounted("original_adopted");
        Assert.IsTrue(_rig.Replicas.TryGet(ends.Key, out var replica));
        Assert.AreEqual(ReplicaFlags.Confirmed | ReplicaFlags.ClientFin, replica.Flags);
    });

    /// <summary>By that the repair engine knows when to look for new ones.</summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_replica_that_was_made_is_counted(Ends ends) => WithConnection(ends, (client, server) =>
    {
        var (received, sent) = (ReceiveNext(server), ReceiveNext(client));
        Adopt(ends, received + 0x40000000, sent);
        Assert.AreEqual(0u, _rig.State.ReplicasMade, "none was made");
        Adopt(ends, received, sent);
        Assert.AreEqual(1u, _rig.State.ReplicasMade);
        _rig.Openings.Set(ends.Key, Given.Agreed);
        _rig.Run(Program, ends.FromClient().Seq(1101).Ack(5101).Payload(10).ToBytes());
        Assert.AreEqual(1u, _rig.State.ReplicasMade, "it was there");
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void So_is_one_that_the_kernel_refuses_at_once(Ends ends) => WithListener(ends, _ =>
    {
        _rig.Openings.Set(ends.Key, Given.Agreed);
        _rig.Run(Program, ends.FromClient().Seq(1001).Ack(5001).ToBytes()).AssertCounted("replica_refused");
        Assert.AreEqual(1u, _rig.State.ReplicasMade);
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_socket_that_stands_elsewhere_is_not_the_connections(Ends ends) => WithConnection(ends, (client, server) =>
    {
        var (received, sent) = (ReceiveNext(server), ReceiveNext(client));
        foreach (var (seq, ack) in new[] { (received + 0x40000000, sent), (received, sent + 0x40000000), (received - 0x40000000, sent) })
        {
            Adopt(ends, seq, ack).AssertCounted("original_missing");
            Assert.IsFalse(_rig.Replicas.TryGet(ends.Key, out _));
        }
        server.Send("unharmed"u8);
        Assert.AreEqual(8, client.Receive(new byte[100]));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_listener_is_no_connection_of_the_nodes_own(Ends ends) => WithListener(ends, listener =>
    {
        Adopt(ends, 1001, 5001).AssertCounted("original_missing");
        Assert.IsFalse(_rig.Replicas.TryGet(ends.Key, out _));
        Assert.IsFalse(_rig.Openings.TryGet(ends.Key, out _), "the gateway will offer it again");
    });

    /// <summary>Only the repair engine's TAP makes a replica of an own connection; in a test run that is lo.</summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_copy_makes_no_replica_of_an_own_connection(Ends ends) => WithConnection(ends, (_, _) =>
    {
        _rig.Openings.Set(ends.Key, Original);
        var outcome = _rig.Run(Program, ends.FromClient().Seq(1001).Ack(5001).ToBytes());
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        outcome.AssertCounted();
        Assert.IsFalse(_rig.Replicas.TryGet(ends.Key, out _));
        Assert.IsTrue(_rig.Openings.TryGet(ends.Key, out _));
    });

    [TestMethod]
    [DataRow(Comparison.Samples, 0)]
    [DataRow(Comparison.All, 1)]
    [DataRow(Comparison.Nothing, -1)]
    public void As_much_is_compared_as_the_services_owner_wants(Comparison comparison, int all) => WithConnection(Ends.V4, (client, server) =>
    {
        var vips = _rig.Object.Map<Address16, Vip>("vips");
        var table = Services.Table;
        table.Ranges[0].Comparison = comparison;
        vips.Set(Address16.From(Ends.V4.Service.Address), table);
        try
        {
            Adopt(Ends.V4, ReceiveNext(server), ReceiveNext(client));
            Assert.IsTrue(_rig.Replicas.TryGet(Ends.V4.Key, out _));
            Assert.AreEqual(all, _rig.Digests.TryGet(Ends.V4.Key, out var digest) ? (int)digest.All : -1);
        }
        finally
        {
            vips.Set(Address16.From(Ends.V4.Service.Address), Services.Table);
        }
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_reset_ends_the_replica_at_the_very_number_that_it_expects(Ends ends) => WithConnection(ends, (_, server) =>
    {
        var next = ReceiveNext(server);
        foreach (var (seq, verdict, flags, isHeld) in new[]
        {
            (next, Verdict.Ok, ReplicaFlags.Confirmed | ReplicaFlags.ClientRst, false),
            (next - 1, Verdict.Ok, ReplicaFlags.Confirmed, false),
            (next + 1, Verdict.Stolen, ReplicaFlags.Confirmed, true),
            (next + Given.FarAhead, Verdict.Stolen, ReplicaFlags.Confirmed, true),
            (next + Given.FarAhead + 1, Verdict.Stolen, ReplicaFlags.Confirmed, false),
            (next + 0x7fffffff, Verdict.Stolen, ReplicaFlags.Confirmed, false),
        })
        {
            _rig.Reset();
            _rig.Replicas.Set(ends.Key, Given.Replica);
            var reset = ends.FromClient().Seq(seq).Ack(7).Rst();
            var outcome = _rig.Run(Program, reset.ToBytes());
            var because = $"{seq - next} ahead";
            Assert.AreEqual(verdict, outcome.Verdict, because);
            outcome.AssertFrame(reset.ToBytes());
            outcome.AssertCounted(isHeld ? ["held_early"] : []);
            Assert.IsTrue(_rig.Replicas.TryGet(ends.Key, out var replica));
            Assert.AreEqual(Fields.Of<Replica>(Given.Replica with { Flags = flags }), Fields.Of<Replica>(replica), because);
            HeldReport[] held = isHeld ? [Report(ends, ReportKind.HeldReset, seq, reset)] : [];
            CollectionAssert.AreEqual(held, _rig.TakeReports().ToArray(), because);
        }
    });

    private static Handshake Original { get; } = Given.Agreed with { Flags = Given.Agreed.Flags | HandshakeFlags.Original };

    private static Outcome Adopt(Ends ends, uint seq, uint ack)
    {
        _rig.Reset();
        _rig.State.TapIfindex = 1;
        _rig.Openings.Set(ends.Key, Original);
        var outcome = _rig.Run(Program, ends.FromClient().Seq(seq).Ack(ack).ToBytes());
        Assert.AreEqual(Verdict.Stolen, outcome.Verdict);
        return outcome;
    }

    /// <summary>The active node has accepted a new connection of the ends whose old one still has a socket here.</summary>
    private static void AssertMakesWay(Ends ends, uint expected)
    {
        var lastAck = ends.FromClient().Seq(70_001).Ack(90_001);
        foreach (var packet in new[] { lastAck, lastAck.Payload(9).Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(1, 2)) })
        {
            _rig.Openings.Set(ends.Key, Anew);
            var outcome = _rig.Run(Program, packet.ToBytes());
            Assert.AreEqual(Verdict.Ok, outcome.Verdict);
            outcome.AssertCounted("held_early", "stale_socket_reset");
            outcome.AssertFrame(packet.Only(TcpFlags.Rst).Seq(expected).ToBytes());
            Assert.IsFalse(_rig.Replicas.TryGet(ends.Key, out _), "there is no replica until the segment comes again");
            Assert.IsTrue(_rig.Openings.TryGet(ends.Key, out var opening), "it will need the opening");
            Assert.AreEqual(Fields.Of<Handshake>(Anew), Fields.Of<Handshake>(opening));
            CollectionAssert.AreEqual(new[] { Report(ends, ReportKind.HeldEarly, 90_001, packet) }, _rig.TakeReports().ToArray());
        }
    }

    private static HeldReport Report(Ends ends, ReportKind kind, uint release, Packet packet) =>
        new(kind, release, packet.TransportOffset, ends.Key, Convert.ToHexStringLower(packet.ToBytes()));

    private static void WithConnection(Ends ends, Action<Socket, Socket> test) => WithListener(ends, listener =>
    {
        using var client = new Socket(ends.Client.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        client.Bind(ends.Client);
        client.Connect(ends.Service);
        using var server = listener.Accept();
        client.Send("a few bytes"u8);
        Assert.AreEqual(11, server.Receive(new byte[100]));
        test(client, server);
    });

    /// <summary>The service's end has closed first; the number is the one that its socket expects.</summary>
    private static void WithTimeWait(Ends ends, Action<uint> test) => WithConnection(ends, (client, server) =>
    {
        var next = ReceiveNext(server) + 1; // the client's FIN counts one
        server.Shutdown(SocketShutdown.Both);
        Assert.AreEqual(0, client.Receive(new byte[1]));
        client.Shutdown(SocketShutdown.Both);
        server.Dispose();
        TapDeviceTests.Eventually(() => NetworkNamespaceScope.Command("ss", "-Htn state time-wait").Length > 0, "TIME_WAIT");
        test(next);
    });

    private static void WithListener(Ends ends, Action<Socket> test) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        using var netlink = new RtNetlink();
        foreach (var address in new[] { ends.Client.Address, ends.Service.Address })
        {
            netlink.AddAddress(1, address, address.GetAddressBytes().Length * 8);
            TapDeviceTests.Eventually(() => netlink.IsLocal(address), "local route of the address");
        }
        using var listener = new Socket(ends.Service.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(ends.Service.Address, ends.Service.Port));
        listener.Listen();
        test(listener);
    });

    /// <summary>rcv_nxt, which TCP_REPAIR shows (tcp(7), sockopts of include/uapi/linux/tcp.h).</summary>
    private static uint ReceiveNext(Socket socket)
    {
        const int Tcp = 6;
        const int Repair = 19;
        const int RepairQueue = 20;
        const int QueueSequence = 21;
        const int ReceiveQueue = 1;
        const int OffWithoutProbe = -1;
        Set(Repair, 1);
        Set(RepairQueue, ReceiveQueue);
        Span<byte> value = stackalloc byte[4];
        socket.GetRawSocketOption(Tcp, QueueSequence, value);
        Set(Repair, OffWithoutProbe);
        return BinaryPrimitives.ReadUInt32LittleEndian(value);

        void Set(int option, int number)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            socket.SetRawSocketOption(Tcp, option, bytes);
        }
    }
}
