namespace Appliance.Gateway.Recording.Store;

/// <summary>What the store tells about itself; its task writes, anybody reads.</summary>
internal sealed class StoreMeter(string endpoint)
{
    private static readonly Health s_ready = new(StoreState.Ready, StoreTrouble.None, string.Empty);

    private Health _health = new(StoreState.Connecting, StoreTrouble.None, string.Empty);
    private long _acknowledged;
    private long _operations;
    private long _bytesWritten;
    private long _errors;
    private long _dropped;
    private double _latencyMs;
    private int _generation;
    private int _emptied;

    private sealed record Health(StoreState State, StoreTrouble Trouble, string Reason);

    /// <summary>How the store is.</summary>
    public StoreState State => Volatile.Read(ref _health).State;

    /// <summary>Is what callers append taken?</summary>
    public bool Accepts => State != StoreState.Degraded;

    /// <summary>What is wrong, for people.</summary>
    public string Reason => Volatile.Read(ref _health).Reason;

    /// <summary>Has something been refused or lost since the last recovery?</summary>
    public bool IsDegraded => !Accepts;

    /// <summary>See <see cref="IRecordingStore.Acknowledged"/>.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>See <see cref="IRecordingStore.Generation"/>.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>See <see cref="IRecordingStore.Emptied"/>.</summary>
    public int Emptied => Volatile.Read(ref _emptied);

    /// <summary>Degrades; false when the trouble is the one that is known already.</summary>
    public bool Degrade(StoreTrouble trouble, string reason)
    {
        var before = Interlocked.Exchange(ref _health, new Health(StoreState.Degraded, trouble, reason));
        return before.State != StoreState.Degraded || before.Trouble != trouble;
    }

    /// <summary>The first connection works; changes nothing when something was refused already.</summary>
    public void Ready()
    {
        if (_health is { State: StoreState.Connecting } connecting)
        {
            Interlocked.CompareExchange(ref _health, s_ready, connecting);
        }
    }

    /// <summary>
    /// Works again. Appends are taken before the generation rises: whatever was refused was refused before it rose.
    /// </summary>
    public void Recover()
    {
        Interlocked.Exchange(ref _health, s_ready);
        Interlocked.Increment(ref _generation);
    }

    /// <summary>The server came back without its data.</summary>
    public void CountEmptied() => Interlocked.Increment(ref _emptied);

    /// <summary>Tickets up to this one are stored.</summary>
    public void Acknowledge(long ticket) => Volatile.Write(ref _acknowledged, Math.Max(ticket, _acknowledged));

    /// <summary>A batch was answered.</summary>
    public void CountBatch(int operations, long bytes, TimeSpan latency)
    {
        const double Weight = 0.1;
        Interlocked.Add(ref _operations, operations);
        Interlocked.Add(ref _bytesWritten, bytes);
        Volatile.Write(ref _latencyMs, _latencyMs == 0 ? latency.TotalMilliseconds : _latencyMs + Weight * (latency.TotalMilliseconds - _latencyMs));
    }

    /// <summary>Something failed.</summary>
    public void CountError(int count = 1) => Interlocked.Add(ref _errors, count);

    /// <summary>Appends were refused or lost.</summary>
    public void CountDropped(int count = 1) => Interlocked.Add(ref _dropped, count);

    /// <summary>A snapshot.</summary>
    public StoreStatus Snapshot(OperationQueue queue)
    {
        var health = Volatile.Read(ref _health);
        return new StoreStatus
        {
            State = health.State,
            Trouble = health.Trouble,
            Reason = health.Reason,
            Endpoint = endpoint,
            QueuedBytes = queue.Bytes,
            QueuedOperations = queue.Count,
            Operations = Interlocked.Read(ref _operations),
            BytesWritten = Interlocked.Read(ref _bytesWritten),
            Errors = Interlocked.Read(ref _errors),
            Dropped = Interlocked.Read(ref _dropped),
            LatencyMs = Volatile.Read(ref _latencyMs),
            Generation = Generation,
            Emptied = Emptied,
        };
    }
}
