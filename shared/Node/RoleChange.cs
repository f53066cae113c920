namespace Appliance.Node;

/// <summary>What an order changes at a node.</summary>
public enum RoleChange
{
    /// <summary>Nothing: the order in force, repeated.</summary>
    None,

    /// <summary>The role stays under a new epoch.</summary>
    EpochOnly,

    /// <summary>From replica to active.</summary>
    TakeOver,

    /// <summary>From replica to active, but the gateway has not turned to this node yet: it speaks, and is not heard.</summary>
    Prepare,

    /// <summary>The gateway has turned to this node, which was prepared.</summary>
    Settle,

    /// <summary>From active to replica.</summary>
    LetGo,
}
