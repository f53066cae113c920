using System.Text.Json;

namespace Appliance.Lab.Demo;

/// <summary>How the replica's connections are doing, as the gateway tells it.</summary>
/// <param name="Replicas">Connections that the replica has.</param>
/// <param name="InStep">Of these, the ones that have produced and received all that the active node had.</param>
/// <param name="Diverged">Of these, the ones that answer otherwise than the active node.</param>
public readonly record struct FlowCounts(int Replicas, int InStep, int Diverged)
{
    /// <summary>Reads the replica's counts from a status document; all zero when no node is a replica.</summary>
    public static FlowCounts Read(JsonElement status)
    {
        if (status.ValueKind != JsonValueKind.Object || !status.TryGetProperty("nodes", out var nodes) || nodes.ValueKind != JsonValueKind.Array)
        {
            return default;
        }

        foreach (var node in nodes.EnumerateArray())
        {
            if (node.ValueKind == JsonValueKind.Object
                && node.TryGetProperty("role", out var role)
                && role.ValueEquals("replica")
                && node.TryGetProperty("flows", out var flows)
                && flows.ValueKind == JsonValueKind.Object)
            {
                return new FlowCounts(Number(flows, "replicas"), Number(flows, "inStep"), Number(flows, "diverged"));
            }
        }

        return default;
    }

    /// <summary>Whether so many connections are protected.</summary>
    /// <param name="connections">Connections that have to have a replica.</param>
    /// <param name="patient">
    /// Whether to settle for half of them in step at the same instant: of busy connections some are always a moment behind.
    /// </param>
    public bool AreProtected(int connections, bool patient) =>
        Replicas >= connections && Diverged == 0 && InStep >= (patient ? (connections + 1) / 2 : connections);

    private static int Number(JsonElement flows, string name) =>
        flows.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;
}
