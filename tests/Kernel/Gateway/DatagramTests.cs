using System.Net.Sockets;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Native;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>Datagrams to a UDP service: numbered, recorded, forwarded as they are.</summary>
[TestClass]
public sealed class DatagramTests
{
    private const string Program = GatewayRig.Egress;

    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> Cases => Rows.ForBoth(ends => Recorded(ends).Concat(Numbers(ends)).Concat(Forwarded(ends)).Concat(Malformed(ends)));

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e });

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    internal void Handles(GatewayFixture fixture) => NetworkNamespaceScope.Run(() => fixture.Check(_rig));

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_first_number_of_a_client_is_that_of_the_clock(Ends ends) => NetworkNamespaceScope.Run(() =>
    {
        const int Shift = 20;
        var dns = ends.At(Services.OnlyUdp);
        _rig.Reset();
        var before = (uint)(MonotonicClock.Now >> Shift);
        var datagram = dns.FromClient().Udp().Payload(30);
        _rig.Run(Program, datagram.ToBytes());
        _rig.Run(Program, datagram.Payload(31).ToBytes());
        var records = _rig.TakeRecords();
        Assert.IsLessThanOrEqualTo((uint)(MonotonicClock.Now >> Shift) - before, records[0].Seq - before);
        Assert.AreEqual(records[0].Seq + 1, records[1].Seq);
        Assert.IsTrue(_rig.Datagrams.TryGet(dns.Key, out var source));
        Assert.AreEqual(records[0].Seq + 2, source.Next);
    });

    [TestMethod]
    public void Clients_are_numbered_apart() => NetworkNamespaceScope.Run(static () =>
    {
        _rig.Reset();
        foreach (var ends in Ends.Both.Select(e => e.At(Services.OnlyUdp)))
        {
            _rig.Datagrams.Set(ends.Key, new DatagramSource { Next = ends.IsV6 ? 600u : 400u });
        }
        foreach (var ends in Ends.Both.Concat(Ends.Both).Select(e => e.At(Services.OnlyUdp)))
        {
            _rig.Run(Program, ends.FromClient().Udp().Payload(1).ToBytes());
        }
        CollectionAssert.AreEqual(new[] { 400u, 600u, 401u, 601u }, _rig.TakeRecords().Select(r => r.Seq).ToArray());
    });

    [TestMethod]
    public void No_two_CPUs_give_the_same_number() => NetworkNamespaceScope.Run(static () =>
    {
        const int Threads = 4;
        const int Each = 300;
        var dns = Ends.V4.At(Services.OnlyUdp);
        var frame = dns.FromClient().Udp().Payload(10).ToBytes();
        _rig.Reset();
        _rig.Datagrams.Set(dns.Key, new DatagramSource { Next = 7 });
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                ProgramTest.Run(_rig.Object, Program, frame);
            }
        }))];
        Array.ForEach(threads, static t => t.Start());
        Array.ForEach(threads, static t => t.Join());
        CollectionAssert.AreEqual(
            Enumerable.Range(7, Threads * Each).Select(n => (uint)n).ToArray(),
            _rig.TakeRecords().Select(r => r.Seq).Order().ToArray());
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void An_offloaded_packet_is_many_datagrams(Ends ends) => NetworkNamespaceScope.Run(() =>
    {
        const int Size = 1000;
        var dns = ends.At(Services.OnlyUdp);
        var packet = dns.FromClient().Udp().Payload((3 * Size) + 1);
        _rig.Reset();
        _rig.Datagrams.Set(dns.Key, new DatagramSource { Next = 0xffffffff });
        var outcome = _rig.Run(Program, packet.ToBytes(), new SkbContext { GsoSize = Size, GsoSegments = 4 });
        outcome.AssertCounted("datagram_recorded", "datagram_recorded", "datagram_recorded", "datagram_recorded", "to_active");
        var payload = packet.Content.ToArray();
        var expected = Enumerable.Range(0, 4).Select(i => Fixtures.Recorded.Datagram(
            dns, payload.AsSpan(i * Size, Math.Min(Size, payload.Length - (i * Size))), unchecked(0xffffffff + (uint)i), GatewayRig.Alone));
        CollectionAssert.AreEqual(expected.ToArray(), _rig.TakeRecords().ToArray());
        Assert.IsTrue(_rig.Datagrams.TryGet(dns.Key, out var source));
        Assert.AreEqual(3u, source.Next);
    });

    [TestMethod]
    [DataRow(128, true)]
    [DataRow(129, false)]
    public void More_datagrams_than_the_kernel_puts_in_one_packet_are_forwarded_unseen(int datagrams, bool isRecorded) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        var packet = Ends.V4.At(Services.OnlyUdp).FromClient().Udp().Payload(datagrams);
        var outcome = _rig.Run(Program, packet.ToBytes(), new SkbContext { GsoSize = 1, GsoSegments = datagrams });
        Assert.AreEqual(Verdict.Ok, outcome.Verdict);
        outcome.AssertCounted(isRecorded ? [.. Enumerable.Repeat("datagram_recorded", datagrams), "to_active"] : ["pass_other", "to_active"]);
        Assert.HasCount(isRecorded ? datagrams : 0, _rig.TakeRecords());
    });

    private static GatewayFixture Numbered(Ends ends, string name, Packet packet, uint number = 5) => new(name, Program, ends, packet)
    {
        Source = new DatagramSource { LastNs = 1, Next = number },
        SourceThen = s => s!.Value with { Next = unchecked(number + 1) },
        Leaves = packet.To(Scene.Node0),
        Counts = ["datagram_recorded", "to_active"],
        Records = [RecordKind.Datagram],
    };

    private static IEnumerable<GatewayFixture> Recorded(Ends family)
    {
        foreach (var port in new[] { Services.OnlyUdp, Services.FirstOfRange, Services.LastOfRange })
        {
            yield return Numbered(family.At(port), $"port {port}", family.At(port).FromClient().Udp().Payload(30));
        }
        var ends = family.At(Services.OnlyUdp);
        var datagram = ends.FromClient().Udp();

        // A test run takes frames up to 3,712 bytes; the larger size classes are those of segments.
        const int LargestFrame = 3712;
        foreach (var payload in new[] { 0, 1, 255, 256, 257, 1472, 1536, 1537, LargestFrame - datagram.TransportOffset - 8 })
        {
            yield return Numbered(ends, $"{payload} bytes", datagram.Payload(payload));
        }
        yield return Numbered(ends, "without Ethernet's padding", datagram.Payload(3).Padded(9));
        yield return Numbered(ends, "without what follows the datagram's own end", datagram.Payload(3).Padded(9).IPLength((ends.IsV6 ? 0 : 20) + 8 + 3 + 9));
        yield return ends.IsV6
            ? Numbered(ends, "behind extension headers", datagram.Payload(3).Extension(0).Extension(60, 3))
            : Numbered(ends, "behind IP options", datagram.Payload(3).IPOptions(new byte[40]));
    }

    private static IEnumerable<GatewayFixture> Numbers(Ends family)
    {
        var ends = family.At(Services.OnlyUdp);
        var datagram = ends.FromClient().Udp().Payload(9);
        yield return Numbered(ends, "beyond 16 bits", datagram, 0x12345);
        yield return Numbered(ends, "before the wrap", datagram, uint.MaxValue);
        yield return Numbered(ends, "after it", datagram, 0);
        yield return Numbered(ends, "what the sender put there stays", datagram.Identified(0x1234, 0xabcde), 77) with
        {
            Assignment = new(7, 0, 0b110),
            Counts = ["datagram_recorded", "copied_to_replica", "copied_to_replica", "to_active"],
        };
        yield return Numbered(ends, "also 'do not fragment'", datagram.Identified(0xffff, 0).Atomic(), 77) with
        {
            Assignment = new(7, 0, 0b10), Counts = ["datagram_recorded", "copied_to_replica", "to_active"],
        };
        foreach (var (replicas, copies) in new (byte, string[])[] { (0b10, ["copied_to_replica"]), (0, []) })
        {
            yield return Numbered(ends, $"but no mark of a copy, {copies.Length} replicas", datagram.Numbered(3), 77) with
            {
                Assignment = new(7, 0, replicas),
                Leaves = datagram.Identified(3, 0x10003).To(Scene.Node0),
                Counts = ["datagram_recorded", .. copies, "to_active"],
            };
        }
        yield return Numbered(ends, "under another node", datagram) with { Assignment = new(8, 2, 0), Leaves = datagram.To(Scene.Node2) };
        yield return Numbered(ends, "while nobody holds the service", datagram) with
        {
            Assignment = Assignment.None, Verdict = Verdict.Shot, Leaves = null, Counts = ["datagram_recorded", "drop_no_active"],
        };
    }

    /// <summary>What is no datagram for a service is forwarded and no more.</summary>
    private static IEnumerable<GatewayFixture> Forwarded(Ends family)
    {
        var ends = family.At(Services.OnlyUdp);
        var datagram = ends.FromClient().Udp().Payload(16);
        GatewayFixture Passes(string name, Packet packet, string counter) => new($"{name} is only forwarded", Program, ends, packet)
        {
            Assignment = new(7, 0, 0b110), Leaves = packet.To(Scene.Node0), Counts = [counter, "to_active"],
        };

        yield return Passes("a datagram for a TCP service", family.FromClient().Udp().Payload(16), "pass_other");
        yield return Passes("a datagram for no service", family.At(53).FromClient().Udp().Payload(16), "pass_other");
        yield return Passes("another protocol", datagram.Protocol(ProtocolType.Icmp), "pass_other");
        yield return Passes("UDP-Lite", datagram.Protocol((ProtocolType)136), "pass_other");
        yield return Passes("a first fragment", datagram.Fragment(0, more: true), "pass_fragment");
        yield return Passes("a last fragment", datagram.Fragment(2, more: false), "pass_fragment");
        yield return new("a copy on its way to a replica passes unseen", Program, ends, datagram) { Context = new() { Mark = 0x54324152 } };
        yield return new("what is said to a client that has sent nothing is forwarded", GatewayRig.Ingress, ends, ends.FromService().Udp().Payload(16))
        {
            Assignment = new(7, 0, 0b110), Counts = ["to_client", "pass_other"],
        };
        yield return new("a replica's answer is not", GatewayRig.Ingress, ends, ends.FromService().Udp().Payload(16).From(Scene.Node1))
        {
            Verdict = Verdict.Shot, Counts = ["drop_fenced"],
        };
    }

    private static IEnumerable<GatewayFixture> Malformed(Ends family)
    {
        var ends = family.At(Services.OnlyUdp);
        var datagram = ends.FromClient().Udp().Payload(16);
        foreach (var (name, packet) in new[]
        {
            ("a length of 0", datagram.DatagramLength(0)),
            ("a length shorter than the header", datagram.DatagramLength(7)),
            ("a length one beyond the IP datagram", datagram.DatagramLength(25)),
            ("a length beyond it, in the padding", datagram.DatagramLength(25).Padded(10)),
            ("an IP length that ends within the header", datagram.IPLength((ends.IsV6 ? 0 : 20) + 7)),
            ("an IP length one beyond the frame", datagram.IPLength((ends.IsV6 ? 0 : 20) + 25)),
        })
        {
            yield return new($"{name} is dropped", Program, ends, packet) { Verdict = Verdict.Shot, Counts = ["drop_malformed"] };
        }
    }
}
