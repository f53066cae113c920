namespace Appliance.Configuration;

/// <summary>Whose output the gateway lets through to clients.</summary>
public enum OutputPolicy
{
    /// <summary>Only the active node's.</summary>
    Silent,

    /// <summary>The first copy of each byte, whichever node it comes from.</summary>
    Hot,

    /// <summary>What all nodes have said alike.</summary>
    Agree,
}
