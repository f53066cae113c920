using Appliance.Gateway.Api.Access;
using Appliance.Gateway.Metrics;

namespace Appliance.Gateway.Api;

/// <summary>What Prometheus scrapes.</summary>
internal static class MetricsEndpoint
{
    /// <summary>Maps <c>/metrics</c>.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder app) => app.MapGet("/metrics", (GatewayMetrics metrics) => Results.Text(PrometheusText.Write(metrics.Read()), PrometheusText.MediaType))
        .RequireAuthorization(AccessRules.Read).ExcludeFromDescription();
}
