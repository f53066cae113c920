namespace Appliance.Bench.Compare;

/// <summary>What stands between clients and two servers.</summary>
public enum Product
{
    /// <summary>The kernel's forwarding to one server, and nothing else.</summary>
    Plain,

    /// <summary>HAProxy in TCP mode on the gateway, which checks both servers.</summary>
    Haproxy,

    /// <summary>keepalived on both nodes, which moves the address.</summary>
    Keepalived,

    /// <summary>The appliance: only the active node's output reaches clients.</summary>
    Silent,

    /// <summary>The appliance: the first copy of each byte does.</summary>
    Hot,

    /// <summary>The appliance: what both nodes have said does.</summary>
    Agree,
}
