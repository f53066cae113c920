using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Appliance.Cli;

/// <summary>The gateway's REST interface, as the commands use it. What goes wrong becomes a <see cref="CliException"/>.</summary>
public sealed class GatewayClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Connects with the first request.</summary>
    /// <param name="api">Where the gateway is.</param>
    /// <param name="token">Null for none.</param>
    /// <param name="trusted">A certificate that is trusted besides those that an authority has signed; null for none.</param>
    public GatewayClient(Uri api, string? token, X509Certificate2? trusted)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) };
        if (trusted is not null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, errors) =>
                errors == SslPolicyErrors.None || (shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(trusted.RawData));
        }
        _http = new HttpClient(handler) { BaseAddress = api, Timeout = TimeSpan.FromSeconds(15) };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>Asks for JSON.</summary>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellation) => AskAsync(HttpMethod.Get, path, null, cancellation);

    /// <summary>Orders something.</summary>
    public Task<JsonElement> OrderAsync(HttpMethod method, string path, object? body, CancellationToken cancellation) => AskAsync(method, path, body, cancellation);

    /// <summary>Opens a stream of server-sent events.</summary>
    public Task<Stream> StreamAsync(string path, CancellationToken cancellation) => GuardAsync(async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/{path}");
        request.Headers.Accept.ParseAdd("text/event-stream");
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        await ThrowIfRefusedAsync(answer, cancellation);
        return await answer.Content.ReadAsStreamAsync(cancellation);
    }, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private Task<JsonElement> AskAsync(HttpMethod method, string path, object? body, CancellationToken cancellation) => GuardAsync(async () =>
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await _http.SendAsync(request, cancellation);
        await ThrowIfRefusedAsync(answer, cancellation);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation);
    }, cancellation);

    private async Task<T> GuardAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or JsonException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            var reason = e is JsonException ? "does not answer as a gateway does" : (e.InnerException ?? e).Message;
            throw new CliException(ExitCode.Unreachable, $"{_http.BaseAddress}: {reason.TrimEnd('.')}. Name the gateway's REST interface with --api.", e);
        }
    }

    private static async Task ThrowIfRefusedAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }
        string? detail = null;
        if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation);
            detail = problem.TryGetProperty("detail", out var text) ? text.GetString() : null;
        }
        var isUnauthorized = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
        throw new CliException(
            isUnauthorized ? ExitCode.Unauthorized : ExitCode.Refused,
            $"{detail ?? $"The gateway answers {(int)answer.StatusCode}."}{(isUnauthorized ? " Give it with --token-file, or in APPLIANCE_TOKEN." : string.Empty)}");
    }
}
