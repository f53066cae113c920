namespace Appliance.ControlPlane;

/// <summary>How a node's replicated flows are doing, as of its last look (once a second, and at a takeover).</summary>
/// <param name="Replicas">Connections with a replica.</param>
/// <param name="InStep">Of these, the ones that have produced and received all that the active node had.</param>
/// <param name="Diverged">Of these, the ones that will not follow: they wait for output that does not come.</param>
/// <param name="Held">Segments that the repair engine holds.</param>
public readonly record struct FlowSummary(uint Replicas, uint InStep, uint Diverged, uint Held);
