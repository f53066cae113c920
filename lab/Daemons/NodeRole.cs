namespace Appliance.Lab.Daemons;

/// <summary>What a node is doing, as the gateway sees it.</summary>
public enum NodeRole
{
    /// <summary>The gateway did not say, or said something that this tool does not know.</summary>
    Unknown,

    /// <summary>It holds the service.</summary>
    Active,

    /// <summary>It follows in silence and can take over.</summary>
    Replica,

    /// <summary>It is catching up and cannot take over yet.</summary>
    Syncing,

    /// <summary>An operator keeps it out.</summary>
    Drained,

    /// <summary>It is not heard.</summary>
    Down,
}
