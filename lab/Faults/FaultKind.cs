namespace Appliance.Lab.Faults;

/// <summary>What can be done to a lab.</summary>
public enum FaultKind
{
    /// <summary>A machine dies: its cable is cut and every process of it killed. Of the gateway: its program is killed.</summary>
    Crash,

    /// <summary>A node's cable is cut; the machine lives on.</summary>
    Cut,

    /// <summary>A node's server is killed; the machine and its agent live on.</summary>
    KillApp,

    /// <summary>A node's server is stopped and neither answers nor ends.</summary>
    HangApp,

    /// <summary>A share of the copies to the replica is lost.</summary>
    TapLoss,

    /// <summary>Not a fault but the end of some.</summary>
    Heal,
}
