using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Node;

/// <summary>Numbered datagrams at a node: each goes up the stack once, whoever brings it.</summary>
[TestClass]
public sealed class DatagramTests
{
    private const string Program = NodeRig.Ingress;

    private static readonly NodeState WithTap = NodeRig.Silent with { TapIfindex = 1 };

    private static NodeRig _rig = null!;

    public static IEnumerable<object[]> Cases => Rows.ForBoth(family =>
        Passing(family.At(Services.OnlyUdp)).Concat(Counted(family.At(Services.OnlyUdp))).Concat(Old(family.At(Services.OnlyUdp))).Concat(Offloaded(family.At(Services.OnlyUdp))));

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e });

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new NodeRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    internal void Handles(NodeFixture fixture) => NetworkNamespaceScope.Run(() => fixture.Check(_rig));

    /// <summary>
    /// Losses, repetitions, late ones and leaps in a fixed random order, around the 16 bits many times: what goes up, and what the node
    /// tells of it, is what a model with unlimited numbers says.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Any_sequence_goes_up_as_a_model_says(Ends family) => NetworkNamespaceScope.Run(() =>
    {
        const int Rounds = 6000;
        var ends = family.At(Services.OnlyUdp);
        var random = new Random(4);
        var arrived = new HashSet<long>();
        var highest = 100_000L;
        _rig.Reset();
        var frame = ends.FromClient().Udp().Numbered((uint)highest);
        Assert.AreEqual(Verdict.Ok, Run(frame));
        arrived.Add(highest);
        for (var i = 0; i < Rounds; i++)
        {
            var number = random.Next(10) switch
            {
                < 5 => highest + 1,
                < 7 => highest - random.Next(900),
                < 8 => highest - random.Next(80),
                < 9 => highest + random.Next(1, 200),
                _ => highest + (random.Next(6) == 0 ? random.Next(1, 30_000) : random.Next(1, 3)),
            };
            var isNew = arrived.Add(number);
            Assert.AreEqual(isNew ? Verdict.Ok : Verdict.Stolen, Run(frame.Numbered((uint)number)), $"round {i}: {number}, highest {highest}");
            highest = Math.Max(highest, number);
            if (i % 50 == 0)
            {
                AssertTold(ends, highest, arrived);
            }
        }
        Assert.IsGreaterThan(100_000 + (10L * 65_536), highest);
    });

    private static IEnumerable<NodeFixture> Passing(Ends ends)
    {
        var datagram = ends.FromClient().Udp().Payload(20);
        foreach (var (name, packet, state) in new[]
        {
            ("an original passes a silent node", datagram, NodeRig.Silent),
            ("whatever its identification and label", datagram.Identified(0xffff, 0x4ffff), NodeRig.Silent),
            ("and the highest label", datagram.Identified(7, 0xfffff), NodeRig.Silent),
            ("an active node takes everything for an original", datagram.Numbered(9), NodeRig.Active),
            ("one that took over does, too", datagram.Numbered(9), NodeRig.TookOver),
            ("a port without a service", ends.At(53).FromClient().Udp().Numbered(9), NodeRig.Silent),
            ("a port of a TCP service", ends.At(5432).FromClient().Udp().Numbered(9), NodeRig.Silent),
            ("an address of the node's own", new Packet(ends.Service, ends.Client).Udp().Numbered(9) with { Source = ends.Client, Destination = ends.Client }, NodeRig.Silent),
            ("a fragment", datagram.Numbered(9).Fragment(0, more: true), NodeRig.Silent),
        })
        {
            yield return new($"unseen: {name}", Program, ends, packet) { State = state, Datagrams = Arrived(9, 9) };
        }
        yield return new("a length that lies is dropped", Program, ends, datagram.Numbered(9).DatagramLength(99))
        {
            Verdict = Verdict.Shot, Counts = ["drop_malformed"],
        };
        yield return new("an answer of another node is consumed", Program, ends, ends.FromService().Udp().Payload(9))
        {
            Verdict = Verdict.Stolen, Counts = ["server_copy_read"],
        };
        yield return new("its own answer is swallowed while it is silent", NodeRig.Egress, ends, ends.FromService().Udp().Payload(9))
        {
            Verdict = Verdict.Stolen, Counts = ["silenced"],
        };
        yield return new("its own answer passes when it is active", NodeRig.Egress, ends, ends.FromService().Udp().Payload(9)) { State = NodeRig.TookOver };
    }

    private static IEnumerable<NodeFixture> Counted(Ends ends)
    {
        yield return New(ends, "the first of a flow", 700, null, Arrived(700, 700));
        yield return New(ends, "the first of a flow, number 0", 0, null, Arrived(0, 0));
        yield return New(ends, "the next", 701, Arrived(700, 700), Arrived(701, 700, 701));
        yield return New(ends, "one after a loss", 710, Arrived(700, 700), Arrived(710, 700, 710));
        yield return New(ends, "the lost one", 705, Arrived(710, 700, 710), Arrived(710, 700, 705, 710));
        yield return Twice(ends, "the highest", 700, Arrived(700, 700));
        yield return Twice(ends, "one below", 690, Arrived(700, 690, 700));
        yield return New(ends, "the last of 16 bits", 0xffff, Arrived(0xfffe, 0xfffe), Arrived(0xffff, 0xfffe, 0xffff));
        yield return New(ends, "the next around 16 bits", 0, Arrived(0xffff, 0xffff), Arrived(0x10000, 0xffff, 0x10000));
        yield return Twice(ends, "one before the wrap of 16 bits", 0xfff0, Arrived(0x10005, 0xfff0, 0x10005));
        yield return New(ends, "a late one before that wrap", 0xfff1, Arrived(0x10005, 0xfff0, 0x10005), Arrived(0x10005, 0xfff0, 0xfff1, 0x10005));
        yield return New(ends, "a late one below the first", 0xffff, Arrived(2, 2), Arrived(2, 2, 0xffffffff));
        yield return New(ends, "the next around 32 bits", 0, Arrived(0xffffffff, 0xffffffff), Arrived(0, 0xffffffff, 0));
        yield return New(ends, "one into the next word", 704, Arrived(703, 640, 703), Arrived(704, 640, 703, 704));
        yield return New(ends, "one that pushes the oldest word out", 1024, Arrived(1023, 5, 64, 1023), Arrived(1024, 64, 1023, 1024));
        yield return New(ends, "one that leaves one word", 1023 + 64, Arrived(127, 63, 64, 127), Arrived(1023 + 64, 64, 127, 1023 + 64));
        yield return New(ends, "one that leaves nothing", 1023 + 65, Arrived(127, 63, 64, 127), Arrived(1023 + 65, 1023 + 65));
        yield return New(ends, "the furthest leap", 0x7fff, Arrived(0, 0), Arrived(0x7fff, 0x7fff));
        foreach (var (name, state) in new[] { ("at a silent node", WithTap), ("after a takeover", NodeRig.TookOver with { TapIfindex = 1 }) })
        {
            yield return New(ends, $"from the repair engine {name}", 705, Arrived(710, 710), Arrived(710, 705, 710)) with { State = state };
            yield return Twice(ends, $"from the repair engine {name}", 705, Arrived(710, 705, 710)) with { State = state };
            yield return New(ends, $"the first of a flow from the repair engine {name}", 705, null, Arrived(705, 705)) with { State = state };
        }
    }

    /// <summary>The words reach back to 15 before the highest number's own: from 700, whose word begins at 640, down to −320.</summary>
    private static IEnumerable<NodeFixture> Old(Ends ends)
    {
        var full = Arrived(5700, 5700);
        const uint Oldest = (5700 / 64 * 64) - 960;
        yield return New(ends, "the oldest that can be told", Oldest, full, Arrived(5700, Oldest, 5700));
        yield return New(ends, "one older: the gateway counts anew", Oldest - 1, full, Arrived(Oldest - 1, Oldest - 1));
        yield return New(ends, "half of the numbers older: likewise", 0x8000 + 5700, full, Arrived(0x8000 + 5700, 0x8000 + 5700));
        yield return New(ends, "the oldest that can be told, repaired", Oldest, full, Arrived(5700, Oldest, 5700)) with { State = WithTap };
        yield return Twice(ends, "one older, repaired: late", Oldest - 1, full) with { State = WithTap };
        yield return Twice(ends, "half of the numbers older, repaired: late", 0x8000 + 5700, full) with { State = WithTap };
    }

    private static IEnumerable<NodeFixture> Offloaded(Ends ends)
    {
        NodeFixture Three(NodeFixture fixture) => fixture with
        {
            Frame = fixture.Packet!.Payload(2500).ToBytes(), Context = new() { GsoSize = 1000, GsoSegments = 3 },
        };

        yield return Three(New(ends, "three in one", 700, null, Arrived(702, 700, 701, 702)));
        yield return Three(New(ends, "three in one, around 16 bits", 0xffff, Arrived(0xfffe), Arrived(0x10001, 0xffff, 0x10000, 0x10001)));
        yield return Three(New(ends, "three in one, over a word that was used", 1023, Arrived(1022, 3, 1022), Arrived(1025, 1022, 1023, 1024, 1025)));
        yield return Three(Twice(ends, "three in one, the first", 700, Arrived(700, 700)));
        yield return Three(Twice(ends, "three in one, the last", 700, Arrived(710, 702)));
        yield return Three(New(ends, "three in one, late", 700, Arrived(710, 710), Arrived(710, 700, 701, 702, 710)));
    }

    private static NodeFixture New(Ends ends, string name, uint number, DatagramFlow? before, DatagramFlow after) =>
        new($"delivered: {name}", Program, ends, ends.FromClient().Udp().Payload(20).Numbered(number))
        {
            Datagrams = before, DatagramsThen = _ => after, Counts = ["datagram_delivered"],
        };

    private static NodeFixture Twice(Ends ends, string name, uint number, DatagramFlow before) =>
        New(ends, name, number, before, before) with
        {
            Name = $"consumed: {name}", Verdict = Verdict.Stolen, Counts = ["datagram_duplicate"],
        };

    private static DatagramFlow Arrived(uint highest, params uint[] numbers)
    {
        var flow = new DatagramFlow { LastNs = 1, Highest = highest };
        foreach (var n in numbers)
        {
            flow.Received[(int)(n / 64 % DatagramFlow.WordCount)] |= 1UL << (int)(n % 64);
        }
        return flow;
    }

    private static Verdict Run(Packet packet) => (Verdict)ProgramTest.Run(_rig.Object, Program, packet.ToBytes()).Verdict;

    private static void AssertTold(Ends ends, long highest, HashSet<long> arrived)
    {
        Assert.IsTrue(_rig.Datagrams.TryGet(ends.Key, out var flow));
        Assert.AreEqual((ushort)highest, (ushort)flow.Highest);
        Span<ulong> told = stackalloc ulong[DatagramFlow.WordCount];
        flow.CopyArrived(told);
        for (var age = 0; age < 1024; age++)
        {
            var isTold = (told[age / 64] & (1UL << (age % 64))) != 0;
            var isForgotten = (highest - age) / 64 <= (highest / 64) - DatagramFlow.WordCount;
            Assert.AreEqual(isForgotten || arrived.Contains(highest - age), isTold, $"{age} below {highest}");
        }
    }
}
