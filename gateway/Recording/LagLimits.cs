using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording;

/// <summary>
/// Lag policy <c>protect</c>: near its bound, a flow whose replica lags has the window narrowed that its client sees, until
/// the replica has caught up. The programs rewrite the windows; here is decided how far they may reach.
/// </summary>
public sealed class LagLimits(Recordings recordings, IClientWindows clients, long windowBytes)
{
    private readonly HashSet<RecordedFlow> _limited = [];

    /// <summary>Flows whose clients are held back.</summary>
    public int Count => _limited.Count;

    /// <summary>Mask of the nodes that are alive and connected: no other holds a client back.</summary>
    public uint LiveNodes { get; set; }

    /// <summary>CLOCK_MONOTONIC of the look under way.</summary>
    public ulong NowNs { get; set; }

    /// <summary>Looks at one flow whose window or whose replica's progress has changed.</summary>
    public void Review(RecordedFlow flow) => Review(flow, flow.Limit is null ? flow.Window.End : SentBy(flow));

    /// <summary>Looks at a flow of which there may be much in the ring that its window does not have yet.</summary>
    /// <param name="unread">Bytes in the ring, of whatever flow.</param>
    public void ReviewUnread(RecordedFlow flow, ulong unread)
    {
        if (flow.Limit is null && unread > (ulong)windowBytes / 2)
        {
            Review(flow, SentBy(flow));
        }
    }

    /// <summary>Offset after the last byte that the client has sent.</summary>
    private long SentBy(RecordedFlow flow) =>
        clients.TryFind(flow.Key, out var current) && current.Handshake.ClientIsn == flow.ClientIsn
            ? Math.Max(flow.Window.End, flow.Window.OffsetOf(current.ClientNext))
            : flow.Window.End;

    private void Review(RecordedFlow flow, long sent)
    {
        var reached = recordings.Reached(flow, sent, LiveNodes, NowNs);
        var lag = sent - reached;
        if (flow.Limit is null && lag <= windowBytes / 2)
        {
            return;
        }
        // Half the way back, so that a replica at the bound does not switch it on and off.
        if (lag <= windowBytes / 4 || flow.ClosedNs != 0)
        {
            Lift(flow);
            return;
        }
        var right = flow.Window.SequenceOf(reached + windowBytes);
        if (flow.Limit is { } before && (int)(right - before) < windowBytes / 16)
        {
            return; // in steps, or every report would become a system call
        }
        clients.Narrow(flow.Key, new Limit { ClientIsn = flow.ClientIsn, Right = right });
        flow.Limit = right;
        _limited.Add(flow);
        WakeClient(flow);
    }

    /// <summary>Looks at the flows that are limited.</summary>
    public void ReviewLimited()
    {
        foreach (var flow in _limited.ToArray())
        {
            Review(flow);
        }
    }

    /// <summary>Lets the client send as the server allows.</summary>
    public void Lift(RecordedFlow flow)
    {
        if (_limited.Remove(flow))
        {
            flow.Limit = null;
            clients.Widen(flow.Key);
            WakeClient(flow);
        }
    }

    /// <summary>
    /// The server thinks that it has told its window: a client that stands at the edge has to be told again. The probe lies
    /// below what this very server has received: beyond that, its byte would become part of the stream.
    /// </summary>
    private void WakeClient(RecordedFlow flow)
    {
        if (flow.ClosedNs != 0 || !clients.TryFind(flow.Key, out var current) || current.Handshake.ClientIsn != flow.ClientIsn
            || (int)(current.Edge - current.ClientNext) >= windowBytes / 4)
        {
            return;
        }
        var active = recordings.Assignment.Active;
        if (flow.Voices is > 0 && recordings.LeastConfirmed(flow) is { } least)
        {
            clients.Tell(flow.Key, current, flow.Window.SequenceOf(least), all: true); // any of them may be the one that has died
        }
        else if (active == flow.Origin)
        {
            clients.Tell(flow.Key, current, current.ServerAck);
        }
        else if (active >= 0 && flow.Shares[active].IsReplica)
        {
            clients.Tell(flow.Key, current, flow.Window.SequenceOf(flow.Shares[active].Confirmed));
        }
    }
}
