using System.Net.Sockets;
using Appliance.Bpf.Layout;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Node;

/// <summary>What leaves a node: what is swallowed, what is answered on the spot, what is spoken.</summary>
[TestClass]
public sealed class SilenceTests
{
    private const string Program = NodeRig.Egress;

    private static NodeRig _rig = null!;

    public static IEnumerable<object[]> Cases => Rows.ForBoth(ends =>
        Swallowed(ends).Concat(Progress(ends)).Concat(Phantoms(ends)).Concat(Spoken(ends)).Concat(WithoutLease(ends)).Concat(Answers(ends)));

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new NodeRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    internal void Handles(NodeFixture fixture) => NetworkNamespaceScope.Run(() => fixture.Check(_rig));

    [TestMethod]
    public void A_lease_ends_on_the_clock_of_the_kernel() => NetworkNamespaceScope.Run(static () =>
    {
        _rig.Reset();
        var data = Ends.V4.FromService().Seq(5001).Ack(1001).Payload(1).ToBytes();
        _rig.State = NodeRig.Active with { LeaseUntilNs = Native.MonotonicClock.Now + 3_600_000_000_000 };
        Assert.AreEqual(Verdict.Ok, _rig.Run(Program, data).Verdict);
        _rig.State = NodeRig.Active with { LeaseUntilNs = Native.MonotonicClock.Now };
        Assert.AreEqual(Verdict.Stolen, _rig.Run(Program, data).Verdict);
    });

    [TestMethod]
    public void The_first_segment_of_a_takeover_is_noted_once() => NetworkNamespaceScope.Run(static () =>
    {
        _rig.Reset();
        _rig.State = NodeRig.TookOver;
        var data = Ends.V4.FromService().Seq(5001).Ack(1001).Payload(1).ToBytes();
        var before = Native.MonotonicClock.Now;
        _rig.Run(Program, data);
        var first = _rig.State.FirstSpokenNs;
        Assert.IsTrue(first >= before && first <= Native.MonotonicClock.Now, "on the clock of the agent");
        _rig.Run(Program, data);
        Assert.AreEqual(first, _rig.State.FirstSpokenNs);
    });

    /// <summary>Where requests go one at a time, an active node's own answers are told.</summary>
    private static IEnumerable<NodeFixture> Answers(Ends all)
    {
        var ends = all.At(Services.Serial);
        var serially = NodeRig.Active with { Ordering = DeliveryFlags.Serial };
        var data = ends.FromService().Seq(5001).Ack(1001).Payload(100);
        NodeFixture Speaks(string name, Packet packet) => new(name, Program, ends, packet) { State = serially };

        yield return Speaks("an answer is told", data) with { Progress = 5101 };
        yield return Speaks("so is a close", ends.FromService().Seq(5001).Ack(1001).Fin()) with { Progress = 5002 };
        yield return Speaks("an ACK is none", ends.FromService().Seq(5001).Ack(1001));
        yield return Speaks("before that is wanted, none is told", data) with { State = NodeRig.Active };
        yield return new("another service's is not told", Program, all, all.FromService().Seq(5001).Ack(1001).Payload(100)) { State = serially };
        yield return Speaks("after a takeover, too, it is told", data) with { State = serially with { Inherited = 1, FirstSpokenNs = 1 }, Progress = 5101 };
    }

    private static IEnumerable<NodeFixture> Swallowed(Ends ends)
    {
        var data = ends.FromService().Seq(5001).Ack(1001).Payload(100);
        NodeFixture Silent(string name, Packet packet, params string[] alsoCounts) => new(name, Program, ends, packet)
        {
            Verdict = Verdict.Stolen, Counts = ["silenced", .. alsoCounts],
        };

        yield return new("what the node says in its own name passes", Program, ends, ends.FromClient().Seq(1).Ack(1)) { Replica = Given.Replica };
        yield return new("a VLAN tag passes", Program, ends, data.Vlan(5));
        yield return Silent("UDP is silenced", data.Protocol(ProtocolType.Udp));
        yield return Silent("ICMP is silenced", data.Protocol(ProtocolType.Icmp));
        yield return Silent("a fragment is silenced", data.Fragment(0, more: true));
        yield return Silent("what is malformed is silenced", data.DataOffset(0));
        yield return Silent("a port without a service is silenced", ends.At(22).FromService().Seq(1).Ack(1));
        yield return Silent("a connection without a replica is silenced", data);
        yield return Silent("an answer to a SYN is silenced", ends.FromService().Seq(5000).Ack(1001).Syn()) with { Replica = Given.Replica };
        yield return Silent("so is one to another SYN, and the replica stays", ends.FromService().Seq(90_000).Ack(70_001).Syn()) with { Replica = Given.Replica };
        yield return Silent("a reset is noted, and told", ends.FromService().Seq(5001).Rst(), "replica_reset", "consent") with
        {
            Leaves = ends.FromService().Seq(5001).Rst().Marked().Hops(1),
            Replica = Given.Replica,
            ReplicaThen = static r => r!.Value with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.OwnRst, ClosedNs = 1 },
        };
    }

    private static IEnumerable<NodeFixture> Progress(Ends ends)
    {
        var data = ends.FromService().Seq(5001).Ack(1050).Window(321).Payload(100);
        var waiting = Given.Replica with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting, WaitFor = 5101 };
        NodeFixture Silent(string name, Packet packet) => new(name, Program, ends, packet)
        {
            Verdict = Verdict.Stolen, Counts = ["silenced"], Replica = Given.Replica,
        };

        yield return Silent("data is noted and silenced", data) with
        {
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 321 },
        };
        yield return Silent("where others wait for their turn, all output is told", data) with
        {
            Replica = Given.Replica with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.Ordered }, Progress = 5101,
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 321 },
        };
        yield return Silent("one that answers less is told to be as far as it would be", data) with
        {
            Replica = waiting with { ShortBy = 7 }, Progress = 5108,
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 321, Flags = ReplicaFlags.Confirmed },
        };
        yield return Silent("where none waits any more, output is not told", data) with
        {
            State = NodeRig.Silent with { Ordering = DeliveryFlags.None }, Replica = Given.Replica with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.Ordered },
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 321 },
        };
        yield return Silent("an ACK is noted and silenced", ends.FromService().Seq(5001).Ack(1050).Window(321)) with
        {
            ReplicaThen = static r => r!.Value with { Received = 1050, OwnWindow = 321 },
        };
        yield return Silent("output proves the socket", data) with
        {
            Replica = Given.Replica with { Flags = ReplicaFlags.None },
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 321, Flags = ReplicaFlags.Confirmed },
        };
        yield return Silent("a FIN is noted, and told without what comes with it", data.Payload(new byte[100]).Fin()) with
        {
            Counts = ["silenced", "consent"],
            Leaves = ends.FromService().Seq(5101).Ack(1050).Window(321).Fin().Marked().Hops(1),
            ReplicaThen = static r => r!.Value with
            {
                Sent = 5102, Received = 1050, OwnWindow = 321, Flags = ReplicaFlags.Confirmed | ReplicaFlags.OwnFin, ClosedNs = 1,
            },
        };
        yield return Silent("a retransmission moves nothing back", data) with
        {
            Replica = Given.Replica with { Sent = 9000, Received = 2000 },
            ReplicaThen = static r => r!.Value with { OwnWindow = 321 },
        };
        yield return Silent("the largest segment of offloading counts whole", data.Payload(3600)) with
        {
            Context = new() { GsoSize = 1448, GsoSegments = 3 },
            ReplicaThen = static r => r!.Value with { Sent = 8601, Received = 1050, OwnWindow = 321 },
        };
        yield return Silent("what was waited for is reported, and the wait is over", data) with
        {
            Replica = waiting,
            Progress = 5101,
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 321, Flags = ReplicaFlags.Confirmed },
        };
        yield return Silent("a part of it is reported, and the wait goes on", data.Payload(99)) with
        {
            Replica = waiting, Progress = 5100, ReplicaThen = static r => r!.Value with { Sent = 5100, Received = 1050, OwnWindow = 321 },
        };
        yield return Silent("a retransmission is no progress", data.Payload(50)) with
        {
            Replica = waiting with { Sent = 5051 }, ReplicaThen = static r => r!.Value with { Received = 1050, OwnWindow = 321 },
        };
        yield return Silent("a wait beyond the wrap of numbers ends there", data.Seq(0xffffffc0).Payload(0x80)) with
        {
            Replica = waiting with { Sent = 0xffffffc0, ClientAck = 0xffffffc0, WaitFor = 0x40 },
            Progress = 0x40,
            ReplicaThen = static r => r!.Value with { Sent = 0x40, Received = 1050, OwnWindow = 321, Flags = ReplicaFlags.Confirmed },
        };
    }

    private static IEnumerable<NodeFixture> Phantoms(Ends ends)
    {
        var data = ends.FromService().Seq(5001).Ack(1050).Payload(100);
        var acknowledged = Given.Replica with { ClientAck = 5101, ClientWindow = 777 };
        var sent = static (Replica? r) => (Replica?)(r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 512 });
        Packet Answer(uint ack) =>
            ends.FromClient().From(Scene.GatewayMac).To(Scene.Node0).Atomic().Seq(1050).Ack(ack).Window(777);
        NodeFixture Answered(string name, Packet packet, uint ack) => new($"{name} is answered", Program, ends, packet)
        {
            Replica = acknowledged, Verdict = Verdict.Redirect, Leaves = Answer(ack), Counts = ["silenced", "phantom_ack"], ReplicaThen = sent,
        };

        yield return Answered("what the client has acknowledged", data, 5101);
        yield return Answered("with options,", data.Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(1, 2)), 5101);
        yield return Answered("with odd length,", data.Payload(99), 5100) with
        {
            ReplicaThen = static r => r!.Value with { Sent = 5100, Received = 1050, OwnWindow = 512 },
        };
        yield return Answered("one byte", data.Payload(1), 5002) with
        {
            ReplicaThen = static r => r!.Value with { Sent = 5002, Received = 1050, OwnWindow = 512 },
        };
        yield return Answered("a retransmission", data.Payload(100), 5101) with
        {
            Replica = acknowledged with { Sent = 5101, Flags = ReplicaFlags.Confirmed },
        };
        yield return Answered("a part that the client has acknowledged", data, 5050) with { Replica = acknowledged with { ClientAck = 5050 } };
        yield return Answered("a FIN", data.Fin(), 5102) with
        {
            Counts = ["silenced", "consent", "phantom_ack"],
            Replica = acknowledged with { ClientAck = 5102 },
            ReplicaThen = static r => r!.Value with
            {
                Sent = 5102, Received = 1050, OwnWindow = 512, Flags = ReplicaFlags.Confirmed | ReplicaFlags.OwnFin, ClosedNs = 1,
            },
        };
        yield return Answered("a FIN alone", ends.FromService().Seq(5001).Ack(1050).Fin(), 5002) with
        {
            Counts = ["silenced", "consent", "phantom_ack"],
            ReplicaThen = static r => r!.Value with
            {
                Sent = 5002, Received = 1050, OwnWindow = 512, Flags = ReplicaFlags.Confirmed | ReplicaFlags.OwnFin, ClosedNs = 1,
            },
        };
        yield return Answered("across the wrap of numbers", data.Seq(0xffffffc0).Payload(0x80), 0x40) with
        {
            Replica = acknowledged with { Sent = 0xffffffc0, ClientAck = 0x40 },
            ReplicaThen = static r => r!.Value with { Sent = 0x40, Received = 1050, OwnWindow = 512 },
        };
        yield return Answered("an offloaded packet", data.Payload(3600), 8601) with
        {
            Context = new() { GsoSize = 1448, GsoSegments = 3 },
            Replica = acknowledged with { ClientAck = 9000 },
            ReplicaThen = static r => r!.Value with { Sent = 8601, Received = 1050, OwnWindow = 512 },
        };
        yield return Answered("a keepalive probe", ends.FromService().Seq(5000).Ack(1050), 5001) with
        {
            Replica = acknowledged with { ClientAck = 5001 },
            ReplicaThen = static r => r!.Value with { Received = 1050, OwnWindow = 512 },
        };
        yield return Answered("a keepalive probe with a byte of garbage", ends.FromService().Seq(5000).Ack(1050).Payload(1), 5001) with
        {
            Replica = acknowledged with { ClientAck = 5001 },
            ReplicaThen = static r => r!.Value with { Received = 1050, OwnWindow = 512 },
        };
        yield return new("what the client lacks wholly is swallowed without an answer", Program, ends, data)
        {
            Replica = acknowledged with { ClientAck = 5001 }, Verdict = Verdict.Stolen, Counts = ["silenced"], ReplicaThen = sent,
        };
        yield return new("headers of unusual length are swallowed without an answer", Program, ends,
            ends.IsV6 ? data.Extension(60) : data.IPOptions(1, 1, 1, 1))
        {
            Replica = acknowledged, Verdict = Verdict.Stolen, Counts = ["silenced"], ReplicaThen = sent,
        };
        yield return new("it reports progress, too", Program, ends, data)
        {
            Replica = acknowledged with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting, WaitFor = 5101 },
            Verdict = Verdict.Redirect,
            Leaves = Answer(5101),
            Counts = ["silenced", "phantom_ack"],
            Progress = 5101,
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 512, Flags = ReplicaFlags.Confirmed },
        };
    }

    private static IEnumerable<NodeFixture> Spoken(Ends ends)
    {
        var data = ends.FromService().Seq(5001).Ack(1050).Payload(100);
        var sent = static (Replica? r) => (Replica?)(r!.Value with { Sent = 5101, Received = 1050, ActiveNext = 5101, ActiveAck = 1050, OwnWindow = 512 });
        NodeFixture Speaks(string name, Packet packet, params string[] counts) => new($"after a takeover {name}", Program, ends, packet)
        {
            State = NodeRig.TookOver, Counts = counts, SpeaksFirst = true,
        };

        foreach (var (name, packet) in new[] { ("data", data), ("a reset", data.Rst()), ("what is malformed", data.DataOffset(0)), ("UDP", data.Protocol(ProtocolType.Udp)) })
        {
            yield return new($"an active node that inherited nothing speaks freely: {name}", Program, ends, packet)
            {
                State = NodeRig.Active, Replica = Given.Replica with { ClientAck = 9000 },
            };
        }
        yield return Speaks("inherited connections are spoken for", data, "spoken") with { Replica = Given.Replica, ReplicaThen = sent };
        yield return Speaks("new connections are, too", data);
        yield return Speaks("what differs is swallowed, and is no first segment", data, "muted") with
        {
            Verdict = Verdict.Stolen, SpeaksFirst = false, Replica = Given.Replica with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.Differs },
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 512 },
        };
        yield return Speaks("so is an answer to a SYN", ends.FromService().Seq(5000).Ack(1001).Syn(), "spoken") with { Replica = Given.Replica };
        yield return Speaks("an answer to another SYN ends the inherited connection", ends.FromService().Seq(90_000).Ack(70_001).Syn(), "spoken") with
        {
            Replica = Given.Replica, ReplicaThen = static _ => null,
        };
        yield return Speaks("so is a reset", ends.FromService().Seq(5001).Rst(), "spoken", "replica_reset") with
        {
            Replica = Given.Replica, ReplicaThen = static r => r!.Value with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.OwnRst, ClosedNs = 1 },
        };
        yield return Speaks("UDP passes and is no first segment", data.Protocol(ProtocolType.Udp)) with { SpeaksFirst = false };
        yield return Speaks("what the client has is not sent again", data, "spoken", "phantom_ack") with
        {
            Replica = Given.Replica with { ClientAck = 5101 },
            Verdict = Verdict.Redirect,
            Leaves = ends.FromClient().From(Scene.GatewayMac).To(Scene.Node0).Atomic().Seq(1050).Ack(5101),
            ReplicaThen = sent,
        };
        yield return Speaks("what the client has in part is sent whole", data, "spoken") with
        {
            Replica = Given.Replica with { ClientAck = 5050 }, ReplicaThen = sent,
        };
        yield return Speaks("a keepalive probe reaches the client", ends.FromService().Seq(5000).Ack(1050), "spoken") with
        {
            Replica = Given.Replica, ReplicaThen = static r => r!.Value with { Received = 1050, ActiveAck = 1050, OwnWindow = 512 },
        };
        yield return Speaks("its own close is not the original's", data.Fin(), "spoken") with
        {
            Replica = Given.Replica,
            ReplicaThen = static r => r!.Value with
            {
                Sent = 5102, Received = 1050, ActiveAck = 1050, OwnWindow = 512, ClosedNs = 1, Flags = ReplicaFlags.Confirmed | ReplicaFlags.OwnFin,
            },
        };
        yield return Speaks("before the gateway turns, the other node is still the original", data, "spoken") with
        {
            State = NodeRig.TookOver with { Heard = 0 },
            Replica = Given.Replica,
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 512 },
        };
        yield return Speaks("progress is still reported", data, "spoken") with
        {
            Replica = Given.Replica with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.Waiting, WaitFor = 5101 },
            Progress = 5101,
            ReplicaThen = r => sent(r)!.Value with { Flags = ReplicaFlags.Confirmed },
        };
    }

    private static IEnumerable<NodeFixture> WithoutLease(Ends ends)
    {
        var data = ends.FromService().Seq(5001).Ack(1050).Payload(100);
        foreach (var (name, state) in new[] { ("an active node", NodeRig.LeaseEnded), ("one that took over", NodeRig.LeaseEnded with { Inherited = 1 }) })
        {
            yield return new($"{name} whose lease has ended is silent", Program, ends, data)
            {
                State = state, Verdict = Verdict.Stolen, Counts = ["drop_lease_expired"],
            };
            yield return new($"{name} whose lease has ended is silent with UDP", Program, ends, data.Protocol(ProtocolType.Udp))
            {
                State = state, Verdict = Verdict.Stolen, Counts = ["drop_lease_expired"],
            };
            yield return new($"{name} whose lease has ended is silent with resets", Program, ends, ends.FromService().Seq(5001).Flags(TcpFlags.Rst))
            {
                State = state,
                Verdict = Verdict.Stolen,
                Counts = ["drop_lease_expired", "replica_reset"],
                Replica = Given.Replica,
                ReplicaThen = static r => r!.Value with { Flags = ReplicaFlags.Confirmed | ReplicaFlags.OwnRst, ClosedNs = 1 },
            };
            yield return new($"{name} whose lease has ended still speaks in its own name", Program, ends, ends.FromClient().Seq(1).Ack(1)) { State = state };
        }
        yield return new("without a lease an answer to another SYN ends nothing", Program, ends, ends.FromService().Seq(90_000).Ack(70_001).Syn())
        {
            State = NodeRig.LeaseEnded with { Inherited = 1 }, Verdict = Verdict.Stolen, Counts = ["drop_lease_expired"], Replica = Given.Replica,
        };
        yield return new("without a lease what the client has is answered on the spot", Program, ends, data)
        {
            State = NodeRig.LeaseEnded with { Inherited = 1 },
            Replica = Given.Replica with { ClientAck = 5101 },
            Verdict = Verdict.Redirect,
            Counts = ["drop_lease_expired", "phantom_ack"],
            Leaves = ends.FromClient().From(Scene.GatewayMac).To(Scene.Node0).Atomic().Seq(1050).Ack(5101),
            ReplicaThen = static r => r!.Value with { Sent = 5101, Received = 1050, OwnWindow = 512 },
        };
    }
}
