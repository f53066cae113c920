using System.Diagnostics;

namespace Appliance.Bench.Api;

/// <summary>
/// Asks the gateway at a fixed rate, whether it answers or not: a request is due at its time, and the wait counts from there, so
/// that a standstill shows in every request that fell into it.
/// </summary>
public sealed class ApiLoad : IDisposable
{
    private const int Connections = 64;
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(1);

    private readonly HttpClient _http;
    private readonly double _perSecond;
    private int _failed;

    /// <summary>Makes it; nothing is asked yet.</summary>
    public ApiLoad(Uri api, double perSecond)
    {
        _perSecond = perSecond;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = Connections }) { BaseAddress = api, Timeout = TimeSpan.FromSeconds(10) };
        _http.DefaultRequestHeaders.Add("Accept", "application/json, */*");
    }

    /// <summary>Times of all kinds, in milliseconds, from the instant at which a request was due.</summary>
    public IReadOnlyDictionary<ApiRequestKind, LatencyHistogram> Times { get; private set; } = NoTimes();

    /// <summary>Times of everything.</summary>
    public LatencyHistogram All { get; private set; } = new();

    /// <summary>Requests without a good answer.</summary>
    public int Failed => _failed;

    /// <summary>Asks until the time is over, and waits for the last answers; what was before is forgotten.</summary>
    public async Task RunAsync(TimeSpan time, CancellationToken cancellation)
    {
        (Times, All, _failed) = (NoTimes(), new LatencyHistogram(), 0);
        var started = Stopwatch.GetTimestamp();
        var running = new List<Task>();
        for (var sent = 0; Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < time;)
        {
            for (; sent < elapsed.TotalSeconds * _perSecond; sent++)
            {
                running.Add(AskAsync(ApiRequestKind.Round[sent % ApiRequestKind.Round.Count], started, TimeSpan.FromSeconds(sent / _perSecond), cancellation));
            }

            running.RemoveAll(task => task.IsCompletedSuccessfully);
            await Task.Delay(s_tick, cancellation);
        }

        await Task.WhenAll(running);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static Dictionary<ApiRequestKind, LatencyHistogram> NoTimes() => ApiRequestKind.Mix.ToDictionary(kind => kind, _ => new LatencyHistogram());

    private async Task AskAsync(ApiRequestKind kind, long started, TimeSpan due, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _http.GetAsync(kind.Path, cancellation);
            if (!answer.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _failed);
                return;
            }

            var ms = (Stopwatch.GetElapsedTime(started) - due).TotalMilliseconds;
            Times[kind].Add(ms);
            All.Add(ms);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            Interlocked.Increment(ref _failed);
        }
    }
}
