namespace Appliance.Gateway.Recording.Store;

/// <summary>Why a store is degraded.</summary>
public enum StoreTrouble
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>No connection.</summary>
    Unreachable,

    /// <summary>Connected, but no answer in time, or fewer bytes per second than are recorded.</summary>
    Slow,

    /// <summary>Out of memory.</summary>
    Full,

    /// <summary>It takes no writes: a replica, or a server that cannot save.</summary>
    ReadOnly,

    /// <summary>It does not accept the password, or the user may not do what is needed.</summary>
    Auth,

    /// <summary>Anything else that it answered.</summary>
    Other,
}
