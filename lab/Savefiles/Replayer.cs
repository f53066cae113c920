using Appliance.Lab.Compare;

namespace Appliance.Lab.Savefiles;

/// <summary>
/// Does to a fresh server what recorded clients did to another one: in the recorded order, and each step only after the server
/// has sent what the client had received before it. Stops where the server falls behind what the recorded one had sent.
/// </summary>
public sealed class Replayer(ReplayOptions options, TimeProvider time)
{
    private readonly Dictionary<int, ReplayConnection> _connections = [];
    private readonly List<string> _mismatches = [];

    /// <summary>What the server has said on each stream, by its index, when <see cref="ReplayOptions.KeepsOutput"/>.</summary>
    public IReadOnlyDictionary<int, Output> Outputs { get; private set; } = new Dictionary<int, Output>();

    /// <summary>Replays to the end, or to the first divergence.</summary>
    public async Task<ReplayReport> RunAsync(IReadOnlyList<RecordedStream> streams, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        try
        {
            var steps = ReplayStep.Order(streams, _mismatches.Add);
            foreach (var step in steps)
            {
                await KeepPaceAsync(TimeSpan.FromMicroseconds((step.TimeNs - steps[0].TimeNs) / 1000.0), started, cancellation);
                await DoAsync(step, streams[step.Stream], cancellation);
            }

            await Task.WhenAll(_connections.Select(c => SettleAsync(streams[c.Key], c.Value, cancellation)));
        }
        catch (ReplayException exception)
        {
            _mismatches.Add(exception.Message);
        }
        finally
        {
            Outputs = _connections.ToDictionary(c => c.Key, c => c.Value.Output);
            foreach (var connection in _connections.Values)
            {
                await connection.DisposeAsync();
            }
        }

        return new ReplayReport(
            _connections.Count,
            _connections.Values.Sum(c => c.Sent),
            _connections.Values.Sum(c => c.Received),
            _mismatches,
            streams.Sum(s => s.ConflictingBytes),
            Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 3));
    }

    private async Task KeepPaceAsync(TimeSpan recorded, long started, CancellationToken cancellation)
    {
        if (options.AtRecordedSpeed && recorded - time.GetElapsedTime(started) is { Ticks: > 0 } ahead)
        {
            await Task.Delay(ahead, time, cancellation);
        }
    }

    private async Task DoAsync(ReplayStep step, RecordedStream stream, CancellationToken cancellation)
    {
        if (!_connections.TryGetValue(step.Stream, out var connection))
        {
            _connections[step.Stream] = await ReplayConnection.ConnectAsync(options, stream.Flow.ServicePort, cancellation);
            return;
        }

        var offset = step.Piece?.Offset ?? step.End!.Offset;
        await RequireAsync(stream, connection, step.After, $"before byte {offset:N0} of the client", cancellation);
        if (step.End is { } end)
        {
            connection.End(end.IsReset);
        }
        else if (!await connection.TrySendAsync(step.Piece!.Bytes, options.Wait, cancellation))
        {
            throw new ReplayException(
                $"{stream.Flow}: {(connection.IsClosed ? "the server closed" : $"the server took nothing for {options.Wait.TotalSeconds:0.###} s")}"
                + $" when it had been sent {connection.Sent:N0} of the client's {stream.Pieces[^1].End:N0} bytes; it has sent {connection.Received:N0}");
        }
    }

    /// <summary>Waits for the end of the server's answer: all that the recorded client acknowledged, then until it is quiet.</summary>
    private async Task SettleAsync(RecordedStream stream, ReplayConnection connection, CancellationToken cancellation)
    {
        if (stream.End is { IsReset: true })
        {
            return;
        }

        await RequireAsync(stream, connection, stream.Acknowledged, "after the client's last byte", cancellation);
        while (!connection.IsClosed && await connection.WaitForAsync(connection.Received + 1, options.Quiet, cancellation))
        {
        }
    }

    private async Task RequireAsync(RecordedStream stream, ReplayConnection connection, long bytes, string where, CancellationToken cancellation)
    {
        if (!await connection.WaitForAsync(bytes, options.Wait, cancellation))
        {
            var reason = connection.IsClosed ? "and it closed" : $"and no more within {options.Wait.TotalSeconds:0.###} s";
            throw new ReplayException($"{stream.Flow}: {where} expected {bytes:N0} bytes of the server, got {connection.Received:N0} {reason}");
        }
    }
}
