using Appliance.Bpf.Layout;

namespace Appliance.Node.Repair;

/// <summary>What is remembered of one replica from one look to the next. Times are CLOCK_MONOTONIC nanoseconds, 0 = never.</summary>
public sealed class WatchedReplica
{
    /// <summary>Tells incarnations of the same ends apart.</summary>
    public uint ClientIsn { get; set; }

    /// <summary>As of the last look.</summary>
    public Replica Replica { get; set; }

    /// <summary>The look that saw it last.</summary>
    public ulong Scan { get; set; }

    /// <summary>The gateway knows <see cref="ReportedReceived"/>.</summary>
    public bool IsReported { get; set; }

    /// <summary>It is to be told again. That it has been told before still holds: if the replica vanishes, the gateway has to know.</summary>
    public bool IsDue { get; set; }

    /// <summary>What the gateway was told last.</summary>
    public uint ReportedReceived { get; set; }

    /// <summary>As <see cref="ReportedReceived"/>.</summary>
    public ReplicaStanding ReportedStanding { get; set; }

    /// <summary>Since when bytes are missing, without any progress.</summary>
    public ulong LackingSinceNs { get; set; }

    /// <summary>What it had received then.</summary>
    public uint LackingFrom { get; set; }

    /// <summary>When bytes first were missing, until none are: progress does not change it.</summary>
    public ulong GapSinceNs { get; set; }

    /// <summary>Bytes of this gap came from the gateway.</summary>
    public bool WasSupplied { get; set; }

    /// <summary>When its stack was last asked how far it is.</summary>
    public ulong ProbedNs { get; set; }

    /// <summary>When bytes were last asked for; 0 when no answer is outstanding.</summary>
    public ulong AskedNs { get; set; }

    /// <summary>Of its requests, how many the gateway has not answered: more than one when one was thought lost.</summary>
    public int OpenRequests { get; set; }

    /// <summary>When its last answer was complete; 0 = never.</summary>
    public ulong ServedNs { get; set; }

    /// <summary>The gateway had nothing: it is not asked again before this time.</summary>
    public ulong RestsUntilNs { get; set; }

    /// <summary>Answers in a row of which the stack took nothing.</summary>
    public int Refusals { get; set; }

    /// <summary>Bytes to ask for next time.</summary>
    public uint Appetite { get; set; } = RepairPlan.FirstBytes;

    /// <summary>What the last request was for begins here.</summary>
    public uint AskedFrom { get; set; }

    /// <summary>What the last request was for ends here.</summary>
    public uint AskedUpTo { get; set; }

    /// <summary>Since when the replica has sent what its client seems not to have acknowledged.</summary>
    public ulong UnacknowledgedSinceNs { get; set; }

    /// <summary>What the client had acknowledged then.</summary>
    public uint UnacknowledgedFrom { get; set; }

    /// <summary>How often the gateway was asked how far the client is, since then.</summary>
    public int PositionsAsked { get; set; }

    /// <summary>The gateway does not hold what is missing any more.</summary>
    public bool IsGone { get; set; }
}
