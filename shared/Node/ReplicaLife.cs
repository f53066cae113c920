using Appliance.Bpf.Layout;
using Appliance.Native;

namespace Appliance.Node;

/// <summary>Decides what becomes of a replica, from its state and the time alone.</summary>
public static class ReplicaLife
{
    /// <summary>How long a finished connection is kept, for late retransmissions.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    /// <summary>How long a replica may outlive its original.</summary>
    public static readonly TimeSpan Orphan = TimeSpan.FromSeconds(3);

    /// <summary>The same for one that lacks bytes: it is being repaired, so that its server executes what clients were told is received.</summary>
    public static readonly TimeSpan LackingOrphan = TimeSpan.FromMinutes(1);

    /// <summary>How long a socket may take to appear.</summary>
    public static readonly TimeSpan Opening = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a connection may be silent before its socket is asked for.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    /// <summary>How much later than its replica the active node's server may close.</summary>
    public static readonly TimeSpan ClosesLater = TimeSpan.FromSeconds(1);

    /// <summary>How long a replica that has closed is trusted to have closed as its original is about to.</summary>
    public static readonly TimeSpan Doubt = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Has the replica of a silent node closed, and nobody else? Not if the client has acknowledged the close, and not while
    /// the original is still behind it.
    /// </summary>
    public static bool IsClosedAlone(in Replica r)
    {
        const ReplicaFlags Closes = ReplicaFlags.ClientFin | ReplicaFlags.ClientRst | ReplicaFlags.ActiveFin | ReplicaFlags.ActiveRst;
        var isHeard = (r.Flags & ReplicaFlags.OwnFin) != ReplicaFlags.None && r.ClientAck == r.Sent && (int)(r.ActiveNext - r.Sent) < 0;
        var isPassed = (r.Flags & ReplicaFlags.OwnRst) != ReplicaFlags.None || (int)(r.ActiveNext - (r.Sent - 1)) >= 0;
        return r.ClosedNs != 0 && (r.Flags & Closes) == ReplicaFlags.None && !isHeard && isPassed;
    }

    /// <summary>The same, for longer than <paramref name="patience"/>.</summary>
    public static bool IsClosedAlone(in Replica r, TimeSpan patience, ulong nowNs) => IsClosedAlone(r) && Since(r.ClosedNs, nowNs) > patience;

    /// <summary>Judges one replica at <paramref name="nowNs"/> (CLOCK_MONOTONIC).</summary>
    /// <param name="isSilent">The node is a replica; the servers of one that holds the service close as they like.</param>
    public static ReplicaVerdict Judge(in Replica r, ulong nowNs, bool isSilent = true)
    {
        if (isSilent && IsClosedAlone(r, ClosesLater, nowNs))
        {
            return ReplicaVerdict.EndedEarly;
        }
        var idle = Since(r.LastNs, nowNs);
        if (r.IsOver)
        {
            return idle > Linger ? ReplicaVerdict.Remove : ReplicaVerdict.Keep;
        }
        if ((r.Flags & ReplicaFlags.Confirmed) == ReplicaFlags.None)
        {
            var age = Since(r.OpenedNs, nowNs);
            return age > 20 * Opening ? ReplicaVerdict.Remove : age > Opening ? ReplicaVerdict.FinishHandshake : ReplicaVerdict.Keep;
        }
        var originalEnded = (r.Flags & ReplicaFlags.ActiveRst) != ReplicaFlags.None
            || ((r.Flags & (ReplicaFlags.ClientFin | ReplicaFlags.ActiveFin)) == (ReplicaFlags.ClientFin | ReplicaFlags.ActiveFin)
                && (int)(r.ClientAck - r.ActiveNext) >= 0 && (int)(r.ActiveAck - r.ClientNext) >= 0);
        var isLacking = (int)(r.ClientNext - r.Received) > 0 || (int)(r.ActiveAck - r.Received) > 0;
        if (originalEnded && idle > (isLacking ? LackingOrphan : Orphan))
        {
            return ReplicaVerdict.Reset;
        }
        return idle > Silence ? ReplicaVerdict.Probe : ReplicaVerdict.Keep;
    }

    private static TimeSpan Since(ulong thenNs, ulong nowNs) =>
        nowNs > thenNs ? MonotonicClock.Duration(nowNs - thenNs) : TimeSpan.Zero;
}
