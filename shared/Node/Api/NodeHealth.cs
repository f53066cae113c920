using Appliance.ControlPlane;

namespace Appliance.Node.Api;

/// <summary>The body of <c>GET health</c>.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Role">The role that it has, by its own word.</param>
/// <param name="Epoch">The epoch that it obeys.</param>
/// <param name="GatewayHeardMs">Milliseconds since the gateway was last heard; null before.</param>
/// <param name="ServerEnded">A server that it had has ended.</param>
/// <param name="ServerFailing">A configured probe fails.</param>
/// <param name="ServerStalledMs">Milliseconds for which its servers have left all input unread.</param>
/// <param name="Flows">How its replicas are.</param>
public sealed record NodeHealth(string Name, NodeRole Role, ulong Epoch, double? GatewayHeardMs, bool ServerEnded, bool ServerFailing, double ServerStalledMs, FlowSummary Flows);
