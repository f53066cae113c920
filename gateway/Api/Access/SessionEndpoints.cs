using Appliance.Configuration;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Gateway.Api.Access;

/// <summary>How a browser logs in and out.</summary>
internal static class SessionEndpoints
{
    /// <summary>Maps <c>session</c>.</summary>
    public static void MapSession(this IEndpointRouteBuilder api)
    {
        api.MapPost("/session", Open).AllowAnonymous().DescribeBodyProblems().WithSummary("Logs a browser in.");
        api.MapGet("/session", Read).RequireAuthorization().WithSummary("Who asks, and what they may do.");
        api.MapDelete("/session", Close).AllowAnonymous().WithSummary("Logs a browser out.");
    }

    private static Results<Ok<SessionDocument>, ProblemHttpResult> Open(LoginRequest login, SessionStore sessions, ApiOptions options, HttpContext http)
    {
        if (string.IsNullOrEmpty(login.Token) || TokenAuthentication.Find(login.Token.Trim(), options) is not { } token)
        {
            return TypedResults.Problem("token: is none of those that api.tokens configures.", statusCode: StatusCodes.Status401Unauthorized);
        }
        var (id, session) = sessions.Open(token);
        http.Response.Cookies.Append(SessionStore.Cookie, id, new CookieOptions
        {
            HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, Path = "/", Expires = session.Until,
        });
        return TypedResults.Ok(new SessionDocument(session.Name, session.Scope, session.CsrfToken));
    }

    private static SessionDocument Read(HttpContext http, SessionStore sessions) => new(
        AccessRules.NameOf(http.User), AccessRules.ScopeOf(http.User), sessions.Find(http.Request.Cookies[SessionStore.Cookie])?.CsrfToken);

    private static NoContent Close(HttpContext http, SessionStore sessions)
    {
        if (http.Request.Cookies[SessionStore.Cookie] is { } id)
        {
            sessions.Close(id);
            http.Response.Cookies.Delete(SessionStore.Cookie);
        }
        return TypedResults.NoContent();
    }
}

/// <summary>The body of <c>POST session</c>.</summary>
/// <param name="Token">One that <c>api.tokens</c> configures.</param>
internal sealed record LoginRequest(string? Token);

/// <summary>Who asks.</summary>
/// <param name="Name">As <c>api.tokens</c> has it, or <c>anonymous</c>.</param>
/// <param name="Scope">What they may do.</param>
/// <param name="CsrfToken">For a browser that has logged in: to be sent as <c>X-CSRF-Token</c> with what changes state.</param>
internal sealed record SessionDocument(string Name, ApiScope Scope, string? CsrfToken);
