using System.Net.Http.Json;
using Appliance.Lab;

namespace Appliance.Bench.Labs;

/// <summary>Asks the gateway of a lab.</summary>
public sealed class GatewayApi : IDisposable
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(10);

    private readonly HttpClient _http;

    /// <summary>Makes a client; nothing is asked yet.</summary>
    public GatewayApi(Uri apiUrl) => _http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = apiUrl,
        Timeout = TimeSpan.FromSeconds(5),
    };

    /// <summary>The gateway's status.</summary>
    /// <exception cref="LabException">It does not answer.</exception>
    public async Task<GatewayView> ReadAsync(CancellationToken cancellation) =>
        await TryReadAsync(cancellation) ?? throw new LabException(LabFailure.NotReady, "The gateway does not answer.");

    /// <summary>The gateway's status, or null when it does not answer.</summary>
    public async Task<GatewayView?> TryReadAsync(CancellationToken cancellation)
    {
        try
        {
            return GatewayView.Parse(await _http.GetStringAsync("/api/v1/status", cancellation));
        }
        catch (Exception exception) when (IsNoAnswer(exception, cancellation))
        {
            return null;
        }
    }

    /// <summary>The gateway's status, as it tells it.</summary>
    public Task<string> StatusAsync(CancellationToken cancellation) => _http.GetStringAsync("/api/v1/status", cancellation);

    /// <summary>The open connections, as the gateway tells them.</summary>
    public Task<string> FlowsAsync(CancellationToken cancellation) => _http.GetStringAsync("/api/v1/flows", cancellation);

    /// <summary>Whether its program answers at all.</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.GetAsync("/healthz", cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (IsNoAnswer(exception, cancellation))
        {
            return false;
        }
    }

    /// <summary>Orders a planned switchover, and waits until it is carried out.</summary>
    /// <exception cref="LabException">It was refused.</exception>
    public async Task SwitchOverAsync(CancellationToken cancellation)
    {
        using var answer = await _http.PostAsJsonAsync("/api/v1/failover", new { kind = "planned" }, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            throw new LabException(LabFailure.CommandFailed, $"The switchover was refused: {await answer.Content.ReadAsStringAsync(cancellation)}");
        }
    }

    /// <summary>Asks until the answer is as wished, or the time is up; returns the last answer.</summary>
    public async Task<GatewayView?> WaitAsync(Func<GatewayView, bool> condition, TimeSpan limit, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var view = await TryReadAsync(cancellation);
            if ((view is not null && condition(view)) || TimeProvider.System.GetElapsedTime(started) > limit)
            {
                return view;
            }

            await Task.Delay(s_pollInterval, cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static bool IsNoAnswer(Exception exception, CancellationToken cancellation) =>
        exception is HttpRequestException || (exception is TaskCanceledException && !cancellation.IsCancellationRequested);
}
