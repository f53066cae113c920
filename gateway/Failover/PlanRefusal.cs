namespace Appliance.Gateway.Failover;

/// <summary>Why a planned switchover cannot begin.</summary>
public enum PlanRefusal
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Nobody holds the service, or its holder is silent: there is nothing to plan.</summary>
    NoActive,

    /// <summary>No node replicates, is alive and obeys the epoch in force.</summary>
    NoReplica,

    /// <summary>The replica lacks a server that the active node has.</summary>
    ReplicaServers,

    /// <summary>A switchover is under way.</summary>
    UnderWay,
}
