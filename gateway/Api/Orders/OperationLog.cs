namespace Appliance.Gateway.Api.Orders;

/// <summary>The last operations, and which requests they came from: a request that is repeated under its key is not carried out twice.</summary>
public sealed class OperationLog(TimeProvider time)
{
    /// <summary>Operations that are remembered.</summary>
    public const int Kept = 256;

    private readonly Lock _gate = new();
    private readonly LinkedList<Entry> _entries = new();
    private long _number;

    /// <summary>Is told of every new state of an operation.</summary>
    public Action<Operation>? Changed { get; set; }

    /// <summary>The last operations, the latest first.</summary>
    public IReadOnlyList<Operation> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Select(e => e.Operation)];
            }
        }
    }

    /// <summary>An operation; null when it was never ordered, or is forgotten.</summary>
    public Operation? Find(string id)
    {
        lock (_gate)
        {
            return _entries.FirstOrDefault(e => e.Operation.Id == id)?.Operation;
        }
    }

    /// <summary>Begins an operation, or finds the one that came of the same request before.</summary>
    /// <param name="order">What is ordered.</param>
    /// <param name="by">By whom.</param>
    /// <param name="key">What the client calls the request; null when it does not.</param>
    /// <param name="carryOut">Carries it out; runs only when the operation is new.</param>
    /// <returns>How it is, and how it will have ended; null when the client has used the key for something else.</returns>
    public (Operation Now, Task<Operation> End)? Begin(Order order, string by, string? key, Func<OperationProgress, Task> carryOut)
    {
        Entry entry;
        lock (_gate)
        {
            if (key is not null && _entries.FirstOrDefault(e => e.Key == key && e.Operation.By == by) is { } earlier)
            {
                return earlier.Order == order ? (earlier.Operation, earlier.End.Task) : null;
            }
            var operation = new Operation($"{time.GetUtcNow():yyyyMMddHHmmss}-{++_number}", order.Kind, order.Node, by, OperationState.Running, time.GetUtcNow(), []);
            entry = new Entry(order, key, operation);
            _entries.AddFirst(entry);
            while (_entries.Count > Kept && _entries.Last!.Value.Operation.IsOver)
            {
                _entries.RemoveLast();
            }
        }
        Changed?.Invoke(entry.Operation);
        _ = RunAsync(entry, carryOut);
        return (entry.Operation, entry.End.Task);
    }

    private async Task RunAsync(Entry entry, Func<OperationProgress, Task> carryOut)
    {
        try
        {
            await carryOut(new OperationProgress(time, change => Update(entry, change)));
        }
        catch (Exception e)
        {
            Update(entry, o => o with { State = OperationState.Failed, Problem = $"The gateway failed: {e.Message}", CompletedAt = time.GetUtcNow() });
        }
        entry.End.SetResult(entry.Operation);
    }

    private void Update(Entry entry, Func<Operation, Operation> change)
    {
        lock (_gate)
        {
            entry.Operation = change(entry.Operation);
        }
        Changed?.Invoke(entry.Operation);
    }

    private sealed class Entry(Order order, string? key, Operation operation)
    {
        public Order Order => order;

        public string? Key => key;

        public Operation Operation { get; set; } = operation;

        public TaskCompletionSource<Operation> End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
