namespace Appliance.Net;

/// <summary>How reading or writing a kernel setting ended.</summary>
public enum SysctlStatus
{
    /// <summary>Read, or the setting now has the wanted value.</summary>
    Ok,

    /// <summary>The setting exists but may not be changed here: no privilege, or /proc/sys is mounted read-only (containers).</summary>
    NotWritable,

    /// <summary>The kernel (or this network namespace) has no such setting.</summary>
    Missing,

    /// <summary>The kernel does not take this value.</summary>
    Refused,
}
