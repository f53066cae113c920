using Appliance.Datagrams;

namespace Appliance.Tests.Unit.Datagrams;

[TestClass]
public sealed class DatagramWindowTests
{
    private const ulong Ns = 1000;

    [TestMethod]
    [DataRow(0u)]
    [DataRow(70_000u)]
    [DataRow(0xffff_fffeu, DisplayName = "around 32 bits")]
    public void Holds_datagrams_by_number(uint first)
    {
        var window = Window();
        for (var i = 0u; i < 10; i++)
        {
            Assert.IsTrue(window.Add(first + i, Payload((int)i), Ns + i));
        }
        Assert.AreEqual((first, first + 10, 10, 45L), (window.Start, window.Next, window.Count, window.Bytes));
        for (var i = 0u; i < 10; i++)
        {
            Assert.IsTrue(window.TryGet(first + i, out var datagram));
            Assert.AreEqual(Ns + i, datagram.RecordedNs);
            CollectionAssert.AreEqual(Payload((int)i), datagram.Payload.ToArray());
        }
        Assert.IsFalse(window.TryGet(first - 1, out _));
        Assert.IsFalse(window.TryGet(first + 10, out _));
    }

    [TestMethod]
    public void A_number_counts_once()
    {
        var window = Window();
        Assert.IsTrue(window.Add(5, Payload(3), Ns));
        Assert.IsFalse(window.Add(5, Payload(9), Ns + 1));
        Assert.IsTrue(window.TryGet(5, out var datagram));
        Assert.AreEqual((3, Ns), (datagram.Payload.Length, datagram.RecordedNs));
    }

    [TestMethod]
    public void Numbers_may_come_out_of_order_and_be_missing()
    {
        var window = Window();
        foreach (var number in new uint[] { 10, 14, 12, 8 })
        {
            Assert.IsTrue(window.Add(number, Payload(1), Ns));
        }
        Assert.AreEqual((8u, 15u, 4), (window.Start, window.Next, window.Count));
        CollectionAssert.AreEqual(new uint[] { 8, 10, 12, 14 }, Numbers(window));
    }

    [TestMethod]
    public void The_oldest_make_room_in_the_span()
    {
        var window = Window(capacity: 8);
        for (var number = 0u; number < 20; number++)
        {
            window.Add(number, Payload(1), Ns);
        }
        Assert.AreEqual((12u, 20u, 8), (window.Start, window.Next, window.Count));
        Assert.IsTrue(window.Add(25, Payload(1), Ns));
        CollectionAssert.AreEqual(new uint[] { 18, 19, 25 }, Numbers(window));
        Assert.IsTrue(window.Add(10_000, Payload(1), Ns));
        CollectionAssert.AreEqual(new uint[] { 10_000 }, Numbers(window));
    }

    [TestMethod]
    public void One_that_it_has_passed_begins_a_new_count()
    {
        var window = Window(capacity: 8);
        window.Add(100, Payload(1), Ns);
        Assert.IsTrue(window.Add(93, Payload(1), Ns), "only late");
        CollectionAssert.AreEqual(new uint[] { 93, 100 }, Numbers(window));
        Assert.IsTrue(window.Add(92, Payload(1), Ns), "the gateway had forgotten the client's end");
        CollectionAssert.AreEqual(new uint[] { 92 }, Numbers(window));
        Assert.AreEqual((92u, 93u), (window.Start, window.Next));
    }

    [TestMethod]
    public void What_is_removed_is_gone_and_the_numbers_go_on()
    {
        var memory = new DatagramMemory(1 << 20);
        var window = new DatagramWindow(memory);
        foreach (var number in new uint[] { 7, 8, 9 })
        {
            window.Add(number, Payload(100), Ns);
        }
        Assert.IsTrue(window.Remove(8));
        Assert.IsFalse(window.Remove(8));
        Assert.IsFalse(window.Remove(6));
        Assert.IsTrue(window.Remove(7));
        Assert.AreEqual((9u, 10u, 1), (window.Start, window.Next, window.Count));
        Assert.IsTrue(window.Remove(9));
        Assert.AreEqual((10u, 10u, 0, 0L, 0L), (window.Start, window.Next, window.Count, window.Bytes, memory.UsedBytes));
        Assert.IsFalse(window.EvictOldest());
        Assert.IsTrue(window.Add(9, Payload(1), Ns), "late");
        Assert.AreEqual((9u, 10u), (window.Start, window.Next));
    }

    [TestMethod]
    public void The_oldest_go_by_number_and_by_age()
    {
        var window = Window();
        foreach (var number in new uint[] { 3, 5, 6, 9 })
        {
            window.Add(number, Payload(1), Ns + number);
        }
        Assert.IsTrue(window.EvictOldest());
        CollectionAssert.AreEqual(new uint[] { 5, 6, 9 }, Numbers(window));
        window.EvictBefore(Ns + 6);
        CollectionAssert.AreEqual(new uint[] { 6, 9 }, Numbers(window));
        window.EvictBefore(ulong.MaxValue);
        Assert.AreEqual((10u, 10u, 0), (window.Start, window.Next, window.Count));
    }

    [TestMethod]
    public void Memory_is_bounded_over_all_windows_and_comes_back()
    {
        var memory = new DatagramMemory(4096);
        var (a, b) = (new DatagramWindow(memory), new DatagramWindow(memory));
        Assert.IsTrue(a.Add(1, new byte[2048], Ns));
        Assert.IsTrue(b.Add(1, new byte[2048], Ns));
        Assert.IsFalse(b.Add(2, new byte[1], Ns));
        Assert.AreEqual((3u, 1), (b.Next, b.Count), "recorded, but there is nothing of it");
        Assert.IsTrue(b.Add(3, [], Ns), "nothing costs nothing");
        Assert.IsTrue(a.EvictOldest());
        Assert.IsTrue(b.Add(2, new byte[1], Ns));
        a.Dispose();
        b.Dispose();
        Assert.AreEqual(0, memory.UsedBytes);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    [DataRow(1000)]
    public void The_span_is_a_power_of_two(int capacity) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Window(capacity));

    /// <summary>Against a dictionary, around 32 bits, in a fixed random order.</summary>
    [TestMethod]
    public void Any_sequence_leaves_what_a_model_holds()
    {
        const int Capacity = 64;
        var random = new Random(2);
        var memory = new DatagramMemory(long.MaxValue);
        var window = new DatagramWindow(memory, Capacity);
        var model = new Dictionary<uint, int>();
        var next = 0xffff_f000u;
        for (var i = 0; i < 20_000; i++)
        {
            var number = next + (uint)(random.Next(4) == 0 ? -random.Next(1, Capacity + 1) : random.Next(20) == 0 ? random.Next(100) : 0);
            if (random.Next(5) == 0)
            {
                Assert.AreEqual(model.Remove(number), window.Remove(number));
                continue;
            }
            var length = random.Next(0, 40);
            Assert.AreEqual(model.TryAdd(number, length), window.Add(number, Payload(length), Ns), $"round {i}");
            if ((int)(number - next) >= 0)
            {
                next = number + 1;
            }
            foreach (var old in model.Keys.Where(n => next - n > Capacity).ToArray())
            {
                model.Remove(old);
            }
            Assert.AreEqual((next, model.Count, (long)model.Values.Sum()), (window.Next, window.Count, window.Bytes));
        }
        foreach (var (number, length) in model)
        {
            Assert.IsTrue(window.TryGet(number, out var datagram));
            Assert.AreEqual(length, datagram.Payload.Length);
        }
        window.Clear();
        Assert.AreEqual(0, memory.UsedBytes);
    }

    private static DatagramWindow Window(int capacity = DatagramWindow.DefaultCapacity) => new(new DatagramMemory(1 << 20), capacity);

    private static byte[] Payload(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i + length))];

    private static uint[] Numbers(DatagramWindow window) =>
        [.. Enumerable.Range(0, (int)(window.Next - window.Start)).Select(i => window.Start + (uint)i).Where(n => window.TryGet(n, out _))];
}
