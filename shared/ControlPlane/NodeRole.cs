namespace Appliance.ControlPlane;

/// <summary>What a node is ordered to be; the values go over the wire and into the programs.</summary>
public enum NodeRole : byte
{
    /// <summary>Silent: feeds the copied traffic to its own server. Also what a node is before its first order.</summary>
    Replica = 0,

    /// <summary>Holds the service: its segments reach the clients.</summary>
    Active = 1,
}
