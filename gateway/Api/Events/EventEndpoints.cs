using System.Net.Mime;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Appliance.Gateway.Api.Access;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Appliance.Gateway.Api.Events;

/// <summary>What happens, as it happens.</summary>
internal static class EventEndpoints
{
    /// <summary>Maps <c>events</c>.</summary>
    public static void MapEvents(this IEndpointRouteBuilder api) => api.MapGet("/events", Read).RequireAuthorization(AccessRules.Read)
        .Produces<IReadOnlyList<JsonObject>>(StatusCodes.Status200OK, EventStream.MediaType, MediaTypeNames.Application.Json)
        .WithSummary("What has happened and what happens, as server-sent events, or what has happened as JSON.");

    private static IResult Read(
        Journal journal, IOptions<JsonOptions> json, [FromHeader(Name = "Last-Event-ID")] string? lastEventId, HttpContext http, IHostApplicationLifetime lifetime)
    {
        if (EventStream.IsUnwanted(http.Request))
        {
            return Results.Json(journal.After(lastEventId).Entries.Select(e => e.ToJson(json.Value.SerializerOptions)));
        }
        return EventStream.Send(http, lifetime, cancellation => Follow(journal, json.Value, lastEventId, cancellation));
    }

    private static async IAsyncEnumerable<SseItem<JsonObject>?> Follow(Journal journal, JsonOptions json, string? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var (entries, more) = journal.After(after);
            foreach (var entry in entries)
            {
                after = entry.Id;
                yield return new SseItem<JsonObject>(entry.ToJson(json.SerializerOptions), entry.Kind) { EventId = entry.Id };
            }
            if (!await EventStream.WaitAsync(more, cancellation))
            {
                yield break;
            }
            if (!more.IsCompleted)
            {
                yield return null; // a sign of life
            }
        }
    }
}
