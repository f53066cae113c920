using System.Security.Claims;
using Appliance.Configuration;

namespace Appliance.Gateway.Api.Access;

/// <summary>Names that authentication and authorization share.</summary>
internal static class AccessRules
{
    /// <summary>The authentication scheme, and the policies that ask for a scope.</summary>
    public const string Scheme = "Token";

    /// <summary>Policy: may read.</summary>
    public const string Read = "read";

    /// <summary>Policy: may order.</summary>
    public const string Operate = "operate";

    private const string ScopeClaim = "scope";

    /// <summary>Somebody with a scope.</summary>
    public static ClaimsPrincipal Principal(string name, ApiScope scope) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, name), new Claim(ScopeClaim, scope.ToString())], Scheme));

    /// <summary>What somebody may do.</summary>
    public static ApiScope ScopeOf(ClaimsPrincipal user) =>
        Enum.TryParse<ApiScope>(user.FindFirst(ScopeClaim)?.Value, out var scope) ? scope : ApiScope.None;

    /// <summary>Who it is, for the audit log.</summary>
    public static string NameOf(ClaimsPrincipal user) => user.Identity?.Name ?? "anonymous";
}
