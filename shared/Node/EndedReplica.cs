using Appliance.Bpf.Layout;

namespace Appliance.Node;

/// <summary>A connection that its node has ended, because no client may hear it.</summary>
/// <param name="replica">What it was.</param>
/// <param name="atNs">When, CLOCK_MONOTONIC nanoseconds.</param>
public sealed class EndedReplica(Replica replica, ulong atNs)
{
    /// <summary>What it was.</summary>
    public Replica Replica => replica;

    /// <summary>When it was ended, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong AtNs => atNs;

    /// <summary>The gateway has been told.</summary>
    public bool IsReported { get; set; }
}
