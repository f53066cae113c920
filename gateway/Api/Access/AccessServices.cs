using Appliance.Configuration;
using Microsoft.AspNetCore.Authentication;

namespace Appliance.Gateway.Api.Access;

/// <summary>What decides who may do what.</summary>
internal static class AccessServices
{
    /// <summary>Adds it.</summary>
    public static void AddAccess(this IServiceCollection services, ApiOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<SessionStore>();
        services.AddAuthentication(AccessRules.Scheme).AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(AccessRules.Scheme, null);
        services.AddAuthorizationBuilder()
            .AddPolicy(AccessRules.Read, policy => policy.RequireAssertion(c => AccessRules.ScopeOf(c.User) >= ApiScope.Read))
            .AddPolicy(AccessRules.Operate, policy => policy.RequireAssertion(c => AccessRules.ScopeOf(c.User) >= ApiScope.Operate));
    }

    /// <summary>Asks for it, before what it protects.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseCrossSiteGuard();
        app.UseAuthorization();
    }
}
