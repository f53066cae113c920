using System.Net;

namespace Appliance.Lab.Daemons;

/// <summary>Asks the gateway over its REST interface. No answer is an answer: the gateway may be dead.</summary>
public sealed class GatewayClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Makes a client for the gateway at <paramref name="apiUrl"/>.</summary>
    public GatewayClient(Uri apiUrl)
    {
        // No proxy that the environment may name lies between the root namespace and the lab.
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromMilliseconds(500) })
        {
            BaseAddress = apiUrl,
            Timeout = TimeSpan.FromSeconds(1),
        };
    }

    /// <summary>Whether both nodes hold their roles.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.GetAsync("/readyz", cancellation);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (IsNoAnswer(exception, cancellation))
        {
            return false;
        }
    }

    /// <summary>The gateway's status, or null when it does not answer.</summary>
    public async Task<GatewayStatus?> TryGetStatusAsync(CancellationToken cancellation)
    {
        try
        {
            return GatewayStatus.TryParse(await _http.GetStringAsync("/api/v1/status", cancellation), out var status) ? status : null;
        }
        catch (Exception exception) when (IsNoAnswer(exception, cancellation))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static bool IsNoAnswer(Exception exception, CancellationToken cancellation) =>
        exception is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested;
}
