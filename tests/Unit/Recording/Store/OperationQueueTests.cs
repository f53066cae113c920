using Appliance.Gateway.Recording.Store;

namespace Appliance.Tests.Unit.Recording.Store;

[TestClass]
public sealed class OperationQueueTests : IDisposable
{
    private readonly OperationQueue _queue = new(1000);

    public void Dispose() => _queue.Dispose();

    [TestMethod]
    public void Payload_is_bounded_until_it_is_settled()
    {
        Assert.IsTrue(_queue.TryTake(new byte[600], out _));
        Assert.IsFalse(_queue.TryTake(new byte[401], out _));
        Assert.IsTrue(_queue.TryTake(new byte[400], out _));
        _queue.Settle(600);
        Assert.AreEqual(400, _queue.Bytes);
        Assert.IsTrue(_queue.TryTake(new byte[600], out _));
    }

    [TestMethod]
    public void Payload_is_copied()
    {
        byte[] bytes = [1, 2, 3];
        Assert.IsTrue(_queue.TryTake(bytes, out var payload));
        bytes[0] = 9;
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, payload.Memory.ToArray());
    }

    [TestMethod]
    public async Task Operations_come_in_the_order_of_their_tickets_from_all_threads()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++)
            {
                _queue.Add(new StoreOperation { Kind = OperationKind.Open });
            }
        })));
        for (var ticket = 1; ticket <= 20_000; ticket++)
        {
            Assert.IsTrue(_queue.TryNext(out var operation));
            Assert.AreEqual(ticket, operation.Ticket);
        }
        Assert.IsFalse(_queue.TryNext(out _));
    }

    [TestMethod]
    public async Task A_waiting_task_is_woken()
    {
        var waiting = _queue.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
        _queue.Add(new StoreOperation());
        Assert.IsTrue(await waiting);
        Assert.IsTrue(await _queue.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None), "there is one already");
        _queue.TryNext(out _);
        Assert.IsFalse(await _queue.WaitAsync(TimeSpan.Zero, CancellationToken.None));
    }
}
