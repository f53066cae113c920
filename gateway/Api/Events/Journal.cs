namespace Appliance.Gateway.Api.Events;

/// <summary>
/// What has happened, in order: the last entries, each under an identifier that a reader can come back with. One writes,
/// many read, and wait for more.
/// </summary>
public sealed class Journal(TimeProvider time)
{
    /// <summary>Entries that are kept.</summary>
    public const int Kept = 256;

    private readonly Lock _gate = new();
    private readonly Queue<JournalEntry> _entries = new();
    private readonly long _run = time.GetUtcNow().ToUnixTimeSeconds();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _number;

    /// <summary>Adds an entry.</summary>
    /// <param name="kind">What it is about; the name of the server-sent event.</param>
    /// <param name="content">Its fields.</param>
    public void Add(string kind, object content)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            _entries.Enqueue(new JournalEntry(_run, ++_number, time.GetUtcNow(), kind, content));
            if (_entries.Count > Kept)
            {
                _entries.Dequeue();
            }
            (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        more.SetResult();
    }

    /// <summary>What came after an entry, and what will end when more comes.</summary>
    /// <param name="id">Of the last entry that is known; null, or one of another run of the gateway, for all.</param>
    public (IReadOnlyList<JournalEntry> Entries, Task More) After(string? id)
    {
        lock (_gate)
        {
            var after = JournalEntry.NumberOf(id, _run);
            return ([.. _entries.Where(e => e.Number > after)], _more.Task);
        }
    }
}
