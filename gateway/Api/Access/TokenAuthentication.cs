using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Appliance.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Appliance.Gateway.Api.Access;

/// <summary>
/// Who asks: the bearer of a configured token (RFC 6750), a browser that has logged in with one, or anybody, as far as
/// <c>api.anonymous</c> lets them.
/// </summary>
internal sealed class TokenAuthentication(
    ApiOptions api, SessionStore sessions, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logging, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logging, encoder)
{
    private const string Bearer = "Bearer ";

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = HasBearer ? "Bearer error=\"invalid_token\"" : "Bearer";
        return Refuse(
            StatusCodes.Status401Unauthorized,
            HasBearer ? "The token is none of those that api.tokens configures."
                : "A token is needed: Authorization: Bearer TOKEN, with one of those that api.tokens configures.");
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Refuse(StatusCodes.Status403Forbidden, "This needs a token with the scope operate.");

    private bool HasBearer => Request.Headers.Authorization.ToString().StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);

    private AuthenticateResult Authenticate()
    {
        if (HasBearer)
        {
            return Find(Request.Headers.Authorization.ToString()[Bearer.Length..].Trim(), api) is { } token
                ? Success(token.Name, token.Scope)
                : AuthenticateResult.Fail("unknown token");
        }
        if (sessions.Find(Request.Cookies[SessionStore.Cookie]) is { } session)
        {
            Context.Features.Set(session);
            return Success(session.Name, session.Scope);
        }
        return api.Anonymous == ApiScope.None ? AuthenticateResult.NoResult() : Success("anonymous", api.Anonymous);
    }

    /// <summary>The configured token that a text is. Compares all of them, in constant time.</summary>
    public static ApiToken? Find(string text, ApiOptions api)
    {
        var digest = ApiOptions.DigestOf(text);
        ApiToken? found = null;
        foreach (var token in api.Tokens)
        {
            found = CryptographicOperations.FixedTimeEquals(token.Digest, digest) ? token : found;
        }
        return found;
    }

    private static AuthenticateResult Success(string name, ApiScope scope) =>
        AuthenticateResult.Success(new AuthenticationTicket(AccessRules.Principal(name, scope), AccessRules.Scheme));

    private Task Refuse(int status, string detail) => Results.Problem(detail, statusCode: status).ExecuteAsync(Context);
}
