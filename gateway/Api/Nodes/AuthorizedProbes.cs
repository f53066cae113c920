using System.Net.Http.Headers;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Appliance.Gateway.Api.Nodes;

/// <summary>The proxy's own questions after a node's health carry the key as well.</summary>
internal sealed class AuthorizedProbes(string authorization) : IProbingRequestFactory
{
    /// <inheritdoc/>
    public HttpRequestMessage CreateRequest(ClusterModel cluster, DestinationModel destination)
    {
        var path = cluster.Config.HealthCheck?.Active?.Path;
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(destination.Config.Address), path));
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(authorization);
        return request;
    }
}
