namespace Appliance.Gateway.Recording;

/// <summary>How connections stand, from what is recorded of them and what their nodes have reported.</summary>
public static class FlowReadings
{
    /// <summary>The flow's state at <paramref name="nowNs"/>; see <see cref="FlowState"/>.</summary>
    /// <param name="patienceNs">How long bytes may be unconfirmed: a stack delays its acknowledgements.</param>
    /// <param name="liveNodes">Mask of the nodes that are alive, and connected.</param>
    public static FlowState StateOf(this Recordings recordings, RecordedFlow flow, ulong nowNs, ulong patienceNs, uint liveNodes)
    {
        var state = FlowState.Unprotected;
        for (var node = 0; node < recordings.Nodes; node++)
        {
            // The active node itself is no protection against its death.
            if (!recordings.IsHolder(flow, node) || node == recordings.Assignment.Active || (liveNodes & (1u << node)) == 0)
            {
                continue;
            }
            ref readonly var share = ref flow.Shares[node];
            if (share.IsReplica && !share.Differs)
            {
                if (share.IsInStep && (share.BehindSinceNs == 0 || nowNs < share.BehindSinceNs + patienceNs))
                {
                    return FlowState.Protected;
                }
                state = FlowState.Repairing;
            }
            else if (state == FlowState.Unprotected && (share.IsDiverged || share.Differs))
            {
                state = FlowState.Diverged;
            }
            else if (recordings.IsMaking(flow, node, nowNs))
            {
                state = FlowState.Repairing;
            }
        }
        return state;
    }

    /// <summary>The replicas of a flow, of the nodes that should have one.</summary>
    public static IReadOnlyList<ReplicaReading> ReplicasOf(this Recordings recordings, RecordedFlow flow, ulong nowNs)
    {
        var replicas = new List<ReplicaReading>();
        for (var node = 0; node < recordings.Nodes; node++)
        {
            if (!recordings.IsHolder(flow, node))
            {
                continue;
            }
            ref readonly var share = ref flow.Shares[node];
            var state = share.IsReplica && share.Differs ? ReplicaState.Diverged
                : share.IsInStep ? ReplicaState.InStep
                : share.IsReplica ? ReplicaState.CatchingUp
                : share.IsDiverged ? ReplicaState.Diverged
                : recordings.IsMaking(flow, node, nowNs) ? ReplicaState.Making
                : ReplicaState.None;
            replicas.Add(new ReplicaReading(node, state, share.IsReplica ? Math.Max(0, flow.Window.End - share.Confirmed) : null));
        }
        return replicas;
    }

    /// <summary>Mask of the nodes besides the active one that say what it says, and have all that its client has sent.</summary>
    public static uint VoicesOf(this Recordings recordings, RecordedFlow flow)
    {
        uint voices = 0;
        for (var node = 0; node < recordings.Nodes; node++)
        {
            ref readonly var share = ref flow.Shares[node];
            voices |= recordings.Assignment.IsReplica(node) && node != recordings.Assignment.Active && share.IsInStep && !share.Differs ? 1u << node : 0;
        }
        return voices;
    }

    /// <summary>Mask of the nodes that have said something else than the active one.</summary>
    public static uint DifferingOf(this Recordings recordings, RecordedFlow flow)
    {
        uint differing = 0;
        for (var node = 0; node < recordings.Nodes; node++)
        {
            differing |= node != recordings.Assignment.Active && flow.Shares[node].Differs ? 1u << node : 0;
        }
        return differing;
    }

    /// <summary>Bytes that each replica of a flow lacks which follows.</summary>
    public static IEnumerable<long> LagsOf(this Recordings recordings, RecordedFlow flow)
    {
        for (var node = 0; node < recordings.Nodes; node++)
        {
            if (recordings.IsHolder(flow, node) && node != recordings.Assignment.Active && flow.Shares[node].IsInStep)
            {
                yield return Math.Max(0, flow.Window.End - flow.Shares[node].Confirmed);
            }
        }
    }

    /// <summary>The offset that every node has reached that gets copies; null when of one of them it is not known.</summary>
    public static long? LeastConfirmed(this Recordings recordings, RecordedFlow flow)
    {
        var least = long.MaxValue;
        for (var node = 0; node < recordings.Nodes; node++)
        {
            if (!recordings.IsHolder(flow, node))
            {
                continue;
            }
            if (!flow.Shares[node].IsKnown)
            {
                return null;
            }
            least = Math.Min(least, flow.Shares[node].Confirmed);
        }
        return least == long.MaxValue ? null : least;
    }
}
