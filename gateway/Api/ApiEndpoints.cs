using Appliance.Configuration;
using Appliance.Gateway.Control;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Failover;
using Appliance.Gateway.Recording;

namespace Appliance.Gateway.Api;

/// <summary>The REST interface under <c>/api/v1</c>, and the probes.</summary>
public static class ApiEndpoints
{
    private static readonly TimeSpan s_planPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_planPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Maps everything.</summary>
    public static void MapApi(this WebApplication app)
    {
        app.MapGet("/healthz", () => Results.Text("ok"));
        app.MapGet("/readyz", (StatusReader reader) =>
            reader.Read().Ready ? Results.Text("ready") : Results.Text("not ready: see /api/v1/status", statusCode: StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/api/v1/status", (StatusReader reader) => reader.Read());
        app.MapGet("/api/v1/flows", (GatewayDataPath dataPath, Recorder recorder, GatewayOptions options) => FlowDocument.ReadAllAsync(dataPath, recorder, options));
        app.MapPost("/api/v1/failover", FailOverAsync);
        app.MapRecordings();
    }

    private static async Task<IResult> FailOverAsync(FailoverRequest request, ControlLoop control, StatusReader reader, GatewayOptions options) => request.Kind switch
    {
        "planned" => await PlanAsync(request.AcceptLoss, control, reader, options),
        "forced" => await ForceAsync(control, options),
        _ => Results.Problem($"kind: '{request.Kind}' must be \"planned\" or \"forced\"", statusCode: StatusCodes.Status400BadRequest),
    };

    private static async Task<IResult> ForceAsync(ControlLoop control, GatewayOptions options) => await control.ForceAsync() is { } decision
        ? Done(decision, options)
        : Conflict("No live replica could take the service over; see /api/v1/status for the state of the nodes.");

    /// <summary>
    /// Refused when it would cost a connection: those without a replica that follows. What may be over in a moment is waited for:
    /// a node that joins, connections that are just being replicated.
    /// </summary>
    private static async Task<IResult> PlanAsync(bool acceptLoss, ControlLoop control, StatusReader reader, GatewayOptions options)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var unprotected = acceptLoss ? 0 : reader.Unprotected();
            var (decision, refusal) = unprotected > 0 ? (null, PlanRefusal.None) : await control.PlanAsync();
            var canWait = unprotected > 0 || refusal is PlanRefusal.NoReplica or PlanRefusal.UnderWay;
            if (!canWait || TimeProvider.System.GetElapsedTime(started) > s_planPatience)
            {
                return unprotected > 0
                    ? Conflict($"{unprotected} open connections have no replica that follows and would be lost. Wait until they end (GET /api/v1/flows names them), or repeat the order with \"acceptLoss\": true.")
                    : Answer(decision, refusal, options);
            }
            await Task.Delay(s_planPause);
        }
    }

    private static IResult Answer(Decision? decision, PlanRefusal refusal, GatewayOptions options) => refusal switch
    {
        PlanRefusal.None when decision!.Cause == Cause.Planned => Done(decision, options),
        PlanRefusal.None => Conflict("The replica did not answer in time; the service stays where it was, and nothing was lost."),
        PlanRefusal.NoActive => Conflict("The active node is silent: there is nothing to plan. The failover of a dead node needs no order; \"forced\" moves the service at once."),
        PlanRefusal.NoReplica => Conflict("No live replica obeys the epoch in force; see /api/v1/status for the state of the nodes."),
        PlanRefusal.ReplicaServers => Conflict("A server that the active node has is missing on the replica: start it there first, or order \"forced\"."),
        _ => Conflict("A switchover is under way."),
    };

    private static IResult Done(Decision decision, GatewayOptions options) =>
        Results.Accepted("/api/v1/status", new { epoch = decision.Order.Epoch, active = options.Nodes[decision.Order.Active].Name, cause = decision.Cause });

    private static IResult Conflict(string reason) => Results.Problem(reason, statusCode: StatusCodes.Status409Conflict);
}
