using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.Node;

/// <summary>
/// The held segments of all flows. Those that wait for output are kept in the order in which it comes, so that a replica that
/// catches up with a long conversation costs no more per message than one that is in step. A plain data structure: no clock,
/// no kernel. Bounded in bytes; what does not fit is refused, and the caller says so.
/// </summary>
public sealed class HoldingQueue(long maxBytes)
{
    private readonly Dictionary<FlowKey, Waiting> _flows = [];

    /// <summary>Segments held.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Flows with held segments; copy before changing the queue.</summary>
    public IReadOnlyCollection<FlowKey> Flows => _flows.Keys;

    /// <summary>Adds a segment, and owns it; one that is held already is given back. False when there is no room.</summary>
    public bool TryAdd(in FlowKey key, HeldSegment segment)
    {
        if (Bytes + segment.Length > maxBytes)
        {
            return false;
        }
        ref var waiting = ref CollectionsMarshal.GetValueRefOrAddDefault(_flows, key, out _);
        waiting ??= new Waiting();
        if (!waiting.Add(segment))
        {
            segment.Return();
            return true;
        }
        Count++;
        Bytes += segment.Length;
        return true;
    }

    /// <summary>
    /// Where the segment that is the next to go, of those that wait for output and have something beyond
    /// <paramref name="received"/>, begins: a sequence number in host byte order; null when there is none.
    /// </summary>
    public uint? NextSequence(in FlowKey key, uint received) => _flows.TryGetValue(key, out var waiting) ? waiting.NextSequence(received) : null;

    /// <summary>The segment that is the next to go, of those that wait for output.</summary>
    public bool TryPeek(in FlowKey key, out HeldSegment segment)
    {
        segment = null!;
        return _flows.TryGetValue(key, out var waiting) && waiting.TryPeek(out segment);
    }

    /// <summary>Takes out that segment, whatever it waits for. The server has something to answer again, so that counts as if it had said something.</summary>
    public void ReleaseFirst(in FlowKey key, ulong nowNs, Action<HeldSegment> take)
    {
        if (_flows.TryGetValue(key, out var waiting) && waiting.TryTake(out var segment))
        {
            waiting.NoteProgress(nowNs);
            Leave(segment, take);
            RemoveIfEmpty(key, waiting);
        }
    }

    /// <summary>The replica has sent up to <paramref name="sent"/>: takes out what waited for that, in order.</summary>
    public void ReleaseSent(in FlowKey key, uint sent, ulong nowNs, Action<HeldSegment> take)
    {
        if (!_flows.TryGetValue(key, out var waiting))
        {
            return;
        }
        waiting.NoteSent(sent, nowNs);
        while (waiting.TryPeek(out var segment) && (int)(sent - segment.Release) >= 0 && waiting.TryTake(out segment))
        {
            Leave(segment, take);
        }
        RemoveIfEmpty(key, waiting);
    }

    /// <summary>When a flow's replica was last seen to have sent something more, or given something to answer, CLOCK_MONOTONIC nanoseconds; 0 for never.</summary>
    public ulong ProgressNs(in FlowKey key) => _flows.TryGetValue(key, out var waiting) ? waiting.ProgressNs : 0;

    /// <summary>Takes out, in order, the segments of a flow that wait for something else than output and are ready.</summary>
    public void ReleaseOthers(in FlowKey key, Predicate<HeldSegment> ready, Action<HeldSegment> take)
    {
        if (_flows.TryGetValue(key, out var waiting) && waiting.Others.Count > 0)
        {
            Release(waiting.Others, 0, ready, take);
            RemoveIfEmpty(key, waiting);
        }
    }

    /// <summary>Forgets segments of a flow.</summary>
    public void Drop(in FlowKey key, Predicate<HeldSegment> which)
    {
        if (_flows.TryGetValue(key, out var waiting))
        {
            Release(waiting.Others, 0, which, static _ => { });
            Release(waiting.ForOutput, waiting.Head, which, static _ => { });
            RemoveIfEmpty(key, waiting);
        }
    }

    private void Release(List<HeldSegment> list, int from, Predicate<HeldSegment> ready, Action<HeldSegment> take)
    {
        var kept = from;
        var count = list.Count;
        for (var i = from; i < count; i++)
        {
            var segment = list[i];
            if (ready(segment))
            {
                Leave(segment, take);
            }
            else
            {
                list[kept++] = segment;
            }
        }
        list.RemoveRange(kept, count - kept);
    }

    private void Leave(HeldSegment segment, Action<HeldSegment> take)
    {
        Count--;
        Bytes -= segment.Length;
        take(segment);
        segment.Return();
    }

    private void RemoveIfEmpty(in FlowKey key, Waiting waiting)
    {
        if (waiting.Others.Count == 0 && waiting.Head == waiting.ForOutput.Count)
        {
            _flows.Remove(key);
        }
    }

    /// <summary>One flow's segments.</summary>
    private sealed class Waiting
    {
        private const int LeastShift = 64;
        private uint _sent;

        /// <summary>By the output that they wait for, and then by their place in the stream; what is before <see cref="Head"/> has gone.</summary>
        public List<HeldSegment> ForOutput { get; } = [];

        public int Head { get; private set; }

        public List<HeldSegment> Others { get; } = [];

        public ulong ProgressNs { get; private set; }

        public bool Add(HeldSegment segment)
        {
            if (segment.Kind != ReportKind.HeldCausal)
            {
                Others.Add(segment);
                return true;
            }
            var at = ForOutput.Count;
            while (at > Head && Order(ForOutput[at - 1], segment) > 0)
            {
                at--;
            }
            if (at > Head && Order(ForOutput[at - 1], segment) == 0 && ForOutput[at - 1].Length >= segment.Length)
            {
                return false;
            }
            ForOutput.Insert(at, segment);
            return true;
        }

        public bool TryPeek(out HeldSegment segment)
        {
            segment = Head < ForOutput.Count ? ForOutput[Head] : null!;
            return segment is not null;
        }

        public bool TryTake(out HeldSegment segment)
        {
            if (!TryPeek(out segment))
            {
                return false;
            }
            Head++;
            if (Head >= LeastShift && Head > ForOutput.Count / 2)
            {
                ForOutput.RemoveRange(0, Head);
                Head = 0;
            }
            return true;
        }

        public uint? NextSequence(uint received)
        {
            for (var i = Head; i < ForOutput.Count; i++)
            {
                if ((int)(ForOutput[i].End - received) > 0)
                {
                    return ForOutput[i].Sequence;
                }
            }
            return null;
        }

        public void NoteSent(uint sent, ulong nowNs)
        {
            if (ProgressNs == 0 || (int)(sent - _sent) > 0)
            {
                (_sent, ProgressNs) = (sent, nowNs);
            }
        }

        public void NoteProgress(ulong nowNs) => ProgressNs = nowNs;

        private static int Order(HeldSegment a, HeldSegment b)
        {
            var byOutput = (int)(a.Release - b.Release);
            return byOutput != 0 ? byOutput : (int)(a.Sequence - b.Sequence);
        }
    }
}
