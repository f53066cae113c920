using Appliance.ControlPlane;
using Appliance.Gateway.Failover;

namespace Appliance.Gateway.Control;

/// <summary>A snapshot of the control loop, replaced whole at every change.</summary>
/// <param name="Assignment">In force.</param>
/// <param name="Drained">Nodes that an operator keeps out, one bit each.</param>
/// <param name="Nodes">By index.</param>
/// <param name="Events">The last changes, oldest first.</param>
/// <param name="Ignored">Datagrams that were ignored, by reason.</param>
public sealed record ControlStatus(
    Assignment Assignment,
    byte Drained,
    IReadOnlyList<NodeView> Nodes,
    IReadOnlyList<GatewayEvent> Events,
    IReadOnlyDictionary<MessageError, long> Ignored)
{
    /// <summary>Does an operator keep the node out?</summary>
    public bool IsDrained(int node) => (Drained & (1 << node)) != 0 && node != Assignment.Active;
}
