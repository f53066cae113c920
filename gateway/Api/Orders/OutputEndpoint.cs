using Appliance.Configuration;
using Appliance.Gateway.Api.Access;
using Appliance.Gateway.Api.Status;
using Appliance.Gateway.Recording;
using Microsoft.AspNetCore.Mvc;

namespace Appliance.Gateway.Api.Orders;

/// <summary>Whose output reaches a service's clients, while the gateway runs: a restart goes back to what is configured.</summary>
internal static class OutputEndpoint
{
    /// <summary>Maps <c>services/{name}/output</c>.</summary>
    public static void MapOutput(this IEndpointRouteBuilder api) =>
        api.MapPut("/services/{name}/output", SetAsync).RequireAuthorization(AccessRules.Operate).DescribeBodyProblems().Produces<ServiceDocument>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Decides whose output reaches a service's clients, also those that are connected.");

    private static async Task<IResult> SetAsync(string name, OutputRequest request, [FromServices] OrderContext context, [FromServices] Recorder recorder, [FromServices] StatusReader status)
    {
        var service = context.Options.Services.ToList().FindIndex(s => s.Name == name);
        if (service < 0)
        {
            return Results.Problem($"name: there is no service '{name}'; the services are {string.Join(", ", context.Options.Services.Select(s => s.Name))}.", statusCode: StatusCodes.Status404NotFound);
        }
        OutputPolicy? policy = request.Policy switch { "silent" => OutputPolicy.Silent, "hot" => OutputPolicy.Hot, "agree" => OutputPolicy.Agree, _ => null };
        if (policy is null)
        {
            return Results.Problem($"policy: '{request.Policy}' must be \"silent\", \"hot\" or \"agree\"", statusCode: StatusCodes.Status400BadRequest);
        }
        await recorder.SetOutputAsync(service, policy.Value);
        context.Note($"{request.Policy}");
        return Results.Ok(status.Read().Services[service]);
    }
}
