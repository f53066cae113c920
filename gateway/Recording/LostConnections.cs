using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording;

/// <summary>
/// Connections that the node which has just been given the service cannot carry on: its replica differs, or there is none and none is being
/// made. That node's word that they end is final: after a planned switchover the node before still has them, lives, and would never close
/// (bpf/gateway_close.h). Reads no clock; one thread owns it.
/// </summary>
/// <param name="recordings">All connections.</param>
/// <param name="end">
/// Lets a connection close without a replica's consent, and asks the active node about it, so that a client that is silent hears its
/// reset, too, and one that came before that is repeated.
/// </param>
public sealed class LostConnections(Recordings recordings, LostConnections.ConnectionEnd end)
{
    /// <summary>Ends a connection, by its ends and the client's initial sequence number.</summary>
    public delegate void ConnectionEnd(in FlowKey key, uint clientIsn);

    /// <summary>The service has moved; the recordings know where to.</summary>
    public void End(ulong nowNs)
    {
        var active = recordings.Assignment.Active;
        foreach (var flow in recordings.Flows)
        {
            if (active >= 0 && flow.ClosedNs == 0 && IsLost(flow, active, nowNs))
            {
                end(flow.Key, flow.ClientIsn);
            }
        }
    }

    private bool IsLost(RecordedFlow flow, int active, ulong nowNs)
    {
        ref readonly var share = ref flow.Shares[active];
        return flow.Origin != active && !share.HasOriginal && !Recordings.HasItself(flow, active)
            && (share.IsDiverged || share.Differs || (!share.IsKnown && !recordings.IsMaking(flow, active, nowNs)));
    }
}
