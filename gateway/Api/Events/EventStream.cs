using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using Appliance.Gateway.Api.Access;

namespace Appliance.Gateway.Api.Events;

/// <summary>What the streams of server-sent events have in common (WHATWG HTML, section 9.2).</summary>
internal static class EventStream
{
    /// <summary>What it is.</summary>
    public const string MediaType = "text/event-stream";

    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(15);

    /// <summary>Does the client want JSON, and not a stream?</summary>
    public static bool IsUnwanted(HttpRequest request) =>
        request.Headers.Accept.ToString() is var accept && accept.Contains("application/json", StringComparison.OrdinalIgnoreCase)
            && !accept.Contains(MediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Waits for more, or until a sign of life is due; false when the stream is over.</summary>
    public static async Task<bool> WaitAsync(Task more, CancellationToken cancellation)
    {
        await Task.WhenAny(more, Task.Delay(SignOfLife, cancellation));
        return !cancellation.IsCancellationRequested;
    }

    /// <summary>Sends items as they come, until the client goes or its session ends, or the gateway goes; null is a comment, which keeps the connection open and shows a dead one.</summary>
    public static IResult Send(HttpContext http, IHostApplicationLifetime lifetime, Func<CancellationToken, IAsyncEnumerable<SseItem<JsonObject>?>> items) => new Result(http, lifetime, items);

    private sealed class Result(HttpContext http, IHostApplicationLifetime lifetime, Func<CancellationToken, IAsyncEnumerable<SseItem<JsonObject>?>> items) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(
                http.RequestAborted, lifetime.ApplicationStopping, http.Features.Get<Session>()?.Ended ?? CancellationToken.None);
            http.Response.ContentType = MediaType;
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Headers["X-Accel-Buffering"] = "no"; // a proxy between shall not collect them
            var text = new StringBuilder();
            try
            {
                await foreach (var item in items(end.Token))
                {
                    text.Clear();
                    Write(text, item);
                    await http.Response.WriteAsync(text.ToString(), end.Token);
                    await http.Response.Body.FlushAsync(end.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The client has gone or logged out, or the gateway goes.
            }
        }

        private static void Write(StringBuilder text, SseItem<JsonObject>? item)
        {
            if (item is not { } it)
            {
                text.Append(":\n\n");
                return;
            }
            if (it.EventId is { } id)
            {
                text.Append("id: ").Append(id).Append('\n');
            }
            text.Append("event: ").Append(it.EventType).Append("\ndata: ").Append(it.Data.ToJsonString()).Append("\n\n");
        }
    }
}
