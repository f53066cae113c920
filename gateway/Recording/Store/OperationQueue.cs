using System.Collections.Concurrent;

namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// The way from the callers to the store's task. Bounded in payload bytes; taking an operation copies its bytes into
/// pooled memory and never waits for the task.
/// </summary>
/// <param name="capacity">Most payload bytes that are taken and not yet settled.</param>
internal sealed class OperationQueue(long capacity) : IDisposable
{
    private readonly ConcurrentQueue<StoreOperation> _operations = new();
    private readonly SlabPool _slabs = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly Lock _order = new();
    private long _ticket;
    private long _bytes;
    private int _idle;

    /// <summary>Payload bytes that are taken and not yet settled.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Operations that wait.</summary>
    public int Count => _operations.Count;

    /// <summary>Takes payload for an append; false when the queue is full.</summary>
    public bool TryTake(ReadOnlySpan<byte> bytes, out Payload payload)
    {
        payload = default;
        if (Interlocked.Add(ref _bytes, bytes.Length) > capacity)
        {
            Interlocked.Add(ref _bytes, -bytes.Length);
            return false;
        }
        payload = _slabs.Copy(bytes);
        return true;
    }

    /// <summary>Gives the operation its ticket and queues it.</summary>
    public long Add(in StoreOperation operation)
    {
        long ticket;
        lock (_order)
        {
            ticket = ++_ticket;
            _operations.Enqueue(operation with { Ticket = ticket });
        }
        if (Volatile.Read(ref _idle) == 1 && Interlocked.Exchange(ref _idle, 0) == 1)
        {
            _signal.Release();
        }
        return ticket;
    }

    /// <summary>The next operation, for the store's task.</summary>
    public bool TryNext(out StoreOperation operation) => _operations.TryDequeue(out operation);

    /// <summary>So many payload bytes are stored, or given up.</summary>
    public void Settle(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    /// <summary>Waits for an operation; false when none came in time.</summary>
    public async ValueTask<bool> WaitAsync(TimeSpan most, CancellationToken cancellation)
    {
        Volatile.Write(ref _idle, 1);
        Interlocked.MemoryBarrier();
        if (!_operations.IsEmpty && Interlocked.Exchange(ref _idle, 0) == 1)
        {
            return true;
        }
        if (await _signal.WaitAsync(most, cancellation))
        {
            return true;
        }
        if (Interlocked.Exchange(ref _idle, 0) == 0)
        {
            await _signal.WaitAsync(cancellation); // the signal came meanwhile: take it
        }
        return !_operations.IsEmpty;
    }

    /// <inheritdoc/>
    public void Dispose() => _signal.Dispose();
}
