using Appliance.ControlPlane;

namespace Appliance.Gateway.Failover;

/// <summary>A change of assignment that the shell has to carry out at once.</summary>
/// <param name="Order">The new assignment.</param>
/// <param name="Cause">Why.</param>
/// <param name="Node">Index of the node that gave the cause, or -1.</param>
public sealed record Decision(Assignment Order, Cause Cause, int Node);
