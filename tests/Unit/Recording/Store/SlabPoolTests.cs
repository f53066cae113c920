using Appliance.Gateway.Recording.Store;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recording.Store;

[TestClass]
public sealed class SlabPoolTests
{
    [TestMethod]
    public void Payloads_do_not_touch_each_other()
    {
        var pool = new SlabPool();
        var random = new Random(1);
        var live = new Queue<(byte Fill, Payload Payload)>();
        for (var i = 0; i < 20_000; i++)
        {
            live.Enqueue(((byte)i, pool.Copy(Enumerable.Repeat((byte)i, random.Next(1, i % 1000 == 0 ? 400_000 : 2000)).ToArray())));
            if (live.Count > 500)
            {
                var (fill, payload) = live.Dequeue();
                Assert.IsLessThan(0, payload.Memory.Span.IndexOfAnyExcept(fill));
                payload.Free();
            }
        }
    }

    [TestMethod]
    public void Steady_use_allocates_nothing()
    {
        var pool = new SlabPool();
        var bytes = new byte[1448];
        Run(10_000);
        Assert.IsLessThan(100_000L, AllocatedBytes.Of(() => Run(100_000)), "bytes for 100,000 payloads");

        void Run(int count)
        {
            for (var i = 0; i < count; i++)
            {
                pool.Copy(bytes).Free();
            }
        }
    }
}
