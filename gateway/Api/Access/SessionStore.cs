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

    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>Begins one; the oldest makes way when there are too many.</summary>
    /// <returns>The cookie's value.</returns>
    public (string Id, Session Session) Open(ApiToken token)
    {
        foreach (var (old, _) in _sessions.Where(s => s.Value.Until <= time.GetUtcNow()).ToList())
        {
            _sessions.TryRemove(old, out _);
        }
        while (_sessions.Count >= Most && _sessions.MinBy(s => s.Value.Until) is { Key: { } oldest })
        {
            _sessions.TryRemove(oldest, out _);
        }
        var id = Random();
        var session = new Session(token.Name, token.Scope, Random(), time.GetUtcNow() + Life);
        _sessions[id] = session;
        return (id, session);
    }

    /// <summary>The session of a cookie; null when there is none, or not any more.</summary>
    public Session? Find(string? id) => id is not null && _sessions.TryGetValue(id, out var session) && session.Until > time.GetUtcNow() ? session : null;

    /// <summary>Ends one.</summary>
    public void Close(string id) => _sessions.TryRemove(id, out _);

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
}
