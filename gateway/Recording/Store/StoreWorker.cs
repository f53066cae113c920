using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Appliance.Gateway.Recording.Store;

/// <summary>The store's task: connects, writes what is queued, and puts things right after trouble.</summary>
internal sealed partial class StoreWorker(
    OperationQueue queue, FlowTable table, StoreConnector connector, StoreMeter meter, TimeSpan timeout, string endpoint, ILogger logger)
{
    private const int MostOperations = 8192;
    private const long MostBytes = 4 << 20;

    /// <summary>Commands on their way are objects that the garbage collector has to look at, in a pause of the whole gateway.</summary>
    private const int FlowsPerBatch = 1024;

    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_pingEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_stable = TimeSpan.FromSeconds(5);

    private readonly List<StoreOperation> _taken = [];
    private readonly string _instance = Guid.NewGuid().ToString("N");
    private volatile RedisConnection? _connection;
    private SavedControl? _control;
    private long _sequence;
    private int _life;
    private long _ticket;
    private long _answeredAt;
    private bool _controlDirty;
    private bool _reachedOnce;
    private bool _doubtful;

    /// <summary>The connection, when there is one.</summary>
    public RedisConnection? Connection => _connection;

    /// <summary>The sequence number of the control record that was loaded: the next ones are higher.</summary>
    public void LoadedSequence(long sequence) => _sequence = Math.Max(_sequence, sequence);

    /// <summary>Called when the server has nothing of an earlier gateway's; null when there need not have been one.</summary>
    public Action? Missing { get; init; }

    /// <summary>Raised after every recovery.</summary>
    public event EventHandler? Recovered;

    /// <summary>Runs until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var pause = s_shortestPause;
        while (!stop.IsCancellationRequested)
        {
            var since = Stopwatch.GetTimestamp();
            try
            {
                var (connection, full) = await connector.ConnectAsync(stop);
                await using (connection)
                {
                    _life++;
                    _connection = connection;
                    await ServeAsync(connection, full, stop);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Degrade(StoreException.From(e, endpoint, timeout));
            }
            _connection = null;
            await DiscardAsync(pause, stop);
            var brief = Stopwatch.GetElapsedTime(since) < s_stable;
            pause = brief ? TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, s_longestPause.Ticks)) : s_shortestPause;
        }
    }

    private async Task ServeAsync(RedisConnection connection, StoreException? trouble, CancellationToken stop)
    {
        await CheckDataAsync(connection, trouble);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (trouble is not null)
                {
                    Degrade(trouble);
                    await WaitOutAsync(connection, trouble, stop);
                    trouble = null;
                }
                if (meter.IsDegraded)
                {
                    await RecoverAsync(connection);
                }
                meter.Ready();
                while (!meter.IsDegraded)
                {
                    await WriteAsync(connection, stop);
                }
                await FinishAsync(connection, stop);
            }
            catch (StoreException e) when (e.KeepsConnection)
            {
                trouble = e;
            }
        }
    }

    /// <summary>Takes what is queued, writes it, and waits for the answers.</summary>
    private async Task WriteAsync(RedisConnection connection, CancellationToken stop)
    {
        Take();
        if (table.Dirty == 0 && !_controlDirty)
        {
            Settle();
            meter.Acknowledge(_ticket);
            await IdleAsync(connection, stop);
            return;
        }
        RequireConnected(connection);
        EmitControl(connection);
        await FlushAsync(connection, table.Emit(connection));
        Settle();
        meter.Acknowledge(_ticket);
    }

    /// <summary>Nothing to write: renews what would expire, and sees whether the server is still there.</summary>
    private async Task IdleAsync(RedisConnection connection, CancellationToken stop)
    {
        if (table.EmitRefreshes(connection))
        {
            await FlushAsync(connection, []);
        }
        else if (queue.Count == 0 && !await queue.WaitAsync(s_turn, stop))
        {
            RequireConnected(connection);
            if (Stopwatch.GetElapsedTime(_answeredAt) > s_pingEvery)
            {
                await connection.PingAsync();
                _answeredAt = Stopwatch.GetTimestamp();
            }
        }
    }

    private void Take()
    {
        long bytes = 0;
        while (_taken.Count < MostOperations && bytes < MostBytes && table.Dirty < FlowsPerBatch && queue.TryNext(out var operation))
        {
            bytes += operation.Payload.Length;
            Apply(operation);
        }
    }

    private void Apply(in StoreOperation operation)
    {
        _ticket = operation.Ticket;
        _taken.Add(operation);
        if (operation.Kind == OperationKind.Control)
        {
            _control = (SavedControl)operation.Subject!;
            _controlDirty = true;
        }
        else if (!table.Apply(operation))
        {
            meter.CountDropped();
        }
    }

    private void EmitControl(RedisConnection connection)
    {
        if (_controlDirty && _control is { } control)
        {
            _sequence = Math.Max(_sequence + 1, (DateTime.UtcNow - DateTime.UnixEpoch).Ticks);
            connection.Set(table.Keys.Control(_life), new ControlRecord(_sequence, control).ToBytes(), table.Ttl);
            _controlDirty = false;
        }
    }

    private async Task FlushAsync(RedisConnection connection, List<StoredFlow> closed)
    {
        var (count, bytes, start) = (connection.Pending, connection.PendingBytes, connection.PendingSince);
        try
        {
            foreach (var foreign in await connection.FlushAsync())
            {
                meter.CountError();
                LogForeign(logger, foreign);
            }
            table.Buffers.Reclaim();
            _answeredAt = Stopwatch.GetTimestamp();
            meter.CountBatch(count, bytes, Stopwatch.GetElapsedTime(start));
        }
        catch
        {
            table.Buffers.Abandon();
            table.Return(closed);
            meter.CountDropped(_taken.Count(o => o.Kind == OperationKind.Append));
            _controlDirty = _control is not null;
            throw;
        }
    }

    /// <summary>What was taken is written, or given up: its buffers are free.</summary>
    private void Settle()
    {
        long bytes = 0;
        foreach (ref readonly var operation in CollectionsMarshal.AsSpan(_taken))
        {
            operation.Payload.Free();
            bytes += operation.Payload.Length;
        }
        queue.Settle(bytes);
        _taken.Clear();
    }

    private void RequireConnected(RedisConnection connection)
    {
        if (!connection.IsConnected)
        {
            throw new StoreException(StoreTrouble.Unreachable, $"{endpoint}: the connection is gone");
        }
    }

    private void Degrade(StoreException trouble)
    {
        meter.CountError();
        _doubtful = true;
        if (meter.Degrade(trouble.Trouble, trouble.Message))
        {
            LogDegraded(logger, trouble.Message);
        }
        Discard();
    }

    [LoggerMessage(1301, LogLevel.Warning, "The recordings' store does not work, the gateway goes on from memory: {Reason}")]
    private static partial void LogDegraded(ILogger logger, string reason);

    [LoggerMessage(1302, LogLevel.Information, "The recordings' store works: {Endpoint}, generation {Generation}")]
    private static partial void LogRecovered(ILogger logger, string endpoint, int generation);

    [LoggerMessage(1303, LogLevel.Warning, "The recordings' store came back without its data: {Endpoint}")]
    private static partial void LogEmptied(ILogger logger, string endpoint);

    [LoggerMessage(1304, LogLevel.Warning, "One of the recordings' keys is not the appliance's: {Answer}")]
    private static partial void LogForeign(ILogger logger, string answer);
}
