using Appliance.ControlPlane;

namespace Appliance.Gateway.Failover;

/// <summary>A change of assignment that the shell has to carry out at once.</summary>
/// <param name="Order">The new assignment.</param>
/// <param name="Cause">Why.</param>
/// <param name="Node">Index of the node that gave the cause, or -1.</param>
/// <param name="IsPrepared">
/// Only the new active node is to be told: it speaks, unheard, until it says that it does; then the decision comes again,
/// to be carried out.
/// </param>
public sealed record Decision(Assignment Order, Cause Cause, int Node, bool IsPrepared = false);
