namespace Appliance.Lab.Topology;

/// <summary>The machines of a lab, each a network namespace.</summary>
public enum LabHost
{
    /// <summary>Where clients run.</summary>
    Client,

    /// <summary>The router in front of the service address.</summary>
    Gateway,

    /// <summary>The LAN between gateway and nodes; faults of the wire are made here.</summary>
    Switch,

    /// <summary>The node that serves first.</summary>
    Node1,

    /// <summary>The node that is the replica first.</summary>
    Node2,
}
