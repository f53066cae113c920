namespace Appliance.Gateway.Api;

/// <summary>What the interface's description says of errors that have the same reasons everywhere.</summary>
internal static class ProblemDescriptions
{
    /// <summary>A request that makes no sense, one without a token, and one whose token allows too little.</summary>
    public static T DescribeProblems<T>(this T endpoints)
        where T : IEndpointConventionBuilder => endpoints.ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);

    /// <summary>A body that is too large, or none of JSON.</summary>
    public static T DescribeBodyProblems<T>(this T endpoints)
        where T : IEndpointConventionBuilder => endpoints.ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
}
