using Appliance.Lab.Topology;

namespace Appliance.Lab.Status;

/// <summary>One machine of a lab.</summary>
/// <param name="Host">Which one.</param>
/// <param name="Namespace">Its network namespace.</param>
/// <param name="Exists">Whether that exists.</param>
/// <param name="Link">Whether its cable to the switch is plugged in; null for a host that is not behind the switch.</param>
/// <param name="Program">The appliance's program on it, if any.</param>
/// <param name="Pid">That program's process id.</param>
/// <param name="Alive">Whether that program runs.</param>
/// <param name="Processes">How many processes run on it.</param>
public sealed record HostStatus(
    LabHost Host,
    string Namespace,
    bool Exists,
    bool? Link,
    string? Program,
    int? Pid,
    bool? Alive,
    int Processes);
