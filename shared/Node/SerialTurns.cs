using Appliance.Bpf.Layout;

namespace Appliance.Node;

/// <summary>
/// Delivers what the clients of one service send one request at a time, so that servers execute them in one order. The active node leads: a segment
/// goes as it has come, when the one before is answered, which is when its connection says something. A replica's node follows: a connection's
/// segments go when the active node's answer to them has come, in the order of the answers, and the next when the replica has answered as well. What had no
/// answer yet when the node takes over nobody has heard of: that may go in any order.
/// Pieces of one request go together: what its sender has not pushed (PSH) is not complete, nor is what is not answered for <see cref="PieceNs"/>.
/// Not every request has an answer, so no wait is for ever; whoever was waited for in vain is not waited for again until it has said something.
/// A pure data structure: no clock, no kernel. Times are CLOCK_MONOTONIC, sequence numbers in host byte order.
/// </summary>
/// <param name="maxBytes">What is held at most; beyond that, the first goes without having waited.</param>
/// <param name="standing">How far a connection of this node is.</param>
/// <param name="hasUnread">Has a connection's server not read all of its input? It is asked when an answer is overdue.</param>
/// <param name="deliver">Delivers a segment; its buffer is returned afterwards.</param>
public sealed class SerialTurns(long maxBytes, Func<FlowKey, Standing> standing, Func<FlowKey, bool> hasUnread, Action<HeldSegment> deliver) : IDeliveryTurns
{
    /// <summary>How long the others wait for an answer, once the server has read the request, on a machine that does not stand still.</summary>
    public const ulong LongestServingNs = OrderedTurns.LongestServingNs;

    /// <summary>How long they wait for the server to read it, and a replica's node for a lost copy to be repaired, for its server to say what a request acknowledges, or for the active node to answer anything.</summary>
    public const ulong LongestReadingNs = 1_000_000_000;

    /// <summary>Who has not looked for so long has stood still, and with it perhaps the server.</summary>
    public const ulong LongestStallNs = 5_000_000;

    /// <summary>When a request without an answer may have lacked something.</summary>
    public const ulong PieceNs = 2_000_000;

    /// <summary>How long it is known at least how far a connection's segments have gone: clients send again what is not acknowledged at once.</summary>
    public const ulong MemoryNs = 2_000_000_000;

    /// <summary>After how long, at least, it is forgotten who does not answer.</summary>
    public const ulong ForgottenNs = 10_000_000_000;

    private readonly HeldByFlow _held = new();
    private readonly Queue<HeldSegment> _arrivals = [];
    private readonly Queue<Answer> _answers = [];
    private readonly HashSet<FlowKey> _unanswered = [];
    private readonly HashSet<FlowKey> _silent = [];
    private readonly Dictionary<FlowKey, int> _answered = [];
    private Dictionary<FlowKey, Span> _went = [];
    private Dictionary<FlowKey, Span> _wentBefore = [];
    private ulong _wentNs;
    private ulong _proceededNs;
    private ulong _forgottenNs;
    private bool _wasWaiting;
    private ulong _answeredNs;
    private Answer? _last;
    private ulong _headNs;
    private Request? _served;

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <summary>Bytes held.</summary>
    public long Bytes => _held.Bytes;

    /// <summary>Is this the active node, whose answers the others follow?</summary>
    public bool IsLeading { get; set; }

    /// <inheritdoc/>
    public void Add(HeldSegment segment, bool isLate, ulong nowNs)
    {
        if (HasGone(segment, nowNs))
        {
            deliver(segment);
            segment.Return();
            return;
        }
        if (!_held.TryAdd(segment))
        {
            return;
        }
        _arrivals.Enqueue(segment);
        Count++;
        if (isLate && !IsLeading)
        {
            Append(new Answer(segment.Key, null, segment.End), nowNs);
        }
        while (Bytes > maxBytes && First() is { } first)
        {
            Deliver(first, nowNs);
        }
        Proceed(nowNs);
    }

    /// <inheritdoc/>
    public void OnSaid(in FlowKey key, uint upTo, uint received, ulong nowNs)
    {
        if (IsLeading)
        {
            return;
        }
        _unanswered.Remove(key);
        if (_last is { } last && _answers.Count > 0 && last.Key.Equals(key))
        {
            (last.UpTo, last.Received) = (upTo, received);
        }
        else
        {
            Append(new Answer(key, upTo, received), nowNs);
        }
        Proceed(nowNs);
    }

    /// <inheritdoc/>
    public void OnSent(in FlowKey key, uint upTo, ulong nowNs)
    {
        _silent.Remove(key);
        if (_served is { } served && served.Key.Equals(key) && (int)(upTo - served.UpTo) >= 0)
        {
            _served = null;
        }
        Proceed(nowNs);
    }

    /// <inheritdoc/>
    public void Proceed(ulong nowNs)
    {
        var sinceLastNs = nowNs - _proceededNs;
        _proceededNs = nowNs;
        if (sinceLastNs > LongestStallNs && _wasWaiting && _served is { } served)
        {
            _served = served with { LookedNs = served.LookedNs + sinceLastNs };
        }
        while (!IsServing(nowNs) && Next(nowNs))
        {
        }
        _wasWaiting = Count > 0;
        if (Count == 0 && nowNs - _forgottenNs >= ForgottenNs)
        {
            _silent.Clear();
            _unanswered.Clear();
            _forgottenNs = nowNs;
        }
    }

    /// <inheritdoc/>
    public uint? NextSequence(in FlowKey key, uint received) => _held.Earliest(key, received)?.Sequence;

    /// <summary>Is a request yet to be answered, and time for it? Its further pieces go meanwhile.</summary>
    private bool IsServing(ulong nowNs)
    {
        while (_served is { } served)
        {
            var state = standing(served.Key);
            if (state.IsGone || (state.IsReplica && (int)(state.Sent - served.UpTo) >= 0))
            {
                _served = null;
            }
            else if (nowNs >= served.LookedNs + LongestServingNs || nowNs - served.SinceNs >= LongestReadingNs)
            {
                if (nowNs - served.SinceNs < LongestReadingNs && hasUnread(served.Key))
                {
                    _served = served with { LookedNs = nowNs };
                    return true;
                }
                _silent.Add(served.Key);
                _served = null;
            }
            else if (IsLeading && _answers.Count == 0 && (!served.IsPushed || nowNs - served.SinceNs >= PieceNs) && _held.Earliest(served.Key) is { } piece)
            {
                _served = served with { IsPushed = piece.IsPushed };
                Deliver(piece, nowNs);
            }
            else
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Begins with the next request, if it is its turn.</summary>
    private bool Next(ulong nowNs)
    {
        var first = First();
        if (_answers.TryPeek(out var answer) && !(first is not null && IsPassedOver(first)))
        {
            return Follow(answer, nowNs);
        }
        if (first is null || !(IsLeading || HasNoAnswer(first, nowNs)))
        {
            return false;
        }
        var state = standing(first.Key);
        if (Lags(first, state) && nowNs - Math.Max(_headNs, first.SinceNs) < LongestReadingNs)
        {
            return false;
        }
        if (!IsLeading)
        {
            _unanswered.Add(first.Key);
        }
        Serve(first, null, state, nowNs);
        return true;
    }

    /// <summary>Has the replica answer what the active node has answered.</summary>
    private bool Follow(Answer answer, ulong nowNs)
    {
        var state = standing(answer.Key);
        if (DueBy(answer) is { } request)
        {
            if (Lags(request, state) && nowNs - _headNs < LongestReadingNs)
            {
                return false;
            }
            _answeredNs = answer.UpTo is null ? _answeredNs : Math.Max(_answeredNs, request.SinceNs);
            Serve(request, answer.UpTo, state, nowNs);
            _served = DueBy(answer) is null ? _served : null;
            return true;
        }
        if (IsMissing(answer, state) && nowNs - _headNs < LongestReadingNs)
        {
            return false;
        }
        _answers.Dequeue();
        if (--_answered[answer.Key] == 0)
        {
            _answered.Remove(answer.Key);
        }
        _headNs = nowNs;
        return true;
    }

    /// <summary>Has a replica's server that lags yet to say what its client has heard from the other node?</summary>
    private static bool Lags(HeldSegment request, Standing state) =>
        state is { IsReplica: true, Differs: false } && (int)(request.Release - state.Sent) > 0;

    /// <summary>Has the active node, which answers one after the other, answered what came well after it?</summary>
    private bool IsPassedOver(HeldSegment request) =>
        !_answered.ContainsKey(request.Key) && (_answeredNs >= request.SinceNs + LongestServingNs || _unanswered.Contains(request.Key));

    private bool HasNoAnswer(HeldSegment request, ulong nowNs) => IsPassedOver(request) || nowNs - request.SinceNs >= LongestReadingNs;

    /// <summary>Has a request that was answered not come here, because its copy was lost? It will be repaired.</summary>
    private static bool IsMissing(Answer answer, Standing state) =>
        state is { IsReplica: true, IsGone: false } && answer.UpTo is not null && (int)(answer.Received - state.Heard) > 0;

    private HeldSegment? DueBy(Answer answer) => _held.Earliest(answer.Key) is { } request && (int)(answer.Received - request.End) >= 0 ? request : null;

    private void Append(Answer answer, ulong nowNs)
    {
        _headNs = _answers.Count == 0 ? nowNs : _headNs;
        _answers.Enqueue(answer);
        _answered[answer.Key] = _answered.GetValueOrDefault(answer.Key) + 1;
        _last = answer;
    }

    /// <summary>Delivers a request, which is answered when its connection has said so much, or anything.</summary>
    private void Serve(HeldSegment segment, uint? upTo, Standing state, ulong nowNs)
    {
        var (key, isPushed) = (segment.Key, segment.IsPushed);
        var said = state.IsReplica && (int)(state.Sent - segment.Release) > 0 ? state.Sent : segment.Release;
        Deliver(segment, nowNs);
        _served = _silent.Contains(key) ? null : new Request(key, state.Differs ? said + 1 : upTo ?? said + 1, isPushed, nowNs, nowNs);
    }

    private void Deliver(HeldSegment segment, ulong nowNs)
    {
        _held.Remove(segment);
        Count--;
        _headNs = nowNs;
        var (start, end) = (segment.Sequence, segment.End);
        _went[segment.Key] = TryFindGone(segment.Key, out var before) && (int)(before.End - start) >= 0 && (int)(start - before.Start) >= 0
            ? before with { End = (int)(end - before.End) > 0 ? end : before.End }
            : new Span(start, end);
        deliver(segment);
        segment.Return();
        First(); // what has gone is not kept
    }

    /// <summary>Sent again, it will not be answered.</summary>
    private bool HasGone(HeldSegment segment, ulong nowNs)
    {
        if (nowNs - _wentNs >= MemoryNs)
        {
            (_wentBefore, _went) = (_went, _wentBefore);
            _went.Clear();
            _wentNs = nowNs;
        }
        return TryFindGone(segment.Key, out var gone) && (int)(segment.Sequence - gone.Start) >= 0 && (int)(gone.End - segment.End) >= 0;
    }

    private bool TryFindGone(in FlowKey key, out Span gone) => _went.TryGetValue(key, out gone) || _wentBefore.TryGetValue(key, out gone);

    /// <summary>What came first, of all connections.</summary>
    private HeldSegment? First()
    {
        while (_arrivals.TryPeek(out var first) && !_held.Contains(first))
        {
            _arrivals.Dequeue();
        }
        return _arrivals.TryPeek(out var segment) ? segment : null;
    }

    /// <summary>What the active node has answered; null for what it had before it came here.</summary>
    private sealed class Answer(FlowKey key, uint? upTo, uint received)
    {
        public FlowKey Key { get; } = key;

        public uint? UpTo { get; set; } = upTo;

        public uint Received { get; set; } = received;
    }

    /// <summary>What has gone of a connection, without a gap.</summary>
    private readonly record struct Span(uint Start, uint End);

    /// <summary>What is answered when its connection has sent up to <c>UpTo</c>; the server had not read it at <c>LookedNs</c>.</summary>
    private readonly record struct Request(FlowKey Key, uint UpTo, bool IsPushed, ulong SinceNs, ulong LookedNs);
}
