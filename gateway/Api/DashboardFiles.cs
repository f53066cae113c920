using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace Appliance.Gateway.Api;

/// <summary>The dashboard: files that were built with the program and refer to nothing elsewhere.</summary>
internal static class DashboardFiles
{
    /// <summary>No script, style or connection but the gateway's own, and no other site may show the dashboard in a frame.</summary>
    private const string Policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

    /// <summary>Serves them at the root, to anybody: what they show is asked for with a token.</summary>
    public static void UseDashboard(this WebApplication app)
    {
        app.Use((http, next) =>
        {
            http.Response.Headers[HeaderNames.ContentSecurityPolicy] = Policy;
            http.Response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";
            http.Response.Headers["Referrer-Policy"] = "no-referrer";
            return next(http);
        });
        var folder = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        if (!Directory.Exists(folder))
        {
            return;
        }
        var files = new PhysicalFileProvider(folder);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            // What is under assets has its content's hash in its name.
            OnPrepareResponse = file => file.Context.Response.Headers.CacheControl =
                file.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache",
        });
    }
}
