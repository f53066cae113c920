namespace Appliance.Node.Repair;

/// <summary>How a replica is doing, as the gateway is told.</summary>
public enum ReplicaStanding
{
    /// <summary>Its socket has not been seen yet.</summary>
    Opening,

    /// <summary>It follows.</summary>
    Following,

    /// <summary>Its server did not produce what the client has acknowledged.</summary>
    Diverged,

    /// <summary>It follows, and has said something else than its original.</summary>
    Differing,

    /// <summary>It has ended.</summary>
    Over,
}
