using System.Runtime.CompilerServices;
using Appliance.Bpf.Layout;
using Appliance.Native;

namespace Appliance.Datagrams;

/// <summary>
/// Compares what a replica and the active node say in datagrams. Any datagram may be lost, of the client's, of either node's and of the
/// copies, and they may come in any order and late: that one node says what the other does not is no proof of anything. What
/// counts is that either has said something that the other has not, and that together these are more than the client's datagrams
/// which may still be answered. Then one was answered in two ways. Reads no clock and does no I/O of its own; one thread owns it.
/// </summary>
/// <remarks>
/// Servers that say more than they are asked are judged by what the replica has passed over: it has said what the active node said later,
/// <see cref="SettleNs"/> ago. With them it does not matter how often a thing
/// was said, and they are not judged while this node is known to have lost anything.
/// </remarks>
public sealed class DatagramComparison
{
    /// <summary>Statements that are remembered, of all flows.</summary>
    public const int Capacity = 1 << 16;

    /// <summary>Statements whose first bytes are remembered, the last ones: those of a second at least, when they are judged.</summary>
    private const int Texts = 1 << 15;

    private const int MostTalks = 1 << 16;

    /// <summary>Statements of one flow that are looked at when it is judged, from the last one on.</summary>
    private const int MostLooks = 4096;

    /// <summary>For so long a statement has to be one node's alone.</summary>
    public static readonly ulong SettleNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));

    /// <summary>Where nothing is said by both for so long, and yet both speak, nothing can be passed over.</summary>
    public static readonly ulong LateNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(10));

    /// <summary>For so long statements are remembered.</summary>
    public static readonly ulong MemoryNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(30));

    private static readonly ulong UnsureNs = 2 * MemoryNs;
    private static readonly ulong BeginningNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(2));
    private static readonly ulong JudgeNs = SettleNs / 4;

    private readonly StandingHandler _onStanding;
    private readonly DifferenceHandler _onDifference;
    private readonly Func<FlowKey, bool> _isWhole;
    private readonly Statement[] _statements = new Statement[Capacity];
    private readonly byte[] _texts = new byte[Texts * DatagramSaid.KeptBytes];
    private readonly Dictionary<(long Talk, ulong Sum), long> _places = [];
    private readonly Dictionary<FlowKey, DatagramTalk> _talks = [];
    private readonly Queue<(DatagramTalk Talk, ulong DueNs)> _suspects = new();
    private readonly List<FlowKey> _quiet = [];
    private long _oldest;
    private long _end;
    private long _nextId;
    private long _texted;
    private ulong _begunNs;
    private ulong _lostNs;
    private ulong _sweptNs;

    /// <summary>Nothing is known yet.</summary>
    /// <param name="onStanding">Is told when it is first known of a flow whether the two agree, and when that changes.</param>
    /// <param name="onDifference">Is told what differs when a flow begins to.</param>
    /// <param name="isWhole">Have all datagrams of the client's come to this node?</param>
    public DatagramComparison(StandingHandler onStanding, DifferenceHandler onDifference, Func<FlowKey, bool> isWhole)
    {
        _onStanding = onStanding;
        _onDifference = onDifference;
        _isWhole = isWhole;
    }

    /// <summary>Takes what is known of a flow.</summary>
    public delegate void StandingHandler(in FlowKey key, bool differs);

    /// <summary>Takes a difference.</summary>
    public delegate void DifferenceHandler(in FlowKey key, DatagramDifference difference);

    /// <summary>Flows of which something was said lately.</summary>
    public int Count => _talks.Count;

    /// <summary>The node becomes a replica: what it has not heard may be answered for a while.</summary>
    public void Begin(ulong nowNs)
    {
        _talks.Clear();
        _places.Clear();
        _suspects.Clear();
        _oldest = _end;
        _begunNs = nowNs;
    }

    /// <summary>Something that a node has said was lost on the way to here, or the server may have missed what it was asked.</summary>
    public void NoteLoss(ulong nowNs) => _lostNs = nowNs;

    /// <summary>A datagram was said.</summary>
    /// <param name="said">By whom, and in answer to what.</param>
    /// <param name="kept">Its first bytes.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC.</param>
    public void Say(in DatagramSaid said, ReadOnlySpan<byte> kept, ulong nowNs)
    {
        if (TalkOf(said, nowNs) is not { } talk)
        {
            return;
        }
        var isOwn = said.IsOwn != 0;
        talk.Say(isOwn, nowNs);
        if (!_places.TryGetValue((talk.Id, said.Sum), out var place))
        {
            place = Add(talk, said, kept, nowNs);
        }
        ref var statement = ref At(place);
        if (statement.IsSettled)
        {
            return;
        }
        statement.LastNs = nowNs;
        var isMatched = isOwn ? ++statement.Own <= statement.Active : ++statement.Active <= statement.Own;
        if (!isMatched)
        {
            _ = isOwn ? talk.OnlyOwn++ : talk.OnlyActive++;
            Suspect(talk, nowNs + SettleNs);
            return;
        }
        _ = isOwn ? talk.OnlyActive-- : talk.OnlyOwn--;
        if (talk.Agree(said.Length, isOwn ? statement.Ns : nowNs, nowNs))
        {
            _onStanding(talk.Key, talk.Differs);
        }
    }

    /// <summary>Judges what is settled, and forgets what is old. To be called every few milliseconds.</summary>
    public void Look(ulong nowNs)
    {
        while (_oldest < _end && At(_oldest).Ns + MemoryNs < nowNs)
        {
            Forget(nowNs);
        }
        while (_suspects.TryPeek(out var suspect) && suspect.DueNs <= nowNs)
        {
            _suspects.Dequeue();
            Review(suspect.Talk, nowNs);
        }
        if (nowNs >= _sweptNs + SettleNs)
        {
            _sweptNs = nowNs;
            ForgetQuiet(nowNs);
        }
    }

    /// <summary>Tells again what is known, as after a new connection to the gateway.</summary>
    public void TellAll()
    {
        foreach (var talk in _talks.Values)
        {
            if (talk.IsKnown)
            {
                _onStanding(talk.Key, talk.Differs);
            }
        }
    }

    private DatagramTalk? TalkOf(in DatagramSaid said, ulong nowNs)
    {
        var isKnown = _talks.TryGetValue(said.Key, out var talk);
        if (isKnown && talk!.Ask(said.Number, nowNs))
        {
            return talk;
        }
        if (!isKnown && _talks.Count >= MostTalks)
        {
            return null;
        }
        if (isKnown)
        {
            talk!.UnsureUntilNs = ulong.MaxValue;
        }
        var isUnsure = isKnown || nowNs < _begunNs + BeginningNs;
        talk = new DatagramTalk(said.Key, _nextId++, said.Number, said.First, nowNs) { UnsureUntilNs = isUnsure ? nowNs + UnsureNs : 0 };
        _talks[said.Key] = talk;
        return talk;
    }

    private long Add(DatagramTalk talk, in DatagramSaid said, ReadOnlySpan<byte> kept, ulong nowNs)
    {
        while (_end - _oldest == Capacity)
        {
            Forget(nowNs);
        }
        ref var statement = ref At(_end);
        statement = new Statement { Talk = talk, Sum = said.Sum, Before = talk.Last, Ns = nowNs, Length = said.Length, Text = _texted++ };
        statement.Kept = (byte)Math.Min(kept.Length, DatagramSaid.KeptBytes);
        kept[..statement.Kept].CopyTo(TextOf(statement));
        _places.Add((talk.Id, said.Sum), _end);
        return talk.Last = _end++;
    }

    private void Suspect(DatagramTalk talk, ulong dueNs)
    {
        if (!talk.IsSuspect && talk.OnlyActive > 0 && talk.OnlyOwn > 0)
        {
            talk.IsSuspect = true;
            _suspects.Enqueue((talk, dueNs));
        }
    }

    private void Review(DatagramTalk talk, ulong nowNs)
    {
        talk.IsSuspect = false;
        if (talk.OnlyActive > 0 && talk.OnlyOwn > 0 && nowNs >= talk.UnsureUntilNs)
        {
            Judge(talk, nowNs);
        }
        Suspect(talk, nowNs + JudgeNs);
    }

    private void Judge(DatagramTalk talk, ulong nowNs)
    {
        if (talk.IsChatty && nowNs < _lostNs + MemoryNs && _lostNs != 0)
        {
            return;
        }
        var (active, own) = (0, 0);
        foreach (var place in PlacesOf(talk))
        {
            ref var statement = ref At(place);
            if (!statement.IsSettled && statement.Ns + SettleNs <= nowNs)
            {
                active += IsOwed(statement, nowNs) ? statement.OnlyActive : 0;
                own += statement.OnlyOwn;
            }
        }
        if (active == 0 || own == 0 || active + own <= talk.Open(nowNs) || !_isWhole(talk.Key))
        {
            return;
        }
        var isNews = talk.Disagree(Math.Min(active, own), nowNs);
        var difference = isNews ? Find(talk) : null;
        foreach (var place in PlacesOf(talk))
        {
            ref var statement = ref At(place);
            statement.IsSettled |= statement.Active != statement.Own;
        }
        (talk.OnlyActive, talk.OnlyOwn) = (0, 0);
        if (isNews)
        {
            _onDifference(talk.Key, difference!);
            _onStanding(talk.Key, differs: true);
        }
    }

    /// <summary>Does the replica owe what only the active node has said?</summary>
    private static bool IsOwed(in Statement statement, ulong nowNs) =>
        !statement.Talk.IsChatty || statement.Ns < statement.Talk.PassedNs(SettleNs, nowNs) || statement.Talk.IsEstranged(LateNs);

    /// <summary>Of what only one of the two has said, the pair that is most alike at its beginning: it has the same question's name.</summary>
    private DatagramDifference Find(DatagramTalk talk)
    {
        var best = new DatagramDifference([], 0, [], 0);
        var active = PlacesOf(talk).Where(p => At(p).OnlyActive > 0).Reverse().Take(32).Select(p => Read(At(p))).ToList();
        var own = PlacesOf(talk).Where(p => At(p).OnlyOwn > 0).Reverse().Take(32).Select(p => Read(At(p))).ToList();
        foreach (var (a, o) in active.SelectMany(a => own.Select(o => (a, o))))
        {
            var pair = new DatagramDifference(a.Kept, a.Length, o.Kept, o.Length);
            best = pair.At > best.At || best.ActiveLength + best.OwnLength == 0 ? pair : best;
        }
        return best;
    }

    private (byte[] Kept, int Length) Read(in Statement statement) => statement.Text < _texted - Texts
        ? ([], (int)statement.Length)
        : (TextOf(statement).ToArray(), (int)statement.Length);

    private Span<byte> TextOf(in Statement statement) => _texts.AsSpan((int)(statement.Text % Texts) * DatagramSaid.KeptBytes, statement.Kept);

    /// <summary>From the last one back.</summary>
    private IEnumerable<long> PlacesOf(DatagramTalk talk)
    {
        var place = talk.Last;
        for (var looks = 0; looks < MostLooks && place >= _oldest; looks++)
        {
            var before = At(place).Before;
            yield return place;
            place = before;
        }
    }

    /// <summary>
    /// Forgets the oldest statement, but for one that is said again and again. When the replica still owes it, what it will say for a
    /// while may be an answer to long ago.
    /// </summary>
    private void Forget(ulong nowNs)
    {
        ref var statement = ref At(_oldest++);
        var old = statement;
        var talk = old.Talk;
        if (!old.IsSettled)
        {
            talk.OnlyActive -= Math.Max(old.Active - old.Own, 0);
            talk.OnlyOwn -= Math.Max(old.Own - old.Active, 0);
            talk.UnsureUntilNs = old.Active > 2 * old.Own ? Math.Max(talk.UnsureUntilNs, nowNs + UnsureNs) : talk.UnsureUntilNs;
        }
        statement = default;
        if (old.IsRepeated && old.LastNs + MemoryNs >= nowNs)
        {
            At(_end) = old with { Before = talk.Last, Ns = nowNs, Active = 1, Own = 1 };
            _places[(talk.Id, old.Sum)] = talk.Last = _end++;
        }
        else
        {
            _places.Remove((talk.Id, old.Sum));
        }
    }

    private void ForgetQuiet(ulong nowNs)
    {
        foreach (var (key, talk) in _talks)
        {
            if (talk.LastNs + MemoryNs < nowNs)
            {
                _quiet.Add(key);
            }
        }
        _quiet.ForEach(key => _talks.Remove(key));
        _quiet.Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Statement At(long place) => ref _statements[place % Capacity];

    /// <summary>A datagram, and how often each of the two has said it.</summary>
    private struct Statement
    {
        public DatagramTalk Talk;
        public ulong Sum;
        public ulong Ns;
        public ulong LastNs;

        /// <summary>Where the talk's statement before it stands; −1: it has none.</summary>
        public long Before;
        public uint Length;
        public int Active;
        public int Own;

        /// <summary>Which of all texts its first bytes are.</summary>
        public long Text;
        public byte Kept;

        /// <summary>It was a part of a difference.</summary>
        public bool IsSettled;

        /// <summary>How often only the active node has. Of servers that say more than they are asked, it only counts whether they have at all.</summary>
        public readonly int OnlyActive => IsSettled || (Talk.IsChatty && Own > 0) ? 0 : Math.Max(Active - Own, 0);

        /// <summary>As <see cref="OnlyActive"/>.</summary>
        public readonly int OnlyOwn => IsSettled || (Talk.IsChatty && Active > 0) ? 0 : Math.Max(Own - Active, 0);

        /// <summary>Both have said it, and one of them more than once.</summary>
        public readonly bool IsRepeated => !IsSettled && Active > 0 && Own > 0 && Active + Own > 2;
    }
}
