using System.Collections.Concurrent;
using System.Security.Cryptography;
using Appliance.Configuration;

namespace Appliance.Gateway.Api.Access;

/// <summary>Browsers that have logged in. In memory: after a restart of the gateway they log in again.</summary>
internal sealed class SessionStore(TimeProvider time)
{
    /// <summary>Name of the cookie.</summary>
    public const string Cookie = "appliance_session";

    private const int Most = 1000;
    private const int Bytes = 32;
    private static readonly TimeSpan Life = TimeSpan.FromHours(12);

    private readonly ConcurrentDictionary<string, (Session Session, CancellationTokenSource End)> _sessions = new(StringComparer.Ordinal);

    /// <summary>Begins one; the oldest makes way when there are too many.</summary>
    /// <returns>The cookie's value.</returns>
    public (string Id, Session Session) Open(ApiToken token)
    {
        foreach (var (old, _) in _sessions.Where(s => s.Value.Session.Until <= time.GetUtcNow()).ToList())
        {
            Close(old);
        }
        while (_sessions.Count >= Most && _sessions.MinBy(s => s.Value.Session.Until) is { Key: { } oldest })
        {
            Close(oldest);
        }
        var id = Random();
        var end = new CancellationTokenSource(Life, time);
        var session = new Session(token.Name, token.Scope, Random(), time.GetUtcNow() + Life, end.Token);
        _sessions[id] = (session, end);
        return (id, session);
    }

    /// <summary>The session of a cookie; null when there is none, or not any more.</summary>
    public Session? Find(string? id) => id is not null && _sessions.TryGetValue(id, out var found) && found.Session.Until > time.GetUtcNow() ? found.Session : null;

    /// <summary>Ends one, and the streams that it still receives.</summary>
    public void Close(string id)
    {
        if (_sessions.TryRemove(id, out var closed))
        {
            closed.End.Cancel();
            closed.End.Dispose();
        }
    }

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
}
