namespace Appliance.Gateway.Api.Orders;

/// <summary>Who ordered what: the last entries, and all of them in the program's log.</summary>
internal sealed partial class AuditLog(TimeProvider time, ILogger<AuditLog> logger)
{
    private const int Kept = 256;

    private readonly Queue<AuditEntry> _entries = new();

    /// <summary>The last entries, the latest last.</summary>
    public IReadOnlyList<AuditEntry> All
    {
        get
        {
            lock (_entries)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>Adds an entry.</summary>
    public void Note(string who, string from, string request, string outcome)
    {
        lock (_entries)
        {
            _entries.Enqueue(new AuditEntry(time.GetUtcNow(), who, from, request, outcome));
            if (_entries.Count > Kept)
            {
                _entries.Dequeue();
            }
        }
        LogOrder(logger, who, from, request, outcome);
    }

    [LoggerMessage(1401, LogLevel.Information, "Audit: {Who} at {From}: {Request}: {Outcome}")]
    private static partial void LogOrder(ILogger logger, string who, string from, string request, string outcome);
}

/// <summary>An entry of the audit log.</summary>
/// <param name="At">When it was answered.</param>
/// <param name="Who">The token's name.</param>
/// <param name="From">The client's address.</param>
/// <param name="Request">Method and path.</param>
/// <param name="Outcome">What came of it.</param>
internal sealed record AuditEntry(DateTimeOffset At, string Who, string From, string Request, string Outcome);
