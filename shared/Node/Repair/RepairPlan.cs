using Appliance.Bpf.Layout;
using Appliance.Native;

namespace Appliance.Node.Repair;

/// <summary>
/// Decides what a replica needs, from its state and the time alone. Loss shows in two ways: in a gap between what the
/// replica has received and the highest number that the client has used, and in an acknowledgement by the active node of
/// what the replica lacks (the paper's early segment loss detection).
/// </summary>
public static class RepairPlan
{
    /// <summary>First request: a gap is mostly one segment, and what follows it is waiting in the stack already.</summary>
    public const uint FirstBytes = 64 << 10;

    /// <summary>Greatest request.</summary>
    public const uint MostBytes = RepairRequests.MostBytes;

    /// <summary>How long a segment may be on its way through the host before its stack is asked.</summary>
    private static readonly ulong PatienceNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(1));

    /// <summary>
    /// How long an answer may take while nothing at all comes from the gateway: what is asked for at a time is bounded
    /// (<see cref="RepairRequests"/>), so it has something else to do, or has missed it.
    /// </summary>
    internal static readonly ulong AnswerNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(50));

    /// <summary>How long the gateway is left in peace when it had nothing.</summary>
    private static readonly ulong RestNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(50));

    /// <summary>How long a stack is left in peace that took nothing of what came, or is too busy to say so.</summary>
    private static readonly ulong BusyNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(5));
    private const int MostDoublings = 3;

    /// <summary>A stack that has no room says so when it has; in case that was missed, it is asked.</summary>
    private static readonly ulong FullNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(100));

    private static readonly ulong PositionNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(100));

    /// <summary>Sequence number after the last byte that the client is known to have sent.</summary>
    public static uint Target(in Replica r) => (int)(r.ClientNext - r.ActiveAck) > 0 ? r.ClientNext : r.ActiveAck;

    /// <summary>
    /// Notes a new look at a replica, and whether it lacks bytes. A segment that is held until the replica has sent what it
    /// acknowledges is not lacking.
    /// </summary>
    /// <param name="held">Sequence number of the first byte that the engine holds, if any.</param>
    public static bool IsLacking(WatchedReplica w, uint? held, ulong nowNs)
    {
        var r = w.Replica;
        var isBehind = (r.Flags & ReplicaFlags.Confirmed) != ReplicaFlags.None && (int)(Target(r) - r.Received) > 0;
        if (!isBehind || (held is not null && (int)(held.Value - r.Received) <= 0))
        {
            w.LackingSinceNs = w.GapSinceNs = 0;
            w.IsGone = false;
            if (!isBehind)
            {
                w.AskedNs = w.RestsUntilNs = 0;
                w.Appetite = FirstBytes;
            }
            return false;
        }
        if (w.LackingSinceNs == 0 || w.LackingFrom != r.Received)
        {
            w.LackingSinceNs = nowNs;
            w.LackingFrom = r.Received;
            w.IsGone = false;
        }
        w.GapSinceNs = w.GapSinceNs == 0 ? nowNs : w.GapSinceNs;
        return true;
    }

    /// <summary>What to do about a replica that lacks bytes.</summary>
    /// <param name="arrivedNs">When bytes for any replica came last; CLOCK_MONOTONIC nanoseconds, 0 = never.</param>
    public static RepairAction Next(WatchedReplica w, ulong arrivedNs, ulong nowNs)
    {
        if (w.IsGone || nowNs < w.LackingSinceNs + PatienceNs || nowNs < w.RestsUntilNs)
        {
            return RepairAction.Wait;
        }
        if (w.ProbedNs < w.LackingSinceNs || (w.Replica.Window == 0 && nowNs > w.ProbedNs + FullNs))
        {
            return RepairAction.Probe;
        }
        var isUnderWay = w.AskedNs != 0 && nowNs < Math.Max(w.AskedNs, arrivedNs) + AnswerNs;
        return w.Replica.Window == 0 || isUnderWay ? RepairAction.Wait : RepairAction.Ask;
    }

    /// <summary>How many bytes to ask for, from <see cref="Replica.Received"/> on: what the stack takes, and no more than is missing.</summary>
    /// <param name="held">As for <see cref="IsLacking"/>.</param>
    public static uint Request(WatchedReplica w, uint? held, ulong nowNs)
    {
        var r = w.Replica;
        var missing = (held ?? Target(r)) - r.Received;
        var bytes = Math.Max(1, Math.Min(Math.Min(w.Appetite, r.Window), missing));
        w.AskedNs = nowNs;
        w.AskedFrom = r.Received;
        w.AskedUpTo = r.Received + bytes;
        return bytes;
    }

    /// <summary>
    /// Is what ends an answer the end of this one? A request whose answer was late has been made again: the second answer
    /// must not end the wait for what was asked for since.
    /// </summary>
    /// <param name="from">Sequence number of the last piece.</param>
    /// <param name="end">The one after it, without a FIN; the same when the gateway had nothing.</param>
    public static bool IsExpected(WatchedReplica w, uint from, uint end) =>
        w.AskedNs != 0 && end - w.AskedFrom <= w.AskedUpTo - w.AskedFrom && (end != w.AskedFrom || from == end);

    /// <summary>
    /// An answer is complete, and the look at the replica is newer. When the stack stands just where the answer ended, nothing
    /// that came later was waiting there: the next request is twice as large. When it brought nothing, the gateway has
    /// nothing yet: the client has lost the segment itself and will send it again, so the next request can wait.
    /// </summary>
    /// <param name="end">Sequence number after it, a FIN included.</param>
    /// <returns>False when the next request is to wait.</returns>
    public static bool Answered(WatchedReplica w, uint end, ulong nowNs)
    {
        var progressed = w.Replica.Received != w.AskedFrom;
        w.AskedNs = 0;
        w.RestsUntilNs = progressed ? 0 : nowNs + (end == w.AskedFrom ? RestNs : BusyNs << Math.Min(w.Refusals, MostDoublings));
        w.Refusals = progressed ? 0 : w.Refusals + 1;
        w.Appetite = progressed && w.Replica.Received == end ? Math.Min(2 * w.Appetite, MostBytes) : FirstBytes;
        return progressed;
    }

    /// <summary>
    /// Should the gateway be asked how far the client is? A silent replica whose client's last acknowledgement was lost would
    /// retransmit until it gives up.
    /// </summary>
    public static bool NeedsPosition(WatchedReplica w, ulong nowNs)
    {
        var r = w.Replica;
        if ((int)(r.Sent - r.ClientAck) <= 0)
        {
            w.UnacknowledgedSinceNs = 0;
            w.PositionsAsked = 0;
            return false;
        }
        if (w.UnacknowledgedSinceNs == 0 || w.UnacknowledgedFrom != r.ClientAck)
        {
            w.UnacknowledgedSinceNs = nowNs;
            w.UnacknowledgedFrom = r.ClientAck;
            w.PositionsAsked = 0;
        }
        var pause = PositionNs << Math.Min(w.PositionsAsked, 6);
        if (nowNs < w.UnacknowledgedSinceNs + pause)
        {
            return false;
        }
        w.UnacknowledgedSinceNs = nowNs;
        w.PositionsAsked++;
        return true;
    }

    /// <summary>What the gateway is told of a replica. One that has closed alone carries nothing on.</summary>
    /// <param name="isSilent">The node is a replica.</param>
    public static ReplicaStanding StandingOf(in Replica r, bool diverged, bool differs, bool isSilent, ulong nowNs) =>
        r.IsOver || (isSilent && ReplicaLife.IsClosedAlone(r, ReplicaLife.Doubt, nowNs)) ? ReplicaStanding.Over
        : (r.Flags & ReplicaFlags.Confirmed) == ReplicaFlags.None ? ReplicaStanding.Opening
        : diverged ? ReplicaStanding.Diverged
        : differs ? ReplicaStanding.Differing
        : ReplicaStanding.Following;
}
