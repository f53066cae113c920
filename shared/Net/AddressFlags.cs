namespace Appliance.Net;

/// <summary><c>IFA_FLAGS</c> of an interface address (linux/if_addr.h); those this product sets or looks at.</summary>
[Flags]
public enum AddressFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>IPv6: usable at once, without duplicate address detection (which takes a second).</summary>
    NoDuplicateDetection = 0x02,

    /// <summary>IPv6: duplicate address detection found another owner.</summary>
    DuplicateDetectionFailed = 0x08,

    /// <summary>IPv6: duplicate address detection is still running, the address is not usable.</summary>
    Tentative = 0x40,

    /// <summary>Configured, without lifetime.</summary>
    Permanent = 0x80,

    /// <summary>The kernel adds no route to the prefix.</summary>
    NoPrefixRoute = 0x200,
}
