using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Lab.Topology;

namespace Appliance.Tests.Lab.Support;

/// <summary>The gateway's <c>GET /api/v1/status</c>, as a client of the interface reads it.</summary>
public sealed record GatewayReport(
    ulong Epoch,
    bool Ready,
    int Flows,
    IReadOnlyList<NodeReport> Nodes,
    IReadOnlyList<EventReport> Events,
    RecorderReport Recorder,
    IReadOnlyDictionary<string, ulong> Counters,
    IReadOnlyDictionary<string, long> IgnoredDatagrams)
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>Asks the gateway.</summary>
    public static async Task<GatewayReport> ReadAsync(Uri api, CancellationToken cancellation) =>
        (await s_http.GetFromJsonAsync<GatewayReport>(new Uri(api, "/api/v1/status"), JsonSerializerOptions.Web, cancellation))!;

    /// <summary>Asks the gateway; null when it does not answer.</summary>
    public static async Task<GatewayReport?> TryReadAsync(Uri api, CancellationToken cancellation)
    {
        try
        {
            return await ReadAsync(api, cancellation);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Asks the gateway for its open connections.</summary>
    public static async Task<IReadOnlyList<OpenFlow>> FlowsAsync(Uri api, CancellationToken cancellation) =>
        (await s_http.GetFromJsonAsync<List<OpenFlow>>(new Uri(api, "/api/v1/flows"), JsonSerializerOptions.Web, cancellation))!;

    /// <summary>What it says of a node.</summary>
    public NodeReport Node(LabHost node) => Nodes.Single(candidate => candidate.Name == LabNames.Of(node));

    /// <inheritdoc/>
    public override string ToString() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
