namespace Appliance.Bench.Forwarding;

/// <summary>What stands between client and server.</summary>
public enum ForwardingPath
{
    /// <summary>The kernel's forwarding and nothing else.</summary>
    Plain,

    /// <summary>The appliance, with a replica on the second node.</summary>
    Appliance,

    /// <summary>HAProxy in TCP mode on the gateway.</summary>
    Haproxy,
}
