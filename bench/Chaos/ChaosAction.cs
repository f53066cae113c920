namespace Appliance.Bench.Chaos;

/// <summary>What the campaign does to the appliance, one at a time. Each is a single failure, or an order.</summary>
public enum ChaosAction
{
    /// <summary>The active node's host dies.</summary>
    CrashPrimary,

    /// <summary>The replica's host dies.</summary>
    CrashBackup,

    /// <summary>The active node's cable is cut.</summary>
    CutPrimary,

    /// <summary>The replica's cable is cut.</summary>
    CutBackup,

    /// <summary>The active node's server is killed.</summary>
    KillPrimaryServer,

    /// <summary>The replica's server is killed.</summary>
    KillBackupServer,

    /// <summary>The active node's server hangs for a while.</summary>
    HangPrimaryServer,

    /// <summary>The replica's server hangs for a while.</summary>
    HangBackupServer,

    /// <summary>A share of the copies is lost from now on, or none any more.</summary>
    LoseCopies,

    /// <summary>The gateway's program is killed and started again.</summary>
    RestartGateway,

    /// <summary>An operator moves the service in good order.</summary>
    SwitchOver,
}
