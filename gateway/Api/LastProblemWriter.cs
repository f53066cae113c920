using Microsoft.Extensions.Options;

namespace Appliance.Gateway.Api;

/// <summary>
/// Tells a problem to clients whose <c>Accept</c> asks for something else, where the framework would say nothing: a server may
/// disregard the header (RFC 9110 section 12.4.1), and a reason is worth more than its format.
/// </summary>
internal sealed class LastProblemWriter(IOptions<ProblemDetailsOptions> options) : IProblemDetailsWriter
{
    private const string MediaType = "application/problem+json";

    /// <inheritdoc/>
    public bool CanWrite(ProblemDetailsContext context) => true;

    /// <inheritdoc/>
    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        context.ProblemDetails.Status ??= http.Response.StatusCode;
        var problem = TypedResults.Problem(context.ProblemDetails).ProblemDetails; // with the title of its status
        options.Value.CustomizeProblemDetails?.Invoke(context);
        return new ValueTask(http.Response.WriteAsJsonAsync(problem, options: null, MediaType, http.RequestAborted));
    }
}
