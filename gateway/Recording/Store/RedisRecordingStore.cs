using Appliance.Bpf.Layout;
using Appliance.Host;

namespace Appliance.Gateway.Recording.Store;

/// <summary>A store behind the Redis protocol: an external server, Sentinel group or cluster, or the embedded Garnet.</summary>
public sealed class RedisRecordingStore : IRecordingStore
{
    private const int FlowsAtOnce = 16;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    private readonly OperationQueue _queue;
    private readonly StoreKeys _keys;
    private readonly StoreMeter _meter;
    private readonly StoreWorker _worker;
    private readonly StoreSettings _settings;
    private readonly Action<string> _report;
    private readonly EmbeddedGarnet? _server;
    private readonly Task<ConnectionSettings> _connection;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile bool _disposed;

    /// <summary>Starts connecting.</summary>
    /// <param name="settings">Where and how.</param>
    /// <param name="logger">Hears of trouble and recovery.</param>
    /// <param name="report">Gets a line for every key that cannot be used; null for the logger.</param>
    /// <exception cref="StartupException">The connection string is wrong.</exception>
    public RedisRecordingStore(StoreSettings settings, ILogger logger, Action<string>? report = null)
        : this(Task.FromResult(ConnectionSettings.Parse(settings.ConnectionString)), settings, logger, report, null)
    {
    }

    /// <summary>Uses an embedded server, and disposes of it in the end.</summary>
    public RedisRecordingStore(EmbeddedGarnet server, StoreSettings settings, ILogger logger, Action<string>? report = null)
        : this(ParseAsync(server.ConnectionString), settings, logger, report, server)
    {
    }

    private RedisRecordingStore(Task<ConnectionSettings> connection, StoreSettings settings, ILogger logger, Action<string>? report, EmbeddedGarnet? server)
    {
        var endpoint = server?.Description ?? connection.Result.Description;
        _connection = connection;
        _settings = settings;
        _report = report ?? (text => StoreLog.Skipped(logger, text));
        _server = server;
        _keys = new StoreKeys(settings.KeyPrefix);
        _queue = new OperationQueue(settings.QueueBytes);
        _meter = new StoreMeter(endpoint);
        var table = new FlowTable(_keys, settings.Ttl, reserve: server is not null, TimeProvider.System);
        _worker = new StoreWorker(_queue, table, new StoreConnector(connection, _keys, endpoint, settings.Timeout, server is null ? null : EmbeddedGarnet.Commit), _meter, settings.Timeout, endpoint, logger)
        {
            Missing = server is { HadData: true } ? () => _report($"{endpoint}: nothing is left of what an earlier gateway wrote: it expired, or could not be read") : null,
        };
        _worker.Recovered += (_, _) => Recovered?.Invoke(this, EventArgs.Empty);
        _running = Task.Run(() => _worker.RunAsync(_stop.Token));
    }

    /// <inheritdoc/>
    public event EventHandler? Recovered;

    /// <inheritdoc/>
    public StoreStatus Status => _meter.Snapshot(_queue);

    /// <inheritdoc/>
    public StoreState State => _meter.State;

    /// <inheritdoc/>
    public long Acknowledged => _meter.Acknowledged;

    /// <inheritdoc/>
    public int Generation => _meter.Generation;

    /// <inheritdoc/>
    public int Emptied => _meter.Emptied;

    /// <inheritdoc/>
    public long Open(in FlowKey key, in Handshake handshake) =>
        Add(new StoreOperation { Kind = OperationKind.Open, Flow = new FlowId(key, handshake.ClientIsn), Subject = handshake });

    /// <inheritdoc/>
    public long Append(in FlowKey key, uint clientIsn, long offset, uint ack, bool fin, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (!_meter.Accepts || _disposed)
        {
            _meter.CountDropped();
            return -1;
        }
        if (!_queue.TryTake(bytes, out var payload))
        {
            _meter.CountDropped();
            _meter.Degrade(StoreTrouble.Slow, $"{Status.Endpoint} takes fewer bytes per second than are recorded: its queue is full");
            return -1;
        }
        return Add(new StoreOperation
        {
            Kind = OperationKind.Append,
            Flow = new FlowId(key, clientIsn),
            Offset = offset,
            Ack = ack,
            Fin = fin,
            Payload = payload,
        });
    }

    /// <inheritdoc/>
    public long Release(in FlowKey key, uint clientIsn, long upTo) =>
        Add(new StoreOperation { Kind = OperationKind.Release, Flow = new FlowId(key, clientIsn), Offset = upTo });

    /// <inheritdoc/>
    public long Close(in FlowKey key, uint clientIsn) =>
        Add(new StoreOperation { Kind = OperationKind.Close, Flow = new FlowId(key, clientIsn) });

    /// <inheritdoc/>
    public long SaveControl(in SavedControl control) =>
        Add(new StoreOperation { Kind = OperationKind.Control, Subject = control });

    /// <inheritdoc/>
    public async Task<SavedControl?> LoadControlAsync(CancellationToken cancellation)
    {
        if (await ReachAsync(cancellation) is not { } connection)
        {
            return null;
        }
        ControlRecord? latest = null;
        for (var copy = 0; copy < 2; copy++)
        {
            try
            {
                if (await connection.GetAsync(_keys.Control(copy)) is { } bytes)
                {
                    if (ControlRecord.TryRead(bytes, out var record) is { } problem)
                    {
                        _report($"{_keys.Control(copy)}: {problem}");
                    }
                    else if (latest is null || record.Sequence > latest.Value.Sequence)
                    {
                        latest = record;
                    }
                }
            }
            catch (Exception e) when (e is StoreException or ForeignKeyException)
            {
                _report($"{_keys.Control(copy)}: {e.Message}");
            }
        }
        _worker.LoadedSequence(latest?.Sequence ?? 0);
        return latest?.Control;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FoundFlow>> FindFlowsAsync(CancellationToken cancellation)
    {
        var all = new List<FoundFlow>();
        foreach (var names in (await NamesAsync(cancellation)).Chunk(FlowsAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            if (await ReachAsync(cancellation) is not { } connection)
            {
                break;
            }
            foreach (var found in await Task.WhenAll(names.Select(n => FindAsync(connection, n.Index, n.Name))))
            {
                if (found is not null)
                {
                    Add(new StoreOperation { Kind = OperationKind.Adopt, Flow = found.Stored.Id, Subject = found.Stored });
                    all.Add(found);
                }
            }
        }
        return all;
    }

    /// <inheritdoc/>
    public async Task<SavedFlow?> LoadFlowAsync(FoundFlow found, CancellationToken cancellation)
    {
        try
        {
            return await ReachAsync(cancellation) is { } connection ? await new FlowReader(connection, _keys, _report).ReadAsync(found) : null;
        }
        catch (StoreException e)
        {
            _report($"{_keys.Header(found.Stored.Name)}: {e.Message}");
            return null;
        }
    }

    /// <summary>Writes what is queued, for as long as one timeout, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        var last = _queue.Add(new StoreOperation { Kind = OperationKind.Nothing });
        var limit = Environment.TickCount64 + (long)_settings.Timeout.TotalMilliseconds;
        while (_meter.Accepts && Acknowledged < last && Environment.TickCount64 < limit && !_running.IsCompleted)
        {
            await Task.Delay(5);
        }
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _server?.Dispose();
        _queue.Dispose();
        _stop.Dispose();
    }

    private static async Task<ConnectionSettings> ParseAsync(Task<string> text) => ConnectionSettings.Parse(await text);

    private long Add(in StoreOperation operation) => _disposed ? -1 : _queue.Add(operation);

    private async Task<RedisConnection?> ReachAsync(CancellationToken cancellation)
    {
        await ((Task)_connection).WaitAsync(s_startLimit, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        var limit = Environment.TickCount64 + (long)_settings.Timeout.TotalMilliseconds;
        while (_worker.Connection is null && Environment.TickCount64 < limit)
        {
            await Task.Delay(5, cancellation);
        }
        return _worker.Connection;
    }

    private async Task<List<(string Index, string Name)>> NamesAsync(CancellationToken cancellation)
    {
        var names = new List<(string Index, string Name)>();
        for (var shard = 0; shard < StoreKeys.IndexShards && await ReachAsync(cancellation) is { } connection; shard++)
        {
            var index = _keys.Index(shard);
            try
            {
                names.AddRange((await connection.MembersAsync(index)).Select(name => (index, name)));
            }
            catch (Exception e) when (e is StoreException or ForeignKeyException)
            {
                _report($"{index}: {e.Message}");
            }
        }
        return names;
    }

    private async Task<FoundFlow?> FindAsync(RedisConnection connection, string index, string name)
    {
        try
        {
            return await new FlowReader(connection, _keys, _report).FindAsync(index, name);
        }
        catch (StoreException e)
        {
            _report($"{_keys.Header(name)}: {e.Message}");
            return null;
        }
    }
}
