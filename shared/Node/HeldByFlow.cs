using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.Node;

/// <summary>The segments of many connections that wait for their turn; sequence numbers in host byte order.</summary>
public sealed class HeldByFlow
{
    private readonly Dictionary<FlowKey, List<HeldSegment>> _flows = [];

    /// <summary>Bytes held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes in a segment, and owns it; one that is held already is given back, and false returned.</summary>
    public bool TryAdd(HeldSegment segment)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_flows, segment.Key, out _);
        held ??= [];
        if (held.Exists(other => other.Sequence == segment.Sequence && other.Length >= segment.Length))
        {
            segment.Return();
            return false;
        }
        held.Add(segment);
        Bytes += segment.Length;
        return true;
    }

    /// <summary>Is it held?</summary>
    public bool Contains(HeldSegment segment) => _flows.GetValueOrDefault(segment.Key)?.Contains(segment) ?? false;

    /// <summary>Gives up a segment that is held; its buffer is the caller's.</summary>
    public void Remove(HeldSegment segment)
    {
        var held = _flows[segment.Key];
        held.Remove(segment);
        if (held.Count == 0)
        {
            _flows.Remove(segment.Key);
        }
        Bytes -= segment.Length;
    }

    /// <summary>The segment with the lowest sequence number of a connection, of those that have something beyond a number; null when there is none.</summary>
    public HeldSegment? Earliest(in FlowKey key, uint? beyond = null)
    {
        HeldSegment? earliest = null;
        foreach (var segment in _flows.GetValueOrDefault(key) ?? [])
        {
            if ((beyond is not { } received || (int)(segment.End - received) > 0) && (earliest is null || (int)(segment.Sequence - earliest.Sequence) < 0))
            {
                earliest = segment;
            }
        }
        return earliest;
    }
}
