namespace Appliance.RepairChannel;

/// <summary>What a node is to do about a connection whose client hears, or heard, several nodes; the values go over the wire.</summary>
public enum VoiceOrder : uint
{
    /// <summary>Its client hears the active node alone.</summary>
    Silent,

    /// <summary>Its client hears several: the node sends its output to the gateway whatever its role, and the client may be ahead of it.</summary>
    Hot,

    /// <summary>Its client has been given what contradicts the active node: that one ends the connection with a reset.</summary>
    End,
}
