using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.Node;

/// <summary>
/// The held segments of all flows, in the order in which they came. A plain data structure: no clock, no kernel. Bounded
/// in bytes; what does not fit is refused, and the caller says so.
/// </summary>
public sealed class HoldingQueue(long maxBytes)
{
    private readonly Dictionary<FlowKey, List<HeldSegment>> _flows = [];

    /// <summary>Segments held.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Flows with held segments; copy before changing the queue.</summary>
    public IReadOnlyCollection<FlowKey> Flows => _flows.Keys;

    /// <summary>Adds a segment; false when there is no room.</summary>
    public bool TryAdd(in FlowKey key, HeldSegment segment)
    {
        if (Bytes + segment.Length > maxBytes)
        {
            return false;
        }
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_flows, key, out _);
        (list ??= []).Add(segment);
        Count++;
        Bytes += segment.Length;
        return true;
    }

    /// <summary>
    /// The lowest sequence number among a flow's segments that wait for output and have something beyond
    /// <paramref name="received"/>, host byte order; null when there are none.
    /// </summary>
    public uint? LowestSequence(in FlowKey key, uint received)
    {
        if (!_flows.TryGetValue(key, out var list))
        {
            return null;
        }
        uint? lowest = null;
        foreach (var segment in list)
        {
            if (segment.Kind == ReportKind.HeldCausal && (int)(segment.End - received) > 0
                && (lowest is not { } known || (int)(segment.Sequence - known) < 0))
            {
                lowest = segment.Sequence;
            }
        }
        return lowest;
    }

    /// <summary>Takes out, in order, the segments of a flow for which <paramref name="ready"/> says yes.</summary>
    public void Release(in FlowKey key, Predicate<HeldSegment> ready, Action<HeldSegment> take)
    {
        if (!_flows.TryGetValue(key, out var list))
        {
            return;
        }
        var kept = 0;
        var count = list.Count;
        for (var i = 0; i < count; i++)
        {
            var segment = list[i];
            if (!ready(segment))
            {
                list[kept++] = segment;
                continue;
            }
            Count--;
            Bytes -= segment.Length;
            take(segment);
            segment.Return();
        }
        list.RemoveRange(kept, count - kept);
        if (list.Count == 0)
        {
            _flows.Remove(key);
        }
    }
}
