using Appliance.Bpf.Layout;
using Appliance.Native;
using Appliance.Net;
using Appliance.Packets;
using Appliance.Recording;

namespace Appliance.Gateway.Recording.Voting;

/// <summary>Hears of a connection whose nodes contradict one another, or wait for one another for too long.</summary>
public delegate void VotingObserver(in FlowKey key, uint clientIsn, OutputDifference? difference);

/// <summary>
/// Output policy <c>agree</c>: the voters of all connections. What the gateway's programs have held back goes in; what all have said goes on, under the
/// headers of the segment that came last. Reads no clock; its owner serialises the calls.
/// </summary>
/// <param name="memoryBytes">Bound of what may wait, in bytes.</param>
/// <param name="mostBytes">Bound of what may wait of one node of one connection.</param>
/// <param name="nodes">Number of nodes.</param>
/// <param name="patienceNs">How long a connection may wait before <paramref name="observer"/> is told.</param>
/// <param name="outlet">Sends on.</param>
/// <param name="observer">Is told of differences, and, without one, where the active node has waited for too long: again and again, until something else is asked.</param>
public sealed class OutputVoting(long memoryBytes, long mostBytes, int nodes, ulong patienceNs, IAgreedOutlet outlet, VotingObserver observer)
{
    /// <summary>No IP packet is longer, headers and all.</summary>
    private const int MostAtOnce = 65_000;

    /// <summary>Of a connection that has never had more in one segment, RFC 9293 section 3.7.1.</summary>
    private const int LeastSegment = 536;

    private readonly ChunkPool _pool = new(memoryBytes);
    private readonly Dictionary<FlowKey, Poll> _polls = [];
    private readonly HashSet<Poll> _waiting = [];
    private readonly byte[] _frame = new byte[OffloadHeader.Length + ushort.MaxValue];

    /// <summary>So long a connection is known of which nobody ever decided anything: late words of one that is over.</summary>
    private static readonly ulong ForgetNs = MonotonicClock.Nanoseconds(TimeSpan.FromMinutes(1));

    private ulong _forgottenNs;

    /// <summary>Has anything of this connection been decided, or held back?</summary>
    public bool Knows(in FlowKey key) => _polls.ContainsKey(key);

    /// <summary>Bytes that all have said, and that were sent on.</summary>
    public long AgreedBytes { get; private set; }

    /// <summary>Bytes that were held back, and then sent on with nobody's consent.</summary>
    public long ReleasedBytes { get; private set; }

    /// <summary>Connections whose nodes contradicted one another.</summary>
    public long Differences { get; private set; }

    /// <summary>Times that a connection had waited for too long.</summary>
    public long Timeouts { get; private set; }

    /// <summary>Segments that could not be kept, or were damaged: the node repeats them.</summary>
    public long Refused { get; private set; }

    /// <summary>Connections of which something waits.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Times that the outlet did not take what was to go on: it is tried again.</summary>
    public long Unsent { get; private set; }

    /// <summary>Decides what passes of a connection from now on, and sends on what was held and passes now.</summary>
    public void Ask(in FlowKey key, uint clientIsn, VoiceMode mode, uint voters, int active, ulong nowNs)
    {
        var poll = PollOf(key, clientIsn);
        if (mode == VoiceMode.Agreed && poll.Mode != VoiceMode.Agreed)
        {
            // How far the client has come meanwhile only the programs know: the next segment says it.
            poll.Voter?.Dispose();
            poll.Voter = null;
            _waiting.Remove(poll);
        }
        (poll.Mode, poll.Voters, poll.Active, poll.IsAsked) = (mode, voters, active, true);
        if (poll.Voter is { } voter)
        {
            voter.Ask(mode, voters, active);
            Continue(poll, nowNs);
        }
    }

    /// <summary>A node has said something that was held back.</summary>
    /// <param name="record">Whose, and of which connection.</param>
    /// <param name="frame">The frame.</param>
    public void Hear(in Record record, ReadOnlySpan<byte> frame, ulong nowNs)
    {
        if (record.Active >= nodes || !NodeSegment.TryRead(frame, out var layout) || !record.IsIntact(frame[layout.Payload..]))
        {
            Refused++;
            return;
        }
        var poll = PollOf(record.Key, record.ClientIsn);
        if (poll.Voter is null)
        {
            poll.Voter = new OutputVoter(_pool, record.Ack, nodes, mostBytes);
            poll.Voter.Ask(poll.Mode, poll.Voters, poll.Active);
        }
        var payload = frame[layout.Payload..];
        poll.HeardNs = nowNs;
        poll.Layout = layout;
        poll.Headers = poll.Headers.Length == layout.Payload ? poll.Headers : new byte[layout.Payload];
        frame[..layout.Payload].CopyTo(poll.Headers);
        if (poll.Active < 0 || poll.Active == record.Active || poll.PacketBytes == 0)
        {
            // The active node is the one that is told how long a packet may be on the way to the client.
            poll.PacketBytes = record.SegmentBytes > 0 ? layout.Payload + record.SegmentBytes : Math.Max(poll.PacketBytes, frame.Length);
        }
        if (!poll.Voter.Take(record.Active, record.Seq, (record.Flags & TcpFlags.Fin) != TcpFlags.None, payload, record.Ack, record.Ns))
        {
            Refused++;
        }
        Continue(poll, nowNs);
    }

    /// <summary>Looks who has waited for too long, and tries again to send what could not be sent.</summary>
    public void Tick(ulong nowNs)
    {
        foreach (var poll in _waiting.ToArray())
        {
            Continue(poll, nowNs);
        }
        if (nowNs > _forgottenNs + ForgetNs)
        {
            _forgottenNs = nowNs;
            foreach (var poll in _polls.Values.Where(p => !p.IsAsked && nowNs > p.HeardNs + ForgetNs).ToArray())
            {
                Forget(poll.Key);
            }
        }
    }

    /// <summary>A connection is over.</summary>
    public void Forget(in FlowKey key)
    {
        if (_polls.Remove(key, out var poll))
        {
            _waiting.Remove(poll);
            poll.Voter?.Dispose();
        }
    }

    private Poll PollOf(in FlowKey key, uint clientIsn)
    {
        if (_polls.TryGetValue(key, out var poll) && poll.ClientIsn == clientIsn)
        {
            return poll;
        }
        Forget(key);
        return _polls[key] = new Poll(key, clientIsn);
    }

    /// <summary>Sends on what passes now, and looks whether the rest has waited for too long.</summary>
    private void Continue(Poll poll, ulong nowNs)
    {
        var voter = poll.Voter!;
        var isStuck = false;
        while (!isStuck && voter.Decide(nowNs, out var fin) is > 0 and var length)
        {
            isStuck = !Send(poll, voter, length, fin, nowNs);
        }
        var difference = voter.Mode == VoiceMode.Agreed ? voter.Difference : null;
        if (voter.WaitingSinceNs == 0 && difference is null && !isStuck)
        {
            _waiting.Remove(poll);
            return;
        }
        _waiting.Add(poll);
        var isLate = !isStuck && voter.IsActiveHeld && nowNs >= voter.WaitingSinceNs + patienceNs;
        if ((difference is null && !isLate) || nowNs < poll.ToldNs + patienceNs)
        {
            return;
        }
        Differences += difference is not null && !poll.IsContested ? 1 : 0;
        Timeouts += difference is null ? 1 : 0;
        poll.IsContested = difference is not null;
        poll.ToldNs = nowNs;
        observer(poll.Key, poll.ClientIsn, difference);
    }

    private bool Send(Poll poll, OutputVoter voter, long length, bool fin, ulong nowNs)
    {
        var most = MostAtOnce - poll.Headers.Length;
        var isLast = length <= most;
        var total = (int)Math.Min(length, most);
        var bytes = isLast && fin ? total - 1 : total;
        var headers = poll.Headers.Length;
        var frame = _frame.AsSpan(0, OffloadHeader.Length + headers + bytes);
        var ethernet = frame[OffloadHeader.Length..];
        poll.Headers.CopyTo(ethernet);
        voter.Read(0, ethernet[headers..]);
        poll.Layout.Rewrite(ethernet[..headers], voter.Given, bytes, isLast && fin);
        if (!outlet.Send(frame, poll.Layout, poll.PacketBytes > headers ? poll.PacketBytes - headers : LeastSegment))
        {
            Unsent++;
            return false;
        }
        if (voter.Mode == VoiceMode.Agreed)
        {
            AgreedBytes += bytes;
        }
        else
        {
            ReleasedBytes += bytes;
        }
        voter.Pass(total, nowNs);
        return true;
    }

    private sealed class Poll(FlowKey key, uint clientIsn)
    {
        public FlowKey Key => key;

        public uint ClientIsn => clientIsn;

        public VoiceMode Mode { get; set; } = VoiceMode.Agreed;

        public uint Voters { get; set; }

        public int Active { get; set; } = -1;

        /// <summary>Null until it is known where the client stands.</summary>
        public OutputVoter? Voter { get; set; }

        /// <summary>Those of the last segment, from the Ethernet header on.</summary>
        public byte[] Headers { get; set; } = [];

        public NodeSegment Layout { get; set; }

        /// <summary>Of the longest packet that the active node has sent, or lets be cut from one.</summary>
        public int PacketBytes { get; set; }

        public bool IsContested { get; set; }

        /// <summary>Somebody has decided what passes of it.</summary>
        public bool IsAsked { get; set; }

        /// <summary>When a node last said something, CLOCK_MONOTONIC nanoseconds.</summary>
        public ulong HeardNs { get; set; }

        /// <summary>When the observer was told of it last, CLOCK_MONOTONIC nanoseconds.</summary>
        public ulong ToldNs { get; set; }
    }
}
