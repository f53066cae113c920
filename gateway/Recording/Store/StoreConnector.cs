using System.Globalization;
using System.Net;

namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// Finds the servers and connects to them. Each is tried with a few commands first, so that a refusal is told in the
/// server's own words.
/// </summary>
/// <param name="source">Tells how to connect, once the server's own start is over.</param>
/// <param name="keys">Names.</param>
/// <param name="description">For people.</param>
/// <param name="timeout">Longest wait for an answer.</param>
/// <param name="commit">As for <see cref="RedisConnection.ConnectAsync"/>.</param>
internal sealed class StoreConnector(Task<ConnectionSettings> source, StoreKeys keys, string description, TimeSpan timeout, string? commit)
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(20);

    private readonly string _process = $"appliance-{Guid.NewGuid():N}"[..18];
    private int _lives;

    /// <summary>Connects.</summary>
    /// <returns>The connection, and why it takes no writes for now; null when it does.</returns>
    /// <exception cref="StoreException">Why there is none.</exception>
    public async Task<(RedisConnection Connection, StoreException? Full)> ConnectAsync(CancellationToken cancellation)
    {
        var settings = await StartedAsync(cancellation);
        var servers = settings.SentinelGroup is { } group ? [await FindMasterAsync(settings, group, cancellation)] : settings.EndPoints;
        StoreException? refusal = null, full = null;
        var answered = false;
        foreach (var server in servers)
        {
            try
            {
                await WithinAsync(settings, server, token => TryAsync(settings, server, token), cancellation);
                answered = true;
            }
            catch (StoreException e) when (e.Trouble == StoreTrouble.Full)
            {
                full = e;
            }
            catch (StoreException e)
            {
                refusal = refusal is null or { Trouble: StoreTrouble.Unreachable or StoreTrouble.Slow } ? e : refusal;
            }
        }
        if (!answered && full is null)
        {
            throw refusal!;
        }
        var name = string.Create(CultureInfo.InvariantCulture, $"{_process}-{++_lives}");
        var connection = await RedisConnection.ConnectAsync(settings, servers, description, timeout, name, commit);
        if (_lives > 1)
        {
            await connection.FenceAsync(_process, name);
        }
        return (connection, answered ? null : full);
    }

    private async Task<ConnectionSettings> StartedAsync(CancellationToken cancellation)
    {
        try
        {
            return await source.WaitAsync(s_startLimit, cancellation);
        }
        catch (TimeoutException e)
        {
            throw new StoreException(StoreTrouble.Slow, $"{description} still reads its data: wait, or stop the gateway and move the directory aside", e);
        }
    }

    private async Task TryAsync(ConnectionSettings settings, EndPoint server, CancellationToken cancellation)
    {
        using var client = await RespClient.ConnectAsync(server, settings, cancellation);
        if (settings.Password is { } password)
        {
            await client.CallAsync(cancellation, "AUTH", password);
        }
        await client.CallAsync(cancellation, "PING");
        if (settings.Database != 0)
        {
            await client.CallAsync(cancellation, "SELECT", settings.Database.ToString(CultureInfo.InvariantCulture));
        }
        try
        {
            await client.CallAsync(cancellation, "SET", keys.Probe, "1", "PX", "60000");
        }
        catch (RespErrorException e) when (e.Message.StartsWith("MOVED ", StringComparison.Ordinal) || e.Message.StartsWith("ASK ", StringComparison.Ordinal))
        {
            // Of a cluster, whose other member holds the key.
        }
    }

    private async Task<EndPoint> FindMasterAsync(ConnectionSettings settings, string group, CancellationToken cancellation)
    {
        StoreException? refusal = null;
        foreach (var sentinel in settings.EndPoints)
        {
            try
            {
                return await WithinAsync(settings, sentinel, token => AskAsync(settings, sentinel, group, token), cancellation);
            }
            catch (StoreException e)
            {
                refusal = e;
            }
        }
        throw refusal!;
    }

    private async Task<EndPoint> AskAsync(ConnectionSettings settings, EndPoint sentinel, string group, CancellationToken cancellation)
    {
        using var client = await RespClient.ConnectAsync(sentinel, settings, cancellation);
        if (settings.SentinelPassword is { } password)
        {
            await client.CallAsync(cancellation, "AUTH", password);
        }
        var answer = await client.CallAsync(cancellation, "SENTINEL", "get-master-addr-by-name", group);
        return answer is List<object?> { Count: 2 } list && list[0] is string host
            && ushort.TryParse(list[1] as string, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port)
            : throw new StoreException(StoreTrouble.Unreachable, $"sentinel {ConnectionSettings.Describe(sentinel)} knows no master '{group}': mend serviceName in recorder.redis");
    }

    private async Task WithinAsync(ConnectionSettings settings, EndPoint server, Func<CancellationToken, Task> action, CancellationToken cancellation) =>
        await WithinAsync(settings, server, async token => { await action(token); return true; }, cancellation);

    private async Task<T> WithinAsync<T>(ConnectionSettings settings, EndPoint server, Func<CancellationToken, Task<T>> action, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            return await action(limit.Token);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            throw StoreException.From(e, settings.EndPoints.Count == 1 && settings.SentinelGroup is null ? description : ConnectionSettings.Describe(server), timeout);
        }
    }
}
