using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Gateway.Api.Access;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Appliance.Gateway.Api.Nodes;

/// <summary>
/// <c>/nodes/{name}/…</c>: the node agents' own interfaces, through the gateway. Operators need no way to the nodes, and the
/// nodes know nobody but the gateway.
/// </summary>
internal static class NodeProxy
{
    private static readonly TimeSpan HealthInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Adds the proxy of all nodes that have such an interface.</summary>
    public static void AddNodeProxy(this IServiceCollection services, GatewayOptions options)
    {
        var nodes = options.Nodes.Where(n => n.Api is not null).ToList();
        var authorization = $"Bearer {NodeApiKey.Of(options.Secret)}";
        services.AddReverseProxy().LoadFromMemory([.. nodes.Select(n => Route(n, authorization))], [.. nodes.Select(n => Cluster(n))]);
        services.AddSingleton<Yarp.ReverseProxy.Health.IProbingRequestFactory>(new AuthorizedProbes(authorization));
    }

    private static RouteConfig Route(GatewayOptions.NodeEntry node, string authorization) => new()
    {
        RouteId = node.Name,
        ClusterId = node.Name,
        AuthorizationPolicy = AccessRules.Read,
        Match = new RouteMatch { Path = $"/nodes/{node.Name}/{{**rest}}", Methods = ["GET"] },
        Transforms =
        [
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PathRemovePrefix"] = $"/nodes/{node.Name}" },
            new Dictionary<string, string>(StringComparer.Ordinal) { ["RequestHeaderRemove"] = "Cookie" },
            new Dictionary<string, string>(StringComparer.Ordinal) { ["RequestHeader"] = "Authorization", ["Set"] = authorization },
        ],
    };

    private static ClusterConfig Cluster(GatewayOptions.NodeEntry node) => new()
    {
        ClusterId = node.Name,
        Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { [node.Name] = new() { Address = $"http://{node.Api}" } },
        HttpRequest = new ForwarderRequestConfig { ActivityTimeout = Patience },
        HttpClient = new HttpClientConfig { MaxConnectionsPerServer = 8 },
        HealthCheck = new HealthCheckConfig
        {
            AvailableDestinationsPolicy = "HealthyAndUnknown", // one that is dead is not asked: 503 at once
            Active = new ActiveHealthCheckConfig { Enabled = true, Interval = HealthInterval, Timeout = Patience, Policy = "ConsecutiveFailures", Path = "/health" },
        },
        Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["ConsecutiveFailuresHealthPolicy.Threshold"] = "1" },
    };
}
