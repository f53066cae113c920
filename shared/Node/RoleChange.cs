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

    /// <summary>From active to replica.</summary>
    LetGo,
}
