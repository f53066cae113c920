using Appliance.Datagrams;

namespace Appliance.Tests.Unit.Datagrams;

[TestClass]
public sealed class DatagramGapsTests
{
    [TestMethod]
    public void The_16_bits_of_a_number_lead_back_to_the_nearest()
    {
        var random = new Random(1);
        for (var i = 0; i < 100_000; i++)
        {
            var next = (uint)random.NextInt64(1L << 32);
            var number = unchecked(next - 1 + (uint)random.Next(-32_768, 32_768));
            var told = (number & 0xffff) | ((uint)random.Next(65_536) << 16);
            Assert.AreEqual(number, DatagramGaps.Extend(told, next), $"{told} near {next}");
        }
    }

    [TestMethod]
    [DataRow(0u, 1u, 0u)]
    [DataRow(0xffffu, 0x10000u, 0xffffu)]
    [DataRow(0u, 0x10000u, 0x10000u, DisplayName = "the node is ahead of what was read of the record")]
    [DataRow(0xffffu, 0x10001u, 0xffffu)]
    [DataRow(0xffffu, 0u, 0xffff_ffffu)]
    [DataRow(5u, 0u, 5u, DisplayName = "around 32 bits")]
    public void Numbers_at_the_edges(uint told, uint next, uint number) => Assert.AreEqual(number, DatagramGaps.Extend(told, next));

    [TestMethod]
    public void Every_bit_stands_for_a_number()
    {
        var arrived = new ulong[16];
        arrived[0] = 0b101;
        arrived[15] = 1UL << 63;
        foreach (var highest in new[] { 5000u, 2u, 0u, uint.MaxValue })
        {
            foreach (var (below, expected) in new[] { (0, true), (1, false), (2, true), (3, false), (1022, false), (1023, true), (1024, true), (40_000, true), (-1, false), (-9, false) })
            {
                Assert.AreEqual(expected, DatagramGaps.HasArrived(unchecked(highest - (uint)below), highest, arrived), $"{below} below {highest}");
            }
        }
    }

    [TestMethod]
    public void Gaps_come_in_order_and_as_many_as_fit()
    {
        var window = Window(100, 20);
        var arrived = new ulong[16];
        arrived[0] = 0b1101_0001;
        Span<uint> numbers = stackalloc uint[16];
        var count = DatagramGaps.Find(window, 110, arrived, ulong.MaxValue, numbers);
        CollectionAssert.AreEqual(
            new uint[] { 100, 101, 102, 105, 107, 108, 109, 111, 112, 113, 114, 115, 116, 117, 118, 119 }, numbers[..count].ToArray());
        count = DatagramGaps.Find(window, 110, arrived, ulong.MaxValue, numbers[..3]);
        CollectionAssert.AreEqual(new uint[] { 100, 101, 102 }, numbers[..count].ToArray());
    }

    [TestMethod]
    public void What_is_not_in_the_window_is_not_sought()
    {
        var window = Window(100, 5);
        window.Remove(102);
        Span<uint> numbers = stackalloc uint[16];
        var count = DatagramGaps.Find(window, 104, new ulong[16], ulong.MaxValue, numbers);
        CollectionAssert.AreEqual(new uint[] { 100, 101, 103, 104 }, numbers[..count].ToArray());
    }

    [TestMethod]
    public void Young_ones_may_still_be_under_way()
    {
        Span<uint> numbers = stackalloc uint[16];
        var count = DatagramGaps.FindAll(Window(100, 5), 103, numbers);
        CollectionAssert.AreEqual(new uint[] { 100, 101, 102 }, numbers[..count].ToArray());
    }

    [TestMethod]
    public void Of_an_unknown_flow_all_is_lacking()
    {
        Span<uint> numbers = stackalloc uint[16];
        foreach (var first in new uint[] { 0, 1, 65_535, 0xffff_fffe })
        {
            var count = DatagramGaps.FindAll(Window(first, 4), ulong.MaxValue, numbers);
            CollectionAssert.AreEqual(new[] { first, first + 1, first + 2, first + 3 }, numbers[..count].ToArray());
        }
        Assert.AreEqual(0, DatagramGaps.FindAll(new DatagramWindow(new DatagramMemory(0)), ulong.MaxValue, numbers));
    }

    [TestMethod]
    public void What_has_arrived_is_forgotten()
    {
        var window = Window(100, 10);
        var arrived = new ulong[16];
        arrived[0] = 0b1011;
        DatagramGaps.RemoveArrived(window, 105, arrived);
        Assert.AreEqual(7, window.Count);
        foreach (var number in new uint[] { 102, 104, 105 })
        {
            Assert.IsFalse(window.TryGet(number, out _));
        }
        Assert.AreEqual(110u, window.Next);
    }

    /// <summary>
    /// Copies are lost, repeated and late; what a node tells comes late, too. In the end each datagram has gone up the node's stack exactly
    /// once, around 16 bits many times.
    /// </summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(20)]
    [DataRow(60)]
    public void Every_datagram_arrives_exactly_once(int lossPercent)
    {
        const int Datagrams = 300_000;
        const int Batch = 40;
        var random = new Random(lossPercent);
        var node = new NodeModel();
        var window = new DatagramWindow(new DatagramMemory(long.MaxValue));
        var delivered = new int[Datagrams];
        var first = 0xffff_ff00u;
        Span<uint> lacking = stackalloc uint[256];
        for (var sent = 0; sent < Datagrams;)
        {
            var end = Math.Min(sent + random.Next(1, Batch), Datagrams);
            int[] batch = [.. Enumerable.Range(sent, end - sent)];
            foreach (var i in batch)
            {
                Assert.IsTrue(window.Add(first + (uint)i, [(byte)i], (ulong)i));
            }
            foreach (var i in batch.OrderBy(i => i + random.Next(4)).Where(_ => random.Next(100) >= lossPercent))
            {
                delivered[i] += node.Receive(first + (uint)i, isRepair: false) ? 1 : 0;
            }
            sent = end;

            // The bound keeps what is young from being sent twice; the last round has none.
            var recordedBefore = sent == Datagrams ? ulong.MaxValue : (ulong)Math.Max(0, sent - Batch);
            var count = node.Knows
                ? DatagramGaps.Find(window, node.Highest, node.Arrived(), recordedBefore, lacking)
                : DatagramGaps.FindAll(window, recordedBefore, lacking);
            foreach (var number in lacking[..count])
            {
                Assert.IsTrue(window.TryGet(number, out var datagram));
                var i = unchecked((int)(number - first));
                Assert.AreEqual((byte)i, datagram.Payload.Span[0]);
                delivered[i] += node.Receive(number, isRepair: true) ? 1 : 0;
            }
            if (node.Knows)
            {
                DatagramGaps.RemoveArrived(window, node.Highest, node.Arrived());
            }
        }
        Assert.AreEqual(0, delivered.Count(static d => d != 1));
        Assert.AreEqual(0, window.Count);
    }

    /// <summary>One byte each, recorded at the time of their number.</summary>
    private static DatagramWindow Window(uint first, int count)
    {
        var window = new DatagramWindow(new DatagramMemory(1 << 20));
        for (var i = 0u; i < count; i++)
        {
            window.Add(first + i, [(byte)i], unchecked(first + i));
        }
        return window;
    }
}
