using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording;

/// <summary>
/// Lag policy <c>protect</c>: near its bound, a flow whose replica lags has the window narrowed that its client sees, until
/// the replica has caught up. The programs rewrite the windows; here is decided how far they may reach.
/// </summary>
public sealed class LagLimits(Recordings recordings, IClientWindows clients, StandingClients standing, long windowBytes)
{
    /// <summary>A millisecond. In each, a client whose node catches up may send 1/1024 of a window by itself.</summary>
    private const long StepNs = 1_000_000;

    /// <summary>Time beyond that counts for nothing: a look that comes late is no leave to send much at once.</summary>
    private const long MostNs = 100 * StepNs;

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
        // Half the way back, so that a replica at the bound does not switch it on and off; where several nodes are heard until it has room
        // for what the client sends next, and needs the record no more.
        if (lag <= windowBytes / (flow.Voices is > 0 ? 32 : 4) || flow.ClosedNs != 0)
        {
            Lift(flow);
            return;
        }
        var end = EndOf(flow, sent, reached);
        var right = flow.Window.SequenceOf(end);
        if (flow.Limit is { } before && (int)(right - before) < windowBytes / (flow.Voices is > 0 ? 256 : 16))
        {
            return; // in steps, or every report would become a system call
        }
        clients.Narrow(flow.Key, new Limit { ClientIsn = flow.ClientIsn, Right = right });
        (flow.Limit, flow.LimitReached, flow.LimitedNs) = (right, reached, NowNs);
        _limited.Add(flow);
        standing.Wake(flow, windowBytes / 4);
    }

    /// <summary>
    /// A window beyond the replica. One that has stood still while its client heard others lacks more than that: until it has caught up
    /// the client goes on half as fast as it does, and while there is memory a little faster, since what it lacks comes in pieces, and nobody is to wait for the next;
    /// nor for the first, which comes late: a server that was stopped reads first what its kernel has kept for it.
    /// </summary>
    private long EndOf(RecordedFlow flow, long sent, long reached)
    {
        var end = reached + windowBytes;
        if (flow.Voices is not > 0)
        {
            return end;
        }
        if (flow.Limit is not { } before)
        {
            return Math.Max(end, sent + (recordings.HasRoom ? windowBytes : windowBytes / 4));
        }
        var meanwhile = recordings.HasRoom ? Math.Min((long)(NowNs - flow.LimitedNs), MostNs) / StepNs * windowBytes / 1024 : 0;
        return Math.Max(end, flow.Window.OffsetOf(before) + ((reached - flow.LimitReached) / 2) + meanwhile);
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
            standing.Wake(flow, windowBytes / 4);
        }
    }
}
