using System.Diagnostics;
using System.Text;

namespace Appliance.Gateway.Recording.Store;

/// <summary>The part that runs while the store is degraded.</summary>
internal sealed partial class StoreWorker
{
    private static readonly TimeSpan s_probeEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestProbe = TimeSpan.FromSeconds(2);
    private TimeSpan _fullPause = s_probeEvery;
    private long _recoveredAt;

    /// <summary>Takes what is queued and drops its bytes; openings, releases and closings are remembered.</summary>
    private void Discard()
    {
        while (queue.TryNext(out var operation))
        {
            Apply(operation);
            if (_taken.Count >= MostOperations)
            {
                meter.CountDropped(table.DropPieces());
                Settle();
            }
        }
        meter.CountDropped(table.DropPieces());
        Settle();
    }

    private async Task DiscardAsync(TimeSpan time, CancellationToken stop)
    {
        Discard();
        await Task.Delay(time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Discard();
    }

    /// <summary>Callers were faster than the server: what they could queue is written before they may go on.</summary>
    private async Task FinishAsync(RedisConnection connection, CancellationToken stop)
    {
        LogDegraded(logger, meter.Reason);
        while (queue.Count > 0 || table.Dirty > 0)
        {
            await WriteAsync(connection, stop);
        }
    }

    /// <summary>Waits on a connection that is there, until the server answers, or takes writes, again.</summary>
    private async Task WaitOutAsync(RedisConnection connection, StoreException trouble, CancellationToken stop)
    {
        var since = Stopwatch.GetTimestamp();
        if (Stopwatch.GetElapsedTime(_recoveredAt) > s_longestProbe)
        {
            _fullPause = s_probeEvery;
        }
        while (true)
        {
            await DiscardAsync(trouble.Trouble == StoreTrouble.Full ? _fullPause : s_probeEvery, stop);
            stop.ThrowIfCancellationRequested();
            RequireConnected(connection);
            try
            {
                if (trouble.Trouble != StoreTrouble.Full)
                {
                    await connection.PingAsync();
                    return;
                }
                await FlushAsync(connection, table.EmitRemovals(connection, FlowsPerBatch));
                connection.Set(table.Keys.Probe, "1"u8.ToArray(), TimeSpan.FromMinutes(1));
                await FlushAsync(connection, []);
                return;
            }
            catch (StoreException e) when (e.Trouble == trouble.Trouble)
            {
                _fullPause = TimeSpan.FromTicks(Math.Min(2 * _fullPause.Ticks, s_longestProbe.Ticks));
                if (e.Trouble == StoreTrouble.Slow && Stopwatch.GetElapsedTime(since) > 5 * timeout)
                {
                    throw new StoreException(StoreTrouble.Unreachable, e.Message, e);
                }
            }
        }
    }

    /// <summary>Brings everything but the bytes up to date, then lets callers append again.</summary>
    private async Task RecoverAsync(RedisConnection connection)
    {
        Discard();
        if (_doubtful)
        {
            table.Doubt();
            _controlDirty = _control is not null;
        }
        do
        {
            EmitControl(connection);
            await FlushAsync(connection, table.Emit(connection, FlowsPerBatch));
            Discard();
        }
        while (table.Dirty > 0 || _controlDirty);
        _doubtful = false;
        _recoveredAt = Stopwatch.GetTimestamp();
        meter.Recover();
        meter.Acknowledge(_ticket);
        LogRecovered(logger, endpoint, meter.Generation);
        Recovered?.Invoke(this, EventArgs.Empty);
    }

    private async Task<byte[]?> AliveAsync(RedisConnection connection)
    {
        try
        {
            return await connection.GetAsync(table.Keys.Alive);
        }
        catch (ForeignKeyException e)
        {
            throw new StoreException(StoreTrouble.Other, $"{endpoint}: {table.Keys.Alive} {e.Message}", e);
        }
    }

    /// <summary>Finds out whether the server still has what it had been given.</summary>
    private async Task CheckDataAsync(RedisConnection connection, StoreException? full)
    {
        var found = await AliveAsync(connection);
        if (!_reachedOnce && found is null)
        {
            Missing?.Invoke();
        }
        if (_reachedOnce && (found is null || Encoding.ASCII.GetString(found) != _instance))
        {
            meter.CountEmptied();
            LogEmptied(logger, endpoint);
        }
        if (full is null)
        {
            connection.Set(table.Keys.Alive, Encoding.ASCII.GetBytes(_instance), table.Ttl);
            await FlushAsync(connection, []);
            _reachedOnce = true;
        }
    }
}
