using Appliance.Gateway.Api.Access;
using Appliance.Gateway.Api.Events;
using Appliance.Gateway.Api.Flows;
using Appliance.Gateway.Api.Orders;
using Appliance.Gateway.Api.Savefiles;
using Appliance.Gateway.Api.Status;
using Appliance.Gateway.Api.Telemetry;

namespace Appliance.Gateway.Api;

/// <summary>The REST interface under <c>/api/v1</c>, and what probes and Prometheus ask.</summary>
internal static class ApiEndpoints
{
    /// <summary>Maps everything.</summary>
    public static void MapApi(this WebApplication app)
    {
        app.MapGet("/healthz", () => Results.Text("ok")).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/readyz", (StatusReader reader) =>
            reader.Read().Ready ? Results.Text("ready") : Results.Text("not ready: see /api/v1/status", statusCode: StatusCodes.Status503ServiceUnavailable)).AllowAnonymous().ExcludeFromDescription();
        app.MapMetrics();
        app.MapOpenApi().RequireAuthorization(AccessRules.Read);
        var api = app.MapGroup("/api/v1").DescribeProblems();
        api.MapSession();
        api.MapGet("/status", (StatusReader reader) => reader.Read()).RequireAuthorization(AccessRules.Read).WithSummary("How everything is.");
        api.MapFlows();
        api.MapEvents();
        api.MapTelemetry();
        api.MapOrders();
        api.MapOutput();
        api.MapRecordings();
    }
}
