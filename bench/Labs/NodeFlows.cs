namespace Appliance.Bench.Labs;

/// <summary>A node as the gateway sees it; the counts of flows are the node's own, at most a second old.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">Its role.</param>
/// <param name="Replicas">Connections with a replica there.</param>
/// <param name="InStep">Of these, the ones that have all that the active node had.</param>
/// <param name="Diverged">Replicas that were given up, since the node's start.</param>
/// <param name="Held">Segments that wait for the replica.</param>
public sealed record NodeFlows(string Name, string Role, int Replicas, int InStep, int Diverged, int Held);
