using System.Diagnostics;

namespace Appliance.Bench.Api;

/// <summary>An operator's tool that asks now and then, each time over a new connection, from an address without any other.</summary>
public sealed class HonestClient(Uri api)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly LatencyHistogram _times = new();

    /// <summary>How often it asked.</summary>
    public int Asked { get; private set; }

    /// <summary>How often it got a good answer.</summary>
    public int Answered => _times.Count;

    /// <summary>99th percentile of the answers, in milliseconds, the connection's making included.</summary>
    public double? P99Ms => _times.Percentile(0.99);

    /// <summary>Asks until the time is over.</summary>
    public async Task RunAsync(TimeSpan time, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            Asked++;
            await AskAsync(cancellation);
            await Task.Delay(s_pause, cancellation);
        }
    }

    private async Task AskAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = s_patience };
        var asked = Stopwatch.GetTimestamp();
        try
        {
            using var answer = await http.GetAsync(new Uri(api, "/api/v1/status"), cancellation);
            if (answer.IsSuccessStatusCode)
            {
                _times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            // It was not answered.
        }
    }
}
