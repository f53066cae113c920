namespace Appliance.Configuration;

/// <summary>What of a service's ports is protected; the values are IP protocol numbers (IPPROTO_*).</summary>
public enum ServiceProtocol : byte
{
    /// <summary>TCP and UDP.</summary>
    Any = 0,

    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,
}
