namespace Appliance.Bpf.Layout;

/// <summary>enum report_kind.</summary>
public enum ReportKind : uint
{
    /// <summary>A segment that acknowledges output which the replica has not produced.</summary>
    HeldCausal = 0,

    /// <summary>A segment that came before its connection was ready for it.</summary>
    HeldEarly = 1,

    /// <summary>A reset that is ahead of what the replica has received.</summary>
    HeldReset = 2,

    /// <summary>The replica has produced output that a held segment may wait for.</summary>
    Progress = 3,

    /// <summary>A client's SYN.</summary>
    Syn = 4,

    /// <summary>The replica has said something else than its original.</summary>
    Difference = 5,

    /// <summary>A segment that waits for its turn among those of other connections.</summary>
    HeldOrdered = 6,

    /// <summary>The active node has sent something more.</summary>
    Said = 7,

    /// <summary>As <see cref="HeldOrdered"/>, but the active node has had it before it came here.</summary>
    HeldLate = 8,
}
