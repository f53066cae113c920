using Appliance.Lab.Traffic.Measure;
using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Client;

/// <summary>
/// Makes traffic to a <see cref="Server.TrafficServer"/> and checks every byte that comes back. One object makes one
/// run; it goes on until told to stop, or without echo connections until the streams are complete.
/// </summary>
public sealed class TrafficClient
{
    private static readonly TimeSpan s_progressInterval = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private TrafficRun? _run;
    private bool _stopRequested;

    /// <summary>Ends when every connection is established or given up.</summary>
    public Task Connected => _connected.Task;

    /// <summary>
    /// Makes the traffic; reports progress every 100 ms. Cancelling aborts: all connections are dropped and the task is
    /// cancelled. To end in order call <see cref="StopAsync"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The options are invalid; the message names everything that is wrong.</exception>
    /// <exception cref="InvalidOperationException">The system allows fewer connections, or the object made a run before.</exception>
    public async Task<TrafficReport> RunAsync(
        TrafficClientOptions options,
        IProgress<TrafficProgress> progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        TrafficRun run = Begin(options);
        await using CancellationTokenRegistration aborting = cancellation.Register(run.Abort);
        int possible = OpenFileLimit.Raise(options.TotalConnections);
        if (possible < options.TotalConnections)
        {
            throw new InvalidOperationException($"The limit of open files leaves room for {possible} connections only.");
        }

        using EchoClientLoop? echo = options.EchoConnections > 0 ? new EchoClientLoop(run) : null;
        StreamTransfer[] streams =
        [
            .. Enumerable.Range(0, options.Downloads).Select(index => new DownloadStream(run, index)),
            .. Enumerable.Range(0, options.Uploads).Select(index => new UploadStream(run, index)),
        ];
        try
        {
            var summary = new TrafficSummary(run, echo, streams);
            var work = streams.Select((stream, index) => LongRunning.Start($"stream {index}", stream.Execute)).ToList();
            if (echo is not null)
            {
                work.Add(LongRunning.Start("echo", echo.Run));
            }

            await FollowAsync(work, run, summary, progress);
            cancellation.ThrowIfCancellationRequested();
            return summary.Report();
        }
        finally
        {
            Array.ForEach(streams, stream => stream.Dispose());
            _connected.TrySetResult();
            _finished.TrySetResult();
        }
    }

    /// <summary>
    /// Ends the run in order: no new messages, outstanding echoes and streams complete within their finish times,
    /// connections close. Call it at any time, also more than once.
    /// </summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopRequested = true;
            _run?.Finish();
        }
    }

    /// <summary>As <see cref="Stop"/>; the task ends when the run has.</summary>
    public Task StopAsync()
    {
        Stop();
        return _finished.Task;
    }

    /// <summary>The waits of before are forgotten: what is reported as the worst is the worst from now on.</summary>
    public void ForgetGaps() => _run?.Gaps.Forget();

    /// <summary>
    /// When the first data arrived on any connection at or after <paramref name="timeNs"/>, both in nanoseconds of
    /// CLOCK_MONOTONIC; late by at most 0.13 ms, null if there was none. It remembers the last 68 s.
    /// </summary>
    public long? FirstProgressAfter(long timeNs) => _run?.Timeline.FirstAfter(timeNs, MonotonicTime.Now);

    private TrafficRun Begin(TrafficClientOptions options)
    {
        IReadOnlyList<string> errors = options.Validate();
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", errors), nameof(options));
        }

        lock (_lock)
        {
            if (_run is not null)
            {
                throw new InvalidOperationException("A traffic client makes one run.");
            }

            _run = new TrafficRun(options);
            if (_stopRequested)
            {
                _run.Finish();
            }

            return _run;
        }
    }

    private async Task FollowAsync(List<Task> work, TrafficRun run, TrafficSummary summary, IProgress<TrafficProgress> progress)
    {
        using var timer = new PeriodicTimer(s_progressInterval);
        Task all = Task.WhenAll(work);
        while (!all.IsCompleted)
        {
            await Task.WhenAny(all, timer.WaitForNextTickAsync(CancellationToken.None).AsTask());
            if (run.Connected.IsCompleted)
            {
                _connected.TrySetResult();
            }

            if (work.Exists(task => task.IsFaulted))
            {
                run.Abort();
            }

            progress.Report(summary.Progress());
        }

        await all;
    }
}
