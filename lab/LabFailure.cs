namespace Appliance.Lab;

/// <summary>Why the lab could not do what it was asked to.</summary>
public enum LabFailure
{
    /// <summary>The process is not root, so it cannot make namespaces.</summary>
    NotRoot,

    /// <summary>A program that the lab calls is not installed.</summary>
    MissingTool,

    /// <summary>A name, number or file that the user gave cannot be used.</summary>
    InvalidArgument,

    /// <summary>There is no lab of that name.</summary>
    NoSuchLab,

    /// <summary>A lab of that name exists already.</summary>
    AlreadyUp,

    /// <summary>There is no host of that name in a lab.</summary>
    UnknownHost,

    /// <summary>The lab's files are damaged.</summary>
    DamagedState,

    /// <summary>A program of the system (ip, nft) failed.</summary>
    CommandFailed,

    /// <summary>A gateway or node program is not built, or ended while it started.</summary>
    DaemonFailed,

    /// <summary>The appliance did not become ready in time.</summary>
    NotReady,
}
