using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Native;

namespace Appliance.Node;

/// <summary>
/// The services with <c>delivery: ordered</c> or <c>serial</c>, each with an order of its own. One thread owns it. A node that has taken
/// over still delivers in order what it holds; until then clients' new segments wait behind.
/// </summary>
public sealed class OrderedServices
{
    private const long MaxBytes = 256L << 20;
    private const ReplicaFlags Hopeless = ReplicaFlags.Differs | ReplicaFlags.OwnRst;

    private readonly NodeDataPath _dataPath;
    private readonly Injector _injector;
    private readonly (ServiceOptions Service, DeliveryTurns Turns)[] _services;

    /// <summary>Of a node's configuration.</summary>
    public OrderedServices(IEnumerable<ServiceOptions> services, NodeDataPath dataPath, Injector injector)
    {
        _dataPath = dataPath;
        _injector = injector;
        _services =
        [
            .. services.Where(static s => s.Delivery != DeliveryOrder.Causal)
                .Select(s => (s, new DeliveryTurns(s.Delivery == DeliveryOrder.Serial, MaxBytes, SentBy, Deliver))),
        ];
    }

    /// <summary>Segments that wait for their turn.</summary>
    public int Count => _services.Sum(static s => s.Turns.Count);

    /// <summary>As <see cref="DeliveryTurns.NextSequence"/>.</summary>
    public uint? NextSequence(in FlowKey key, uint received) => Count > 0 ? Find(key)?.NextSequence(key, received) : null;

    /// <summary>A client's segment has come; it is owned from here on.</summary>
    public void Add(HeldSegment segment, ulong nowNs) => Find(segment.Key)?.Add(segment, nowNs);

    /// <summary>A segment has become ready for its connection's replica: a copy of it is taken in if it has to wait here, too.</summary>
    public bool TryAddCopy(HeldSegment segment, ulong nowNs)
    {
        if (_services.Length == 0 || !segment.HasPayload || _dataPath.Role == NodeRole.Active || Find(segment.Key) is not { } turns)
        {
            return false;
        }
        turns.Add(segment.Copy(), nowNs);
        return true;
    }

    /// <summary>As <see cref="DeliveryTurns.OnSaid"/>.</summary>
    public void OnSaid(in FlowKey key, uint upTo) => Find(key)?.OnSaid(key, upTo);

    /// <summary>A connection's replica has sent something.</summary>
    public void OnSent(in FlowKey key, ulong nowNs) => Find(key)?.Proceed(nowNs);

    /// <summary>Looks at the time and the role; a report may have been lost.</summary>
    public void Tick(ulong nowNs)
    {
        foreach (var (_, turns) in _services)
        {
            turns.Proceed(nowNs);
        }
        if (_dataPath.Role == NodeRole.Active && Count == 0)
        {
            Volatile.Write(ref _dataPath.State.Ordering, 0);
        }
    }

    private uint? SentBy(FlowKey key) =>
        _dataPath.Replicas.TryGet(key, out var replica) && (replica.Flags & Hopeless) == ReplicaFlags.None ? replica.Sent : null;

    private void Deliver(HeldSegment segment)
    {
        // What waited for its turn on an earlier connection of these ends is nothing to this one.
        if (!_dataPath.Replicas.TryGet(segment.Key, out var replica) || segment.SinceNs < replica.OpenedNs)
        {
            return;
        }
        if ((int)(segment.Release - replica.Sent) > 0)
        {
            // It has gone another way; what other connections share with it need not.
            _injector.InjectRegardless(segment);
        }
        else
        {
            _injector.Inject(segment);
        }
    }

    private DeliveryTurns? Find(FlowKey key) => Array.Find(_services, s => s.Service.Covers(key)).Turns;
}
