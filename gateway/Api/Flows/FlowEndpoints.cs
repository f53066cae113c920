using System.Globalization;
using Appliance.Gateway.Api.Access;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Appliance.Gateway.Api.Flows;

/// <summary>The open connections.</summary>
internal static class FlowEndpoints
{
    /// <summary>How many connections match, whatever the page holds.</summary>
    public const string TotalHeader = "X-Total-Count";

    /// <summary>Maps <c>flows</c>.</summary>
    public static void MapFlows(this IEndpointRouteBuilder api) => api.MapGet("/flows", ReadAsync).RequireAuthorization(AccessRules.Read)
        .Produces<IReadOnlyList<FlowDocument>>().WithSummary("The open connections, how each is protected, and how far its replicas are.");

    private static async Task<IResult> ReadAsync([AsParameters] FlowQuery query, [FromServices] FlowReadings readings, HttpContext http)
    {
        if (query.Problem is { } problem)
        {
            return Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        }
        var matching = query.Apply(await readings.ReadAsync());
        http.Response.Headers[TotalHeader] = matching.Count.ToString(CultureInfo.InvariantCulture);
        if (Links(query, matching.Count, http.Request) is { Length: > 0 } links)
        {
            http.Response.Headers.Link = links;
        }
        return Results.Ok(query.Page(matching));
    }

    /// <summary>Where the neighbouring pages are (RFC 8288).</summary>
    private static string Links(FlowQuery query, int total, HttpRequest request)
    {
        if (query.Limit is not { } limit)
        {
            return string.Empty;
        }
        var links = new List<string>();
        if ((long)query.First + limit < total)
        {
            links.Add($"<{Page(query.First + limit)}>; rel=\"next\"");
        }
        if (query.First > 0)
        {
            links.Add($"<{Page(Math.Max(0, query.First - limit))}>; rel=\"prev\"");
        }
        return string.Join(", ", links);

        string Page(int offset) => QueryHelpers.AddQueryString(
            request.Path, request.Query.Where(p => p.Key != "offset").SelectMany(p => p.Value, (p, v) => KeyValuePair.Create(p.Key, v)).Append(KeyValuePair.Create("offset", (string?)$"{offset}")));
    }
}
