namespace Appliance.Gateway.Recording;

/// <summary>How a connection would fare if the active node died now.</summary>
public enum FlowState
{
    /// <summary>A replica has received all that is recorded, but for the last milliseconds.</summary>
    Protected,

    /// <summary>A replica lacks bytes, or is being made; all that it lacks is held for it.</summary>
    Repairing,

    /// <summary>There is no replica, and none can be made.</summary>
    Unprotected,

    /// <summary>Its replica's server behaved differently.</summary>
    Diverged,
}
