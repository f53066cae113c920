using Appliance.Bpf.Layout;

namespace Appliance.Node;

/// <summary>
/// Delivers what the clients of one service send in the order in which it passed the gateway, which is that in which the copies of both
/// directions come here. A segment that came after an answer of any connection waits until the replica has given that answer, too, and
/// for the output that it acknowledges itself; all that came after it waits behind.
/// It waits <see cref="LongestWaitNs"/> for output that it acknowledges itself, and <see cref="LongestServingNs"/> for others' (part of a
/// request has no answer). A connection that was waited for in vain is not waited for again until it has made up.
/// A pure data structure: no clock, no kernel. Times are CLOCK_MONOTONIC, sequence numbers in host byte order.
/// </summary>
/// <param name="maxBytes">What is held at most; beyond that, the first goes without having waited.</param>
/// <param name="sentBy">What a connection's replica has sent, up to; null when it is not to be waited for.</param>
/// <param name="deliver">Delivers a segment; its buffer is returned afterwards.</param>
public sealed class OrderedTurns(long maxBytes, Func<FlowKey, uint?> sentBy, Action<HeldSegment> deliver) : IDeliveryTurns
{
    /// <summary>How long a segment waits for the output that it acknowledges. Then it goes all the same: a server that gave a shorter answer is not the same any more.</summary>
    public const ulong LongestWaitNs = 100_000_000;

    /// <summary>How long it waits for output of other connections.</summary>
    public const ulong LongestServingNs = 20_000_000;

    private readonly Queue<Turn> _turns = [];
    private readonly HeldByFlow _held = new();
    private readonly Dictionary<FlowKey, uint> _said = [];
    private readonly Dictionary<FlowKey, uint> _givenUp = [];
    private ulong _headNs;

    /// <inheritdoc/>
    public int Count => _turns.Count;

    /// <summary>Bytes held.</summary>
    public long Bytes => _held.Bytes;

    /// <inheritdoc/>
    public void Add(HeldSegment segment, bool isLate, ulong nowNs)
    {
        if (!_held.TryAdd(segment))
        {
            return;
        }
        _headNs = _turns.Count == 0 ? nowNs : _headNs;
        _turns.Enqueue(new Turn(segment, [.. _said.Select(static said => new Output(said.Key, said.Value))]));
        _said.Clear();
        while (Bytes > maxBytes)
        {
            Deliver(_turns.Dequeue(), nowNs);
        }
        Proceed(nowNs);
    }

    /// <summary>What comes from now on comes after that.</summary>
    public void OnSaid(in FlowKey key, uint upTo, uint received, ulong nowNs) => _said[key] = upTo;

    /// <inheritdoc/>
    public void OnSent(in FlowKey key, uint upTo, ulong nowNs) => Proceed(nowNs);

    /// <inheritdoc/>
    public void Proceed(ulong nowNs)
    {
        while (_turns.TryPeek(out var turn) && !Waits(turn, nowNs))
        {
            Deliver(_turns.Dequeue(), nowNs);
        }
        if (_turns.Count == 0)
        {
            _givenUp.Clear();
        }
    }

    /// <inheritdoc/>
    public uint? NextSequence(in FlowKey key, uint received) => _held.Earliest(key, received)?.Sequence;

    private bool Waits(in Turn turn, ulong nowNs)
    {
        var segment = turn.Segment;
        return Waits(new Output(segment.Key, segment.Release), _headNs + LongestWaitNs, nowNs)
            || Array.Exists(turn.After, output => Waits(output, _headNs + LongestServingNs, nowNs));
    }

    /// <summary>Is a replica yet to say something, and time for it?</summary>
    private bool Waits(in Output output, ulong untilNs, ulong nowNs)
    {
        if (sentBy(output.Key) is not { } sent || (int)(sent - output.UpTo) >= 0)
        {
            return false;
        }
        if (_givenUp.TryGetValue(output.Key, out var missed) && (int)(sent - missed) < 0)
        {
            return false;
        }
        _givenUp.Remove(output.Key);
        if (nowNs < untilNs)
        {
            return true;
        }
        _givenUp[output.Key] = output.UpTo;
        return false;
    }

    private void Deliver(in Turn turn, ulong nowNs)
    {
        var segment = turn.Segment;
        _held.Remove(segment);
        _headNs = nowNs;
        deliver(segment);
        segment.Return();
    }

    private readonly record struct Output(FlowKey Key, uint UpTo);

    /// <summary>A segment, and what had been said when it came that was not told to the one before.</summary>
    private readonly record struct Turn(HeldSegment Segment, Output[] After);
}
