using Appliance.Bpf.Layout;
using Appliance.Native;

namespace Appliance.Gateway.Recording;

/// <summary>
/// Connections that the node which holds the service cannot carry on: when it was given the service its replica differed, or there was none and
/// none was being made; or it has ended one since. That node's word that they end is final: after a planned switchover the node before still has
/// them, lives, and would never close (bpf/gateway_close.h). Reads no clock; one thread owns it.
/// </summary>
/// <param name="recordings">All connections.</param>
/// <param name="end">
/// Lets a connection close without a replica's consent, and asks the active node about it, so that a client that is silent hears its
/// reset, too, and one that came before that is repeated.
/// </param>
public sealed class LostConnections(Recordings recordings, LostConnections.ConnectionEnd end)
{
    /// <summary>A question or its answer may be lost, and the client asks on as well.</summary>
    private const int MostQuestions = 10;

    private static readonly ulong PauseNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(250));

    private readonly Dictionary<RecordedFlow, (ulong AskedNs, int Asked)> _lost = [];
    private readonly List<RecordedFlow> _due = [];

    /// <summary>Ends a connection, by its ends and the client's initial sequence number.</summary>
    public delegate void ConnectionEnd(in FlowKey key, uint clientIsn);

    /// <summary>The service has moved; the recordings know where to. What another node could not carry on is not its business.</summary>
    public void End(ulong nowNs)
    {
        _lost.Clear();
        var active = recordings.Assignment.Active;
        foreach (var flow in recordings.Flows)
        {
            if (active >= 0 && flow.ClosedNs == 0 && IsLost(flow, active, nowNs))
            {
                End(flow, nowNs);
            }
        }
    }

    /// <summary>The active node has ended a connection, because no client may hear it.</summary>
    public void End(RecordedFlow flow, ulong nowNs)
    {
        _lost[flow] = (nowNs, 1);
        end(flow.Key, flow.ClientIsn);
    }

    /// <summary>Asks again about those that are still open. To be called some ten times a second.</summary>
    public void Review(ulong nowNs)
    {
        if (_lost.Count == 0)
        {
            return;
        }
        _due.Clear();
        _due.AddRange(_lost.Where(lost => nowNs >= lost.Value.AskedNs + PauseNs).Select(static lost => lost.Key));
        foreach (var flow in _due)
        {
            var asked = _lost[flow].Asked;
            if (flow.ClosedNs != 0 || flow.IsRemoved || asked == MostQuestions)
            {
                _lost.Remove(flow);
                continue;
            }
            _lost[flow] = (nowNs, asked + 1);
            end(flow.Key, flow.ClientIsn);
        }
    }

    private bool IsLost(RecordedFlow flow, int active, ulong nowNs)
    {
        ref readonly var share = ref flow.Shares[active];
        return share.IsEnded || (flow.Origin != active && !share.HasOriginal && !Recordings.HasItself(flow, active)
            && (share.IsDiverged || share.Differs || (!share.IsKnown && !recordings.IsMaking(flow, active, nowNs))));
    }
}
