using System.Text.Json;

namespace Appliance.Tests.Lab.Support;

/// <summary>Reads a stream of server-sent events.</summary>
internal sealed class EventReader(Stream stream) : IDisposable
{
    private readonly StreamReader _lines = new(stream);

    /// <summary>An event.</summary>
    public sealed record Event(string? Id, string Kind, JsonElement Data);

    /// <summary>Reads on until an event is the right one.</summary>
    public async Task<Event> UntilAsync(Predicate<Event> isIt, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        var (id, kind, data) = ((string?)null, "message", string.Empty);
        while (await _lines.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Length == 0 && data.Length > 0)
            {
                var complete = new Event(id, kind, JsonSerializer.Deserialize<JsonElement>(data));
                (id, kind, data) = (null, "message", string.Empty);
                if (isIt(complete))
                {
                    return complete;
                }
            }
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            kind = line.StartsWith("event: ", StringComparison.Ordinal) ? line[7..] : kind;
            data += line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : string.Empty;
        }
        throw new InvalidOperationException("the stream has ended");
    }

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();
}
