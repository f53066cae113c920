using System.Security.Cryptography;
using System.Text;

namespace Appliance.Gateway.Api.Access;

/// <summary>
/// Refuses what another site makes a browser order. A browser that has logged in proves that the request is the dashboard's
/// by a token that only the dashboard's scripts can read; and every present browser says from where a request comes
/// (Fetch Metadata, <c>Sec-Fetch-Site</c>), which also protects a gateway that asks for no token.
/// </summary>
internal static class CrossSiteGuard
{
    private const string CsrfHeader = "X-CSRF-Token";

    /// <summary>To be used before authorization.</summary>
    public static void UseCrossSiteGuard(this WebApplication app) => app.Use((http, next) => IsForeign(http)
        ? Results.Problem($"A request that changes state needs the session's {CsrfHeader}, and must not come from another site.", statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(http)
        : next(http));

    private static bool IsForeign(HttpContext http)
    {
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || HttpMethods.IsOptions(http.Request.Method))
        {
            return false;
        }
        if (http.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
        {
            return true;
        }
        var isBearer = http.Request.Headers.Authorization.Count > 0; // no browser adds that by itself
        var session = http.RequestServices.GetRequiredService<SessionStore>().Find(http.Request.Cookies[SessionStore.Cookie]);
        return !isBearer && session is not null && !IsLogin(http) && !Equal(http.Request.Headers[CsrfHeader].ToString(), session.CsrfToken);
    }

    /// <summary>Logging in anew replaces the session; SameSite=Strict keeps other sites from it.</summary>
    private static bool IsLogin(HttpContext http) => HttpMethods.IsPost(http.Request.Method) && http.Request.Path == "/api/v1/session";

    private static bool Equal(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
