namespace Appliance.Gateway.Failover;

/// <summary>Why an assignment changed.</summary>
public enum Cause
{
    /// <summary>Nobody held the service.</summary>
    Start,

    /// <summary>A node already held the service when this gateway started.</summary>
    Adopted,

    /// <summary>The active node was silent for longer than the detection timeout.</summary>
    ActiveSilent,

    /// <summary>An operator ordered it.</summary>
    Forced,

    /// <summary>A replica was silent for longer than the detection timeout: clients are unprotected.</summary>
    ReplicaLost,

    /// <summary>A node came (back) and replicates from now on.</summary>
    ReplicaJoined,

    /// <summary>A node knew a higher epoch than this gateway.</summary>
    EpochRaised,
}
