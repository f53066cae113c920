using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Faults;

/// <summary>A fault that was made.</summary>
/// <param name="Fault">What was done.</param>
/// <param name="Target">To whom; null means to everything.</param>
/// <param name="AtNs">When, on CLOCK_MONOTONIC in nanoseconds: the instant before it acted.</param>
/// <param name="DoneNs">The instant after it had acted, on the same clock.</param>
public sealed record FaultRecord(FaultKind Fault, LabHost? Target, long AtNs, long DoneNs)
{
    /// <summary>Whether it lasts.</summary>
    public bool Active { get; init; }

    /// <summary>The processes that were killed or stopped.</summary>
    public IReadOnlyList<int> Pids { get; init; } = [];

    /// <summary>Lost share of the copies, in hundredths of a percent.</summary>
    public int? BasisPoints { get; init; }

    /// <summary>When it ends by itself, on CLOCK_MONOTONIC in nanoseconds.</summary>
    public long? UntilNs { get; init; }

    /// <summary>The process that ends it then.</summary>
    public ProcessStamp? Timer { get; init; }

    /// <summary>Whether it lasts at an instant of CLOCK_MONOTONIC.</summary>
    public bool IsActiveAt(long nowNs) => Active && (UntilNs is not { } until || nowNs < until);
}
