using System.Diagnostics;
using System.Net;
using StackExchange.Redis;

namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// One life of the connection to the server or cluster, over StackExchange.Redis: all that the product uses of it. Commands
/// are pipelined; <see cref="FlushAsync"/> waits for the answers to all that were sent since the last one.
/// </summary>
internal sealed class RedisConnection : IStoreWriter, IAsyncDisposable
{
    private readonly ConnectionMultiplexer _multiplexer;
    private readonly IDatabase _database;
    private readonly TimeSpan _timeout;
    private readonly string _description;
    private readonly string? _commit;
    private List<Task> _sent = [];
    private volatile bool _isBroken;

    private RedisConnection(ConnectionMultiplexer multiplexer, ConnectionSettings settings, string description, TimeSpan timeout, string? commit)
    {
        _commit = commit;
        _multiplexer = multiplexer;
        _database = multiplexer.GetDatabase(settings.Database);
        _description = description;
        _timeout = timeout;
        // The multiplexer reconnects by itself; what was lost meanwhile has to be repeated, so it must not do so unnoticed.
        multiplexer.ConnectionFailed += (_, failure) =>
            _isBroken |= failure.ConnectionType == ConnectionType.Interactive && !multiplexer.GetServer(failure.EndPoint).IsSlave;
    }

    /// <summary>Has there been a connection to every master all the time?</summary>
    public bool IsConnected => !_isBroken && _multiplexer.IsConnected;

    /// <summary>Commands sent since the last flush.</summary>
    public int Pending => _sent.Count;

    /// <summary>Bytes of keys and values in them.</summary>
    public long PendingBytes { get; private set; }

    /// <summary>When the first of them was sent, in ticks of <see cref="Stopwatch"/>.</summary>
    public long PendingSince { get; private set; } = Stopwatch.GetTimestamp();

    /// <summary>Connects to servers that are known to answer.</summary>
    /// <param name="settings">How.</param>
    /// <param name="servers">Where to.</param>
    /// <param name="description">For people.</param>
    /// <param name="timeout">Longest wait for an answer.</param>
    /// <param name="clientName">How the server's CLIENT LIST shows the connection.</param>
    /// <param name="commit">A command that makes durable what came before it; null when the server needs none.</param>
    public static async Task<RedisConnection> ConnectAsync(
        ConnectionSettings settings, IReadOnlyList<EndPoint> servers, string description, TimeSpan timeout, string clientName, string? commit)
    {
        var options = settings.ToOptions(servers, timeout, clientName);
        var connecting = ConnectionMultiplexer.ConnectAsync(options);
        try
        {
            return new RedisConnection(await connecting.WaitAsync(2 * timeout), settings, description, timeout, commit);
        }
        catch (Exception e)
        {
            _ = connecting.ContinueWith(
                static t => _ = t.IsCompletedSuccessfully ? (object)Task.Run(t.Result.Dispose) : t.Exception,
                CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw StoreException.From(e, description, timeout);
        }
    }

    /// <inheritdoc/>
    public void Set(string key, byte[] value, TimeSpan ttl) =>
        Send((key, value, ttl), static (d, c) => d.StringSetAsync(c.key, c.value, c.ttl), key.Length + value.Length);

    /// <inheritdoc/>
    public void SetRange(string key, long position, byte[] value) =>
        Send((key, position, value), static (d, c) => d.StringSetRangeAsync(c.key, c.position, c.value), key.Length + value.Length);

    /// <inheritdoc/>
    public void Expire(string key, TimeSpan ttl) => Send((key, ttl), static (d, c) => d.KeyExpireAsync(c.key, c.ttl), key.Length);

    /// <inheritdoc/>
    public void Delete(IReadOnlyList<string> keys) => Send(keys, static (d, c) => d.KeyDeleteAsync([.. c.Select(k => (RedisKey)k)]), 0);

    /// <inheritdoc/>
    public void AddMember(string key, string member) =>
        Send((key, member), static (d, c) => d.SetAddAsync(c.key, c.member), key.Length + member.Length);

    /// <inheritdoc/>
    public void RemoveMember(string key, string member) =>
        Send((key, member), static (d, c) => d.SetRemoveAsync(c.key, c.member), key.Length + member.Length);

    /// <summary>Waits for all answers.</summary>
    /// <returns>Texts of answers that say that a key is of another type, which hurts that key alone.</returns>
    /// <exception cref="StoreException">One failed, or no answer came in time.</exception>
    public async Task<IReadOnlyList<string>> FlushAsync()
    {
        if (_commit is not null && _sent.Count > 0)
        {
            _sent.Add(_database.ExecuteAsync(_commit));
        }
        var sent = _sent;
        _sent = new List<Task>(sent.Count);
        var all = Task.WhenAll(sent);
        try
        {
            await all.WaitAsync(_timeout);
            return [];
        }
        catch (Exception e)
        {
            Observe(all);
            var failures = all.Exception?.InnerExceptions ?? (IReadOnlyList<Exception>)[e];
            var foreign = failures.Where(IsForeign).Select(f => f.Message).Distinct(StringComparer.Ordinal).ToList();
            var worst = failures.Where(f => !IsForeign(f)).OrderByDescending(f => f is RedisServerException).FirstOrDefault();
            return worst is null ? foreign : throw StoreException.From(worst, _description, _timeout);
        }
    }

    /// <summary>Asks for a sign of life, which comes after the answers to everything that was sent before.</summary>
    public Task PingAsync() => Guarded(static d => d.PingAsync(), 1);

    /// <summary>A string; null when there is none.</summary>
    /// <exception cref="ForeignKeyException">The key is no string.</exception>
    public async Task<byte[]?> GetAsync(string key) => (byte[]?)await Guarded(d => d.StringGetAsync(key), 5);

    /// <summary>A set's members.</summary>
    /// <exception cref="ForeignKeyException">The key is no set.</exception>
    public async Task<string[]> MembersAsync(string key) =>
        [.. (await Guarded(d => d.SetMembersAsync(key), 5)).Select(m => (string?)m ?? string.Empty)];

    /// <summary>Cuts off connections of this process's earlier lives: what they still had on the way must not be executed any more.</summary>
    public async Task FenceAsync(string process, string current)
    {
        foreach (var server in _multiplexer.GetEndPoints().Select(e => _multiplexer.GetServer(e)).Where(s => s.IsConnected))
        {
            try
            {
                foreach (var client in await server.ClientListAsync().WaitAsync(_timeout))
                {
                    if (client.Name is { } name && name.StartsWith(process, StringComparison.Ordinal) && name != current)
                    {
                        await server.ClientKillAsync(client.Id).WaitAsync(_timeout);
                    }
                }
            }
            catch (Exception e) when (e is not TimeoutException)
            {
                // The server does not allow it, or answers in another form: that is as good as it gets.
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Observe(Task.WhenAll(_sent));
        var closing = Task.Run(() => _multiplexer.Close(allowCommandsToComplete: false));
        await Task.WhenAny(closing, Task.Delay(_timeout));
        Observe(closing);
    }

    private static bool IsForeign(Exception e) => e is RedisServerException && e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal);

    private static void Observe(Task task) => _ = task.ContinueWith(
        static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private async Task<T> Guarded<T>(Func<IDatabase, Task<T>> ask, int times)
    {
        Task<T>? task = null;
        try
        {
            task = ask(_database);
            return await task.WaitAsync(times * _timeout);
        }
        catch (Exception e)
        {
            Observe(task ?? Task.CompletedTask);
            throw IsForeign(e) ? new ForeignKeyException() : StoreException.From(e, _description, _timeout);
        }
    }

    private void Send<T>(T command, Func<IDatabase, T, Task> send, int bytes)
    {
        if (_sent.Count == 0)
        {
            PendingSince = Stopwatch.GetTimestamp();
            PendingBytes = 0;
        }
        PendingBytes += bytes;
        try
        {
            _sent.Add(send(_database, command));
        }
        catch (Exception e)
        {
            _sent.Add(Task.FromException(e)); // told with the answers
        }
    }
}
