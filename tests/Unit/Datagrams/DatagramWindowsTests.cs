using System.Net;
using Appliance.Bpf.Layout;
using Appliance.Datagrams;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Datagrams;

[TestClass]
public sealed class DatagramWindowsTests
{
    private static readonly byte[] Kilobyte = new byte[1024];

    [TestMethod]
    public void Each_end_of_a_client_has_its_own()
    {
        var windows = Windows(1 << 20);
        Assert.IsTrue(windows.Record(Key(1), 7, [1], 1));
        Assert.IsTrue(windows.Record(Key(2), 7, [2], 2));
        Assert.IsFalse(windows.Record(Key(2), 7, [3], 3));
        Assert.IsTrue(windows.TryGet(Key(1), out var window));
        Assert.IsTrue(window.TryGet(7, out var datagram));
        Assert.AreEqual(1, datagram.Payload.Span[0]);
        Assert.IsFalse(windows.TryGet(Key(3), out _));
        Assert.AreEqual("1 2", Ports(windows));
    }

    [TestMethod]
    public void When_memory_is_out_the_longest_silent_gives_way_from_its_oldest()
    {
        var windows = Windows(4 * 1024);
        foreach (var port in new[] { 1, 1, 2, 3 })
        {
            windows.Record(Key(port), windows.TryGet(Key(port), out var w) ? w.Next : 10, Kilobyte, 1);
        }
        Assert.IsTrue(windows.Record(Key(2), 11, Kilobyte, 2));
        Assert.IsTrue(windows.TryGet(Key(1), out var first));
        Assert.IsTrue(!first.TryGet(10, out _) && first.TryGet(11, out _));
        Assert.IsTrue(windows.Record(Key(2), 12, Kilobyte, 3));
        Assert.IsTrue(windows.Record(Key(2), 13, Kilobyte, 4));
        Assert.AreEqual("3 2", Ports(windows), "who has nothing left is forgotten at the next need");
        Assert.IsTrue(windows.Record(Key(2), 14, Kilobyte, 5), "in the end its own");
        Assert.AreEqual("2", Ports(windows));
        Assert.IsTrue(windows.TryGet(Key(2), out var only));
        Assert.AreEqual((11u, 15u, 4), (only.Start, only.Next, only.Count));
    }

    [TestMethod]
    public void What_is_larger_than_the_memory_is_refused()
    {
        var windows = Windows(1024);
        Assert.IsTrue(windows.Record(Key(1), 1, Kilobyte, 1));
        Assert.IsFalse(windows.Record(Key(2), 1, new byte[2000], 2));
        Assert.IsTrue(windows.Record(Key(2), 2, Kilobyte, 3));
    }

    [TestMethod]
    public void One_too_many_pushes_the_longest_silent_out()
    {
        var windows = new DatagramWindows(new DatagramMemory(1 << 20), maxFlows: 2);
        windows.Record(Key(1), 1, [1], 1);
        windows.Record(Key(2), 1, [1], 2);
        windows.Record(Key(1), 2, [1], 3);
        windows.Record(Key(3), 9, [1], 4);
        Assert.AreEqual("1 3", Ports(windows));
        Assert.IsTrue(windows.TryGet(Key(3), out var window));
        Assert.AreEqual((9u, 10u, 1), (window.Start, window.Next, window.Count), "nothing of whoever had the window before");
    }

    [TestMethod]
    public void The_silent_are_forgotten_by_time_and_by_name()
    {
        var memory = new DatagramMemory(1 << 20);
        var windows = new DatagramWindows(memory, maxFlows: 10);
        for (var port = 1; port <= 4; port++)
        {
            windows.Record(Key(port), 1, Kilobyte, (ulong)port);
        }
        windows.Record(Key(1), 2, Kilobyte, 5);
        Assert.AreEqual(2, windows.RemoveSilent(4));
        Assert.AreEqual("4 1", Ports(windows));
        Assert.IsTrue(windows.Remove(Key(4)));
        Assert.IsFalse(windows.Remove(Key(4)));
        Assert.AreEqual(1, windows.RemoveSilent(ulong.MaxValue));
        Assert.AreEqual((0, 0L), (windows.Count, memory.UsedBytes));
    }

    /// <summary>A resolver's traffic: every query from another port.</summary>
    [TestMethod]
    public void A_steady_state_allocates_nothing()
    {
        var windows = new DatagramWindows(new DatagramMemory(1 << 20), maxFlows: 64);
        var keys = Enumerable.Range(1, 500).Select(Key).ToArray();
        Record(1);
        Record(2);
        Assert.AreEqual(0, AllocatedBytes.Of(() => Record(3)));

        void Record(ulong now)
        {
            foreach (var key in keys)
            {
                windows.Record(key, 1, Kilobyte, now);
            }
        }
    }

    private static DatagramWindows Windows(long maxBytes) => new(new DatagramMemory(maxBytes), maxFlows: 100);

    private static FlowKey Key(int port) => (Ends.V4 with { Client = new IPEndPoint(Ends.V4.Client.Address, port) }).Key;

    private static string Ports(DatagramWindows windows)
    {
        var ports = new List<int>();
        windows.ForEach((key, _) => ports.Add(key.ClientPort));
        return string.Join(' ', ports);
    }
}
