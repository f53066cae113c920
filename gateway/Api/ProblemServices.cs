using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;

namespace Appliance.Gateway.Api;

/// <summary>How errors are told: as problem details (RFC 9457) that name the field and what is wrong with it.</summary>
internal static class ProblemServices
{
    /// <summary>Adds it, and how JSON is written.</summary>
    public static void AddProblems(this IServiceCollection services)
    {
        services.AddProblemDetails(problem => problem.CustomizeProblemDetails = context =>
        {
            if (context.Exception is BadHttpRequestException bad)
            {
                context.ProblemDetails.Detail = bad.InnerException is JsonException json ? $"{bad.Message} {json.Message}" : bad.Message;
            }
        });
        services.AddSingleton<IProblemDetailsWriter, LastProblemWriter>(); // after the framework's own
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.Configure<JsonOptions>(json =>
        {
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, GatewayJson.Default);
        });
    }

    /// <summary>Catches what goes wrong further in.</summary>
    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = e => e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException, // a client's doing
        });
        app.UseStatusCodePages();
        app.UseCharsetGuard();
    }
}
