namespace Appliance.Savefiles;

/// <summary>What a savefile's packets begin with: libpcap's DLT_ values on Linux.</summary>
public enum LinkType
{
    /// <summary>Ethernet.</summary>
    Ethernet = 1,

    /// <summary>IPv4 or IPv6, told apart by the first four bits.</summary>
    RawIP = 12,

    /// <summary>Linux "cooked" capture, from the interface <c>any</c>.</summary>
    LinuxCooked = 113,

    /// <summary>IPv4.</summary>
    IPv4 = 228,

    /// <summary>IPv6.</summary>
    IPv6 = 229,

    /// <summary>Linux "cooked" capture, version 2.</summary>
    LinuxCooked2 = 276,
}
