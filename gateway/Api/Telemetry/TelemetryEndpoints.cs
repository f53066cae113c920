using System.Net.Mime;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Appliance.Gateway.Api.Access;
using Appliance.Gateway.Api.Events;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Appliance.Gateway.Api.Telemetry;

/// <summary>The last two minutes in steps of half a second.</summary>
internal static class TelemetryEndpoints
{
    /// <summary>Maps <c>telemetry</c>.</summary>
    public static void MapTelemetry(this IEndpointRouteBuilder api) => api.MapGet("/telemetry", Read).RequireAuthorization(AccessRules.Read)
        .Produces<TelemetryDocument>(StatusCodes.Status200OK, MediaTypeNames.Application.Json, EventStream.MediaType)
        .WithSummary("What the gateway counted in the last two minutes, as JSON, or as server-sent events that go on.");

    private static IResult Read(TelemetryLog log, IOptions<JsonOptions> json, HttpContext http, IHostApplicationLifetime lifetime) =>
        http.Request.Headers.Accept.ToString().Contains(EventStream.MediaType, StringComparison.OrdinalIgnoreCase)
            ? EventStream.Send(http, lifetime, cancellation => Follow(log, json.Value.SerializerOptions, cancellation))
            : Results.Ok(new TelemetryDocument(TelemetryLog.Interval.TotalMilliseconds, log.After(0).Samples));

    private static async IAsyncEnumerable<SseItem<JsonObject>?> Follow(TelemetryLog log, JsonSerializerOptions json, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var number = 0L; ;)
        {
            var (samples, now, more) = log.After(number);
            number = now;
            foreach (var sample in samples)
            {
                yield return new SseItem<JsonObject>(JsonSerializer.SerializeToNode(sample, json)!.AsObject(), "sample");
            }
            if (!await EventStream.WaitAsync(more, cancellation))
            {
                yield break;
            }
        }
    }
}
