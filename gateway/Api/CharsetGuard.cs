using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace Appliance.Gateway.Api;

/// <summary>
/// Refuses bodies in another encoding than JSON's own (RFC 8259 section 8.1). The framework throws at the names that it does
/// not know, among them <c>"utf-8"</c> in quotes, which is a right way to write it.
/// </summary>
internal static class CharsetGuard
{
    private const string Charset = "utf-8";

    /// <summary>To be used before anything reads a body.</summary>
    public static void UseCharsetGuard(this WebApplication app) => app.Use((http, next) =>
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is null
            || !MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || !type.Charset.HasValue)
        {
            return next(http);
        }
        if (!HeaderUtilities.RemoveQuotes(type.Charset).Equals(Charset, StringComparison.OrdinalIgnoreCase))
        {
            return Results.Problem($"Content-Type: the charset must be {Charset}.", statusCode: StatusCodes.Status415UnsupportedMediaType).ExecuteAsync(http);
        }
        type.Charset = Charset;
        http.Request.ContentType = type.ToString();
        return next(http);
    });
}
