using Appliance.Configuration;
using Appliance.Gateway.Api.Access;
using Microsoft.AspNetCore.Mvc;

namespace Appliance.Gateway.Api.Orders;

/// <summary>What changes state, and what came of it.</summary>
internal static class OrderEndpoints
{
    private const int LongestKey = 200;

    /// <summary>Maps <c>failover</c>, <c>nodes/{name}/drain</c>, <c>operations</c> and <c>audit</c>.</summary>
    public static void MapOrders(this IEndpointRouteBuilder api)
    {
        api.MapPost("/failover", FailOverAsync).RequireAuthorization(AccessRules.Operate).DescribeBodyProblems().Produces<Operation>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity).WithSummary("Moves the service to the replica.");
        api.MapPost("/nodes/{name}/drain", DrainAsync).RequireAuthorization(AccessRules.Operate).DescribeBodyProblems().Produces<Operation>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Moves the service away from a node, and keeps the node out.");
        api.MapDelete("/nodes/{name}/drain", AdmitAsync).RequireAuthorization(AccessRules.Operate).Produces<Operation>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Lets a drained node in again.");
        api.MapGet("/operations", (OperationLog log) => log.All).RequireAuthorization(AccessRules.Read).WithSummary("The last operations, the latest first.");
        api.MapGet("/operations/{id}", Find).RequireAuthorization(AccessRules.Read).Produces<Operation>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("One operation.");
        api.MapGet("/audit", (AuditLog log) => log.All).RequireAuthorization(AccessRules.Operate).WithSummary("Who ordered what, the latest last.");
    }

    private static Task<IResult> FailOverAsync(
        FailoverRequest request, [FromHeader(Name = "Idempotency-Key")] string? key, [FromHeader(Name = "Prefer")] string? prefer, [FromServices] OrderContext context) => request.Kind switch
    {
        "planned" => BeginAsync(new Order(OperationKind.Planned, null, request.AcceptLoss), key, prefer, context),
        "forced" => BeginAsync(new Order(OperationKind.Forced, null, AcceptLoss: true), key, prefer, context),
        _ => Task.FromResult(Results.Problem($"kind: '{request.Kind}' must be \"planned\" or \"forced\"", statusCode: StatusCodes.Status400BadRequest)),
    };

    private static Task<IResult> DrainAsync(
        string name, DrainRequest? request, [FromHeader(Name = "Idempotency-Key")] string? key, [FromHeader(Name = "Prefer")] string? prefer, [FromServices] OrderContext context) =>
        BeginAsync(new Order(OperationKind.Drain, name, request?.AcceptLoss ?? false), key, prefer, context);

    private static Task<IResult> AdmitAsync(
        string name, [FromHeader(Name = "Idempotency-Key")] string? key, [FromHeader(Name = "Prefer")] string? prefer, [FromServices] OrderContext context) =>
        BeginAsync(new Order(OperationKind.Undrain, name, AcceptLoss: false), key, prefer, context);

    private static async Task<IResult> BeginAsync(Order order, string? key, string? prefer, OrderContext context)
    {
        if (order.Node is { } node && context.Options.Nodes.All(n => n.Name != node))
        {
            return Results.Problem($"name: there is no node '{node}'; the nodes are {string.Join(", ", context.Options.Nodes.Select(n => n.Name))}.", statusCode: StatusCodes.Status404NotFound);
        }
        if (key?.Length > LongestKey)
        {
            return Results.Problem($"Idempotency-Key: at most {LongestKey} characters.", statusCode: StatusCodes.Status400BadRequest);
        }
        if (context.Log.Begin(order, context.Who, key, progress => context.Desk.CarryOutAsync(order, progress)) is not ({ } operation, { } end))
        {
            context.Note("refused: the Idempotency-Key belongs to another request");
            return Results.Problem("Idempotency-Key: was used for another request; take a new one.", statusCode: StatusCodes.Status422UnprocessableEntity);
        }
        if (prefer?.Contains("respond-async", StringComparison.OrdinalIgnoreCase) != true)
        {
            operation = await end;
        }
        context.Note($"{operation.State}, operation {operation.Id}{(operation.Problem is { } problem ? $": {problem}" : string.Empty)}");
        return operation.State == OperationState.Failed
            ? Results.Problem(operation.Problem, statusCode: StatusCodes.Status409Conflict, extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["operation"] = operation.Id })
            : Results.Accepted($"/api/v1/operations/{operation.Id}", operation);
    }

    private static IResult Find(string id, OperationLog log) => log.Find(id) is { } operation
        ? Results.Ok(operation)
        : Results.Problem($"id: there is no operation '{id}', or it is forgotten: the last {OperationLog.Kept} are kept.", statusCode: StatusCodes.Status404NotFound);
}
