using Appliance.Configuration;
using Appliance.Gateway.Control;
using Appliance.Gateway.Recording;

namespace Appliance.Gateway.Api.Status;

/// <summary>The body of <c>GET /api/v1/status</c>.</summary>
/// <param name="Epoch">Epoch in force; 0 before the first assignment.</param>
/// <param name="Ready">The service is held, and every configured node plays its part in the epoch.</param>
/// <param name="Output">Whose output reaches clients, of services that do not say it themselves.</param>
/// <param name="Flows">Connections open through the gateway.</param>
/// <param name="Unprotected">Of these, the ones that have no replica at a live node and can have none: they would not survive a failover.</param>
/// <param name="Version">Of the gateway's program.</param>
/// <param name="At">Wall-clock time of the gateway.</param>
/// <param name="StartedAt">When this process began.</param>
/// <param name="Services">What is protected.</param>
/// <param name="MonotonicNs">CLOCK_MONOTONIC of the gateway, for relating the times in <paramref name="Events"/>.</param>
public sealed record StatusDocument(
    ulong Epoch,
    bool Ready,
    OutputPolicy Output,
    int Flows,
    int Unprotected,
    string Version,
    DateTimeOffset At,
    DateTimeOffset StartedAt,
    IReadOnlyList<ServiceDocument> Services,
    ulong MonotonicNs,
    IReadOnlyList<NodeDocument> Nodes,
    IReadOnlyList<GatewayEvent> Events,
    RecorderStatus Recorder,
    IReadOnlyDictionary<string, ulong> Counters,
    IReadOnlyDictionary<string, long> IgnoredDatagrams);
