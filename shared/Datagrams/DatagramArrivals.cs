using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Bpf.Layout;

namespace Appliance.Datagrams;

/// <summary>
/// At a node: which datagrams have arrived, of the flows where some have lately. The ingress hook names such flows at most every
/// 5 ms (TELL_NS), so a flow is looked at for longer than that after it was named. Not thread-safe.
/// </summary>
public sealed class DatagramArrivals : IDisposable
{
    private const ulong LookNs = 12_000_000;

    private readonly BpfMap<FlowKey, DatagramFlow> _flows;
    private readonly RingLog _changes;
    private readonly Dictionary<FlowKey, (ulong NamedNs, ulong ToldNs)> _lively = [];
    private readonly List<FlowKey> _quiet = [];

    /// <summary>Of a node's loaded object.</summary>
    public DatagramArrivals(BpfObject obj)
    {
        _flows = obj.Map<FlowKey, DatagramFlow>("datagram_flows");
        _changes = new RingLog(obj, "datagram_changes");
    }

    /// <summary>
    /// Tells of every flow where a datagram has arrived since the last call. To be called every few milliseconds; a datagram that arrives
    /// during a call is told by this one or the next.
    /// </summary>
    /// <param name="now">CLOCK_MONOTONIC nanoseconds.</param>
    /// <param name="handler">Is told.</param>
    public void Collect(ulong now, ArrivalHandler handler)
    {
        while (_changes.TryPeek(out var record))
        {
            var key = MemoryMarshal.Read<FlowKey>(record);
            _lively[key] = _lively.GetValueOrDefault(key) with { NamedNs = now };
            _changes.Advance();
        }
        _changes.Release(_changes.Position);

        foreach (var (key, (namedNs, toldNs)) in _lively)
        {
            if (_flows.TryGet(key, out var flow) && flow.LastNs != toldNs)
            {
                Tell(key, flow, handler);
                CollectionsMarshal.GetValueRefOrNullRef(_lively, key).ToldNs = flow.LastNs;
            }
            if (now - namedNs > LookNs)
            {
                _quiet.Add(key);
            }
        }
        _quiet.ForEach(k => _lively.Remove(k));
        _quiet.Clear();
    }

    /// <summary>Flows that are looked at.</summary>
    public int Lively => _lively.Count;

    /// <summary>
    /// Tells of every flow where a datagram has arrived since <paramref name="sinceNs"/>, as after a new connection to the gateway. Reads
    /// the whole table.
    /// </summary>
    public void CollectAll(ulong sinceNs, ArrivalHandler handler) => _flows.ForEachBatch((keys, flows) =>
    {
        for (var i = 0; i < keys.Length; i++)
        {
            if (flows[i].LastNs >= sinceNs)
            {
                Tell(keys[i], flows[i], handler);
            }
        }
    });

    /// <summary>
    /// Forgets the flows where no datagram has arrived since <paramref name="sinceNs"/>: their numbers went on unseen, and come round
    /// after 65,536.
    /// </summary>
    public void Forget(ulong sinceNs)
    {
        _flows.ForEachBatch((keys, flows) =>
        {
            for (var i = 0; i < keys.Length; i++)
            {
                if (flows[i].LastNs < sinceNs)
                {
                    _quiet.Add(keys[i]);
                }
            }
        });
        _quiet.ForEach(k => _flows.Remove(k));
        _quiet.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _changes.Dispose();

    private static void Tell(in FlowKey key, in DatagramFlow flow, ArrivalHandler handler)
    {
        Span<ulong> arrived = stackalloc ulong[DatagramFlow.WordCount];
        flow.CopyArrived(arrived);
        handler(key, flow.Highest, arrived);
    }
}
