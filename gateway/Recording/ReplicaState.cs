namespace Appliance.Gateway.Recording;

/// <summary>How one node's replica of a connection is.</summary>
public enum ReplicaState
{
    /// <summary>It follows.</summary>
    InStep,

    /// <summary>It exists, and has not yet had all that was there before it.</summary>
    CatchingUp,

    /// <summary>It is offered to the node, or will be when its server is back.</summary>
    Making,

    /// <summary>Its server behaved differently.</summary>
    Diverged,

    /// <summary>There is none, and none can be made.</summary>
    None,
}
