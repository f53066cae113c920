using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Net.Http.Headers;

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
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.Configure<JsonOptions>(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase)));
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
        app.Use(static next => context => IsReadable(context.Request)
            ? next(context)
            : throw new BadHttpRequestException("Content-Type: JSON is read in UTF-8 only; leave the charset out.", StatusCodes.Status415UnsupportedMediaType));
    }

    /// <summary>Whoever reads a body takes a charset that nobody knows for the gateway's mistake.</summary>
    private static bool IsReadable(HttpRequest request) =>
        !MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.Charset.HasValue || type.Charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase);
}
