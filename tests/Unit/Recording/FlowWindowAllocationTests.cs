using Appliance.Recording;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recording;

/// <summary>The recorder's garbage would be paid by every flow.</summary>
[TestClass]
public sealed class FlowWindowAllocationTests : IDisposable
{
    private readonly ChunkPool _pool = new(1 << 20);
    private readonly FlowWindow _window;
    private readonly byte[] _payload = new byte[64];
    private readonly byte[] _destination = new byte[1500];
    private long _offset;

    public FlowWindowAllocationTests() => _window = new FlowWindow(_pool, clientIsn: 1, maxBytes: 1 << 20);

    public void Dispose() => _window.Dispose();

    [TestMethod]
    public void Requests_in_order_allocate_nothing() => AllocatesNothing(100_000, i =>
    {
        Append(_offset, (uint)i);
        _offset += _payload.Length;
        if (i % 200 == 0)
        {
            _window.Release(_offset);
        }
    });

    [TestMethod]
    public void Neither_does_a_window_that_is_never_empty() => AllocatesNothing(100_000, i =>
    {
        Append(_offset, 1);
        _offset += _payload.Length;
        _window.Release(_offset - 20_000);
        _window.TryRead(_offset - 1000, _destination, out _);
    });

    [TestMethod]
    public void Nor_do_reordering_and_retransmission() => AllocatesNothing(20_000, i =>
    {
        Append(_offset + (3 * _payload.Length), (uint)i);
        Append(_offset + _payload.Length, (uint)i);
        Append(_offset, (uint)i);
        Append(_offset + (2 * _payload.Length), (uint)i);
        Append(_offset + 10, (uint)i);
        _offset += 4 * _payload.Length;
        _window.Release(_offset - 5000);
    });

    private void Append(long offset, uint ack) =>
        _window.Append(_window.SequenceOf(offset), ack, fin: false, _payload, nowNs: 0);

    private static void AllocatesNothing(int count, Action<int> step)
    {
        Steps(10_000);
        Assert.AreEqual(0, AllocatedBytes.Of(() => Steps(count)));

        void Steps(int number)
        {
            for (var i = 0; i < number; i++)
            {
                step(i);
            }
        }
    }
}
