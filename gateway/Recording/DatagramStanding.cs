namespace Appliance.Gateway.Recording;

/// <summary>What is known of how a replica answers one client's datagrams.</summary>
public enum DatagramStanding : byte
{
    /// <summary>Not both of the two have answered any.</summary>
    Unknown,

    /// <summary>As the active node does.</summary>
    Agrees,

    /// <summary>It has said something else.</summary>
    Differs,
}
