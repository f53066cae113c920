namespace Appliance.Configuration;

/// <summary>What happens to a connection whose replica falls behind by nearly a whole window.</summary>
public enum LagPolicy
{
    /// <summary>The client is slowed down until the replica has caught up.</summary>
    Protect,

    /// <summary>The client keeps its pace; the connection is shown as unprotected.</summary>
    BestEffort,
}
