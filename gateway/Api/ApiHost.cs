using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Appliance.Configuration;
using Appliance.Gateway.Api.Access;
using Appliance.Gateway.Api.Events;
using Appliance.Gateway.Api.Flows;
using Appliance.Gateway.Api.Nodes;
using Appliance.Gateway.Api.Orders;
using Appliance.Gateway.Api.Status;
using Appliance.Gateway.Api.Telemetry;
using Appliance.Gateway.Metrics;
using Appliance.Gateway.Otlp;
using Appliance.Host;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Appliance.Gateway.Api;

/// <summary>The web server: what it serves, to whom, and how much of the machine it may take.</summary>
internal static class ApiHost
{
    private const int LargestBody = 64 << 10;
    private const double SlowestBody = 1024; // bytes per second
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdlePatience = TimeSpan.FromSeconds(30);

    /// <summary>Builds it; <paramref name="addGateway"/> adds what the endpoints are about.</summary>
    public static WebApplication Build(GatewayOptions options, ILoggerFactory logging, Action<IServiceCollection> addGateway)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(options.Listen);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, options));
        builder.Services.AddSingleton(logging);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        addGateway(builder.Services);
        builder.Services.AddProblems();
        builder.Services.AddAccess(options.Api);
        AddParts(builder.Services);
        if (options.Otlp is { } otlp)
        {
            builder.Services.AddHostedService(s => new OtlpExport(otlp, s.GetRequiredService<GatewayMetrics>().Read, logging, TimeProvider.System));
        }
        builder.Services.AddNodeProxy(options);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var app = builder.Build();
        app.UseProblems();
        app.UseDashboard();
        app.UseAccess();
        app.MapApi();
        app.MapReverseProxy();
        return app;
    }

    private static void AddParts(IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton<StatusReader>();
        services.AddSingleton<FlowReadings>();
        services.AddSingleton<OperationLog>();
        services.AddSingleton<OrderDesk>();
        services.AddSingleton<AuditLog>();
        services.AddScoped<OrderContext>();
        services.AddSingleton<Journal>();
        services.AddSingleton<Narrator>();
        services.AddSingleton<TelemetryLog>();
        services.AddSingleton<Sampler>();
        services.AddSingleton<FailoverMeter>();
        services.AddSingleton<FailoverTracer>();
        services.AddSingleton<GatewayMetrics>();
        services.AddHostedService<Observer>();
        services.AddOpenApi();
    }

    /// <summary>Whatever strangers do here, the packets' way keeps the machine.</summary>
    private static void Limit(KestrelServerOptions kestrel, GatewayOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = LargestBody;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(SlowestBody, Patience);
        kestrel.Limits.RequestHeadersTimeout = Patience;
        kestrel.Limits.KeepAliveTimeout = IdlePatience;
        var quota = new ConnectionQuota();
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.UseQuota(quota, isSecure: options.Api.CertificateFile is not null));
        if (options.Api.CertificateFile is { } certificate)
        {
            kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = Load(certificate, options.Api.KeyFile!));
        }
    }

    private static X509Certificate2 Load(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"api.certificateFile, api.keyFile: {e.Message}: give a certificate and its private key as PEM files");
        }
    }
}
