using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Datagrams;
using Appliance.Native;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Node;

/// <summary>What a node learns of the datagrams that have arrived, without reading its whole table.</summary>
[TestClass]
public sealed class DatagramArrivalsTests
{
    private static readonly Ends[] Flows = [Ends.V4.At(Services.OnlyUdp), Ends.V6.At(Services.OnlyUdp)];

    private static NodeRig _rig = null!;

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new NodeRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    public void Each_flow_is_told_when_something_has_arrived() => WithArrivals(static arrivals =>
    {
        Assert.AreEqual(string.Empty, Told(arrivals));
        Receive(Flows[0], 5, 6, 8);
        Receive(Flows[1], 0xffff, 0);
        Assert.AreEqual("IPv4 8: 0 2 3, IPv6 65536: 0 1", Told(arrivals));
        Assert.AreEqual(string.Empty, Told(arrivals));
    });

    [TestMethod]
    public void What_comes_soon_after_is_told_though_the_hook_does_not_name_the_flow_again() => WithArrivals(static arrivals =>
    {
        Receive(Flows[0], 5);
        Assert.AreEqual("IPv4 5: 0", Told(arrivals));
        Receive(Flows[0], 6);
        Assert.AreEqual("IPv4 6: 0 1", Told(arrivals));
    });

    [TestMethod]
    public void A_flow_that_was_quiet_is_told_again() => WithArrivals(static arrivals =>
    {
        const ulong Later = 1_000_000_000;
        Receive(Flows[0], 5);
        Assert.AreEqual("IPv4 5: 0", Told(arrivals));
        Assert.AreEqual(string.Empty, Told(arrivals, Later), "not looked at from here on");
        SinceTold(Flows[0], TimeSpan.FromMilliseconds(5));
        Receive(Flows[0], 6);
        Assert.AreEqual("IPv4 6: 0 1", Told(arrivals, 2 * Later));
    });

    [TestMethod]
    public void A_new_listener_is_told_everything() => WithArrivals(static arrivals =>
    {
        Receive(Flows[0], 5);
        Receive(Flows[1], 7);
        Told(arrivals);
        var told = new List<string>();
        arrivals.CollectAll(0, Add(told));
        CollectionAssert.AreEquivalent(new[] { "IPv4 5: 0", "IPv6 7: 0" }, told);
        told.Clear();
        arrivals.CollectAll(LastNs(Flows[1]), Add(told));
        CollectionAssert.AreEqual(new[] { "IPv6 7: 0" }, told, "those of lately");
    });

    [TestMethod]
    public void A_flow_that_went_on_unseen_begins_anew_once_it_is_forgotten() => WithArrivals(static arrivals =>
    {
        Receive(Flows[0], 5);
        Receive(Flows[1], 7);
        Told(arrivals);
        arrivals.Forget(LastNs(Flows[1]));
        Receive(Flows[0], 65_536 + 4);
        Receive(Flows[1], 6);
        Assert.AreEqual("IPv4 4: 0, IPv6 7: 0 1", Told(arrivals));
    });

    [TestMethod]
    public void Repetitions_and_originals_change_nothing_that_is_told() => WithArrivals(static arrivals =>
    {
        Receive(Flows[0], 5, 5);
        ProgramTest.Run(_rig.Object, NodeRig.Ingress, Flows[1].FromClient().Udp().ToBytes());
        Assert.AreEqual("IPv4 5: 0", Told(arrivals));
    });

    private static void WithArrivals(Action<DatagramArrivals> test) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        using var arrivals = new DatagramArrivals(_rig.Object);
        test(arrivals);
    });

    private static void Receive(Ends ends, params uint[] numbers)
    {
        foreach (var number in numbers)
        {
            ProgramTest.Run(_rig.Object, NodeRig.Ingress, ends.FromClient().Udp().Numbered(number).ToBytes());
        }
    }

    private static ulong LastNs(Ends ends)
    {
        Assert.IsTrue(_rig.Datagrams.TryGet(ends.Key, out var flow));
        return flow.LastNs;
    }

    /// <summary>As if the hook had named the flow that long ago.</summary>
    private static void SinceTold(Ends ends, TimeSpan time)
    {
        Assert.IsTrue(_rig.Datagrams.TryGet(ends.Key, out var flow));
        flow.ToldNs -= MonotonicClock.Nanoseconds(time);
        _rig.Datagrams.Set(ends.Key, flow);
    }

    /// <summary>The highest number and how far below it the others are that have arrived.</summary>
    private static string Told(DatagramArrivals arrivals, ulong later = 0)
    {
        var told = new List<string>();
        arrivals.Collect(MonotonicClock.Now + later, Add(told));
        return string.Join(", ", told.Order(StringComparer.Ordinal));
    }

    private static ArrivalHandler Add(List<string> told) => (in FlowKey key, uint highest, ReadOnlySpan<ulong> arrived) =>
    {
        var words = arrived.ToArray();
        var ages = Enumerable.Range(0, 512).Where(i => (words[i / 64] & (1UL << (i % 64))) != 0);
        told.Add($"{(key.Client.IsIPv4 ? "IPv4" : "IPv6")} {highest}: {string.Join(' ', ages)}");
    };
}
