namespace Appliance.Tests.Unit.Simulation;

/// <summary>What can go wrong.</summary>
internal enum FaultKind
{
    /// <summary>A node's agent crashes and starts again; its programs stay meanwhile.</summary>
    AgentCrash,

    /// <summary>A node's machine crashes and boots.</summary>
    NodeCrash,

    /// <summary>A node's agent stands still for a while.</summary>
    AgentPause,

    /// <summary>The gateway's process crashes, or hands over, and starts again with the programs that stayed.</summary>
    GatewayCrash,

    /// <summary>The gateway's machine crashes and boots; nothing is forwarded meanwhile.</summary>
    GatewayReboot,

    /// <summary>The gateway's process stands still for a while.</summary>
    GatewayPause,

    /// <summary>A link is cut in one direction.</summary>
    WireCut,

    /// <summary>All links of a node are cut in one direction, or in both.</summary>
    Partition,

    /// <summary>A wall clock is set, forwards or back.</summary>
    ClockJump,

    /// <summary>Old datagrams are sent again.</summary>
    Replay,

    /// <summary>A node's server ends, hangs, or fails its probe.</summary>
    ServerFailure,

    /// <summary>The network loses up to 30 % and delays for a while.</summary>
    Disturbance,
}
