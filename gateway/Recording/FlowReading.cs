namespace Appliance.Gateway.Recording;

/// <summary>What the recorder knows of a connection.</summary>
/// <param name="State">How it would fare if the active node died now.</param>
/// <param name="RecordedBytes">Length of the client's stream so far, FIN included.</param>
/// <param name="Replicas">Of the nodes that should have one.</param>
public sealed record FlowReading(FlowState State, long RecordedBytes, IReadOnlyList<ReplicaReading> Replicas)
{
    /// <summary>A connection that the recorder does not know.</summary>
    public static FlowReading Unknown { get; } = new(FlowState.Unprotected, 0, []);
}

/// <summary>One node's replica.</summary>
/// <param name="Node">Index of the node.</param>
/// <param name="State">How it is.</param>
/// <param name="LagBytes">What it has not confirmed of the stream; null where there is no replica.</param>
public readonly record struct ReplicaReading(int Node, ReplicaState State, long? LagBytes);
