using Appliance.Bpf.Layout;

namespace Appliance.Node;

/// <summary>
/// Decides whether a client's segment has waited in vain for the output that it acknowledges: the replica's server has everything that came
/// before, and has said less than the original. Of one that says the same, as far as it goes, that is known late: it may only be slow.
/// A pure function of state and time; times are CLOCK_MONOTONIC nanoseconds.
/// </summary>
public static class CausalPatience
{
    /// <summary>How long a segment waits for a server that is known to have answered something else.</summary>
    public const ulong KnownNs = OrderedTurns.LongestWaitNs;

    /// <summary>How long it waits for one that may be slow.</summary>
    public const ulong LongestNs = 10_000_000_000;

    /// <summary>
    /// Does the replica's server have everything that came before? What is missing is being repaired: a replica that lacks it cannot answer,
    /// and has not diverged.
    /// </summary>
    public static bool IsOwed(HeldSegment segment, in Replica replica) => (int)(segment.Sequence - replica.Received) <= 0;

    /// <summary>Should it go all the same?</summary>
    /// <param name="segment">The next one of its connection.</param>
    /// <param name="digest">What both sides have said.</param>
    /// <param name="progressNs">When the replica last said something, or was given something to answer.</param>
    /// <param name="nowNs">The time.</param>
    public static bool IsOver(HeldSegment segment, in Replica replica, in Digest digest, ulong progressNs, ulong nowNs)
    {
        if (!IsOwed(segment, replica))
        {
            return false;
        }
        // What is said before the client speaks a second time is not compared, nor is what lies before a gap.
        var isCompared = digest.ClientIsn == replica.ClientIsn && digest.Own.Next == digest.Own.LastEnd;
        var isKnown = replica.ShortBy != 0 || (replica.Flags & ReplicaFlags.Differs) != ReplicaFlags.None;
        var limit = isKnown || (isCompared && segment.IsContradicted(digest.Own)) ? KnownNs : LongestNs;
        return nowNs > Math.Max(segment.SinceNs, progressNs) + limit;
    }
}
