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

    /// <summary>The active node's host is well, but a server on it that its replica still runs has ended.</summary>
    ServerEnded,

    /// <summary>The active node's server leaves its input unread, while its replica goes on.</summary>
    ServerHangs,

    /// <summary>The active node's server closes many connections that its replica keeps open: a part of it has died.</summary>
    ServerCloses,

    /// <summary>A probe of the active node's server fails, and those of its replica do not.</summary>
    ServerFails,

    /// <summary>An operator ordered it, whatever it costs.</summary>
    Forced,

    /// <summary>An operator ordered it, and both nodes go on.</summary>
    Planned,

    /// <summary>An operator keeps a node out, and it has given away what it held.</summary>
    NodeDrained,

    /// <summary>A planned switchover was given up: the new active node did not answer.</summary>
    PlanAborted,

    /// <summary>A replica was silent for longer than the detection timeout: clients are unprotected.</summary>
    ReplicaLost,

    /// <summary>A node came (back) and replicates from now on.</summary>
    ReplicaJoined,

    /// <summary>A node knew a higher epoch than this gateway.</summary>
    EpochRaised,
}
