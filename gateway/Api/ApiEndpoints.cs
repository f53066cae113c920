using Appliance.Gateway.Control;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Recording;

namespace Appliance.Gateway.Api;

/// <summary>The REST interface under <c>/api/v1</c>, and the probes.</summary>
public static class ApiEndpoints
{
    /// <summary>Maps everything.</summary>
    public static void MapApi(this WebApplication app)
    {
        app.MapGet("/healthz", () => Results.Text("ok"));
        app.MapGet("/readyz", (StatusReader reader) =>
            reader.Read().Ready ? Results.Text("ready") : Results.Text("not ready: see /api/v1/status", statusCode: StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/api/v1/status", (StatusReader reader) => reader.Read());
        app.MapGet("/api/v1/flows", (GatewayDataPath dataPath, Recorder recorder) => FlowDocument.ReadAllAsync(dataPath, recorder));
        app.MapPost("/api/v1/failover", FailOverAsync);
        app.MapRecordings();
    }

    private static async Task<IResult> FailOverAsync(FailoverRequest request, ControlLoop control)
    {
        if (request.Kind != "forced")
        {
            return Results.Problem($"kind: '{request.Kind}' must be \"forced\"", statusCode: StatusCodes.Status400BadRequest);
        }
        var decision = await control.ForceAsync();
        return decision is null
            ? Results.Problem("No live replica could take the service over; see /api/v1/status for the state of the nodes.", statusCode: StatusCodes.Status409Conflict)
            : Results.Accepted("/api/v1/status", new { epoch = decision.Order.Epoch });
    }
}
