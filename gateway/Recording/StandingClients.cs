using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording;

/// <summary>
/// Clients that stand at the edge of their window because nobody tells them of a wider one. A client that was held back for a lagging replica
/// is one, and one that was while the record ring was filling (<c>is_record_filling()</c> in bpf/record.h). Another hears several nodes: its window ends where the nearest does of those that go on (<c>nearest_right()</c> in bpf/gateway_merge.h);
/// once one stands still the others count alone, but they have spoken before. They are asked to tell their window anew.
/// </summary>
/// <param name="patienceNs">So long after it was seen to be busy a client is looked at, and if nothing has moved since, its servers are asked.</param>
public sealed class StandingClients(Recordings recordings, IClientWindows clients, ulong patienceNs)
{
    /// <summary>Less than the shortest room in which every stack still sends: a segment of a jumbo frame.</summary>
    private const int LeastRoom = 16 << 10; // LEAST_ROOM in bpf/gateway_merge.h

    /// <summary>So often a stretch of standing is asked about: beyond the longest patience, and an answer may be lost. A server that reads nothing has none.</summary>
    private const int MostQuestions = 12;

    private readonly Queue<Look> _looks = new();
    private readonly HashSet<RecordedFlow> _watched = [];

    private readonly record struct Look(RecordedFlow Flow, ulong AtNs, int Asked);

    /// <summary>CLOCK_MONOTONIC of the look under way.</summary>
    public ulong NowNs { get; set; }

    /// <summary>Is the record ring so full that no window is widened? Until it is not, there is no use in asking.</summary>
    public bool IsFilling { get; set; }

    /// <summary>A client has sent something: it is looked at soon, if it hears several nodes, or if the ring fills.</summary>
    public void Note(RecordedFlow flow, bool isFilling)
    {
        if ((flow.Voices is > 0 || isFilling) && _watched.Add(flow))
        {
            _looks.Enqueue(new Look(flow, NowNs + patienceNs, 0));
        }
    }

    /// <summary>Looks at those whose time has come.</summary>
    public void Review()
    {
        while (_looks.TryPeek(out var look) && look.AtNs <= NowNs)
        {
            _looks.Dequeue();
            if (look.Asked == MostQuestions || !TryFind(look.Flow, LeastRoom, out var current))
            {
                _watched.Remove(look.Flow);
                continue;
            }
            var isStanding = !IsFilling && NowNs >= current.LastNs + patienceNs;
            if (isStanding)
            {
                Ask(look.Flow, current);
            }
            _looks.Enqueue(look with { AtNs = NowNs + patienceNs, Asked = isStanding ? look.Asked + 1 : 0 });
        }
    }

    /// <summary>Has a client told its window that has less room than <paramref name="room"/> bytes.</summary>
    public void Wake(RecordedFlow flow, long room)
    {
        if (TryFind(flow, room, out var current))
        {
            Ask(flow, current);
        }
    }

    private bool TryFind(RecordedFlow flow, long room, out Flow current)
    {
        current = default;
        return flow.ClosedNs == 0 && clients.TryFind(flow.Key, out current) && current.Handshake.ClientIsn == flow.ClientIsn
            && unchecked((int)(current.Edge - current.ClientNext)) < room;
    }

    /// <summary>
    /// A server thinks that it has told its window: a client that stands at the edge has to be told again. The probe lies
    /// below what this very server has received: beyond that, its byte would become part of the stream.
    /// </summary>
    private void Ask(RecordedFlow flow, in Flow current)
    {
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
