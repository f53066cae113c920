using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Host;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Node.Api;

/// <summary>
/// The agent's own HTTP interface, for the gateway alone: operators read it through the gateway, which adds the key that is
/// derived from the control plane's secret. Read only.
/// </summary>
public static class NodeApi
{
    private const int MostConnections = 32;

    /// <summary>Starts it.</summary>
    /// <exception cref="StartupException">The address is not this host's, or the port is taken.</exception>
    public static async Task<WebApplication> StartAsync(NodeOptions options, IPEndPoint listen, Func<NodeHealth> health, Func<IReadOnlyDictionary<string, ulong>> counters, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(listen);
        });
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        builder.Services.AddProblemDetails();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.Configure<JsonOptions>(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase)));
        var app = builder.Build();
        app.UseStatusCodePages();
        var key = Encoding.ASCII.GetBytes($"Bearer {NodeApiKey.Of(options.Secret)}");
        app.Use((http, next) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString()), key)
            ? next(http)
            : Results.Problem("This interface is the gateway's: ask it for /nodes/NAME/….", statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(http));
        app.MapGet("/health", health);
        app.MapGet("/counters", counters);
        app.MapGet("/log", (int? lines) => ReadLog(options.ServerLog, lines));
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException e)
        {
            throw new StartupException($"listen: {listen}: {e.Message}: choose an address of this host and a free port");
        }
        return app;
    }

    private static IResult ReadLog(string? file, int? lines)
    {
        if (file is null)
        {
            return Results.Problem("serverLog is not set in the node's configuration: name the server's log file there.", statusCode: StatusCodes.Status404NotFound);
        }
        try
        {
            return Results.Text(LogTail.Read(file, Math.Clamp(lines ?? 200, 1, 10_000)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Results.Problem($"serverLog: {e.Message}", statusCode: StatusCodes.Status404NotFound);
        }
    }
}
