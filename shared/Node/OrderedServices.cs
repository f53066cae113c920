using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.Net;

namespace Appliance.Node;

/// <summary>
/// The services with <c>delivery: ordered</c> or <c>serial</c>, each with an order of its own. One thread owns it. A node that has taken
/// over still delivers in order what it holds; until then clients' new segments wait behind. Serial, it goes on to do so.
/// </summary>
public sealed class OrderedServices : IDisposable
{
    private const long MaxBytes = 256L << 20;
    private const ReplicaFlags Hopeless = ReplicaFlags.Differs | ReplicaFlags.OwnRst;

    private readonly NodeDataPath _dataPath;
    private readonly Injector _injector;
    private readonly (ServiceOptions Service, IDeliveryTurns Turns)[] _services;
    private readonly SerialTurns[] _serial;
    private readonly SocketDiagnostics _sockets = new();

    /// <summary>Of a node's configuration.</summary>
    public OrderedServices(IEnumerable<ServiceOptions> services, NodeDataPath dataPath, Injector injector)
    {
        _dataPath = dataPath;
        _injector = injector;
        _services = [.. services.Where(static s => s.Delivery != DeliveryOrder.Causal).Select(s => (s, TurnsOf(s)))];
        _serial = [.. _services.Select(static s => s.Turns).OfType<SerialTurns>()];
    }

    /// <summary>Segments that wait for their turn.</summary>
    public int Count => _services.Sum(static s => s.Turns.Count);

    /// <summary>Is the connection of such a service?</summary>
    public bool Covers(in FlowKey key) => _services.Length > 0 && Find(key) is not null;

    /// <summary>As <see cref="HoldingQueue.NextSequence"/>.</summary>
    public uint? NextSequence(in FlowKey key, uint received) => Count > 0 ? Find(key)?.NextSequence(key, received) : null;

    /// <summary>As <see cref="IDeliveryTurns.Add"/>.</summary>
    public void Add(HeldSegment segment, ulong nowNs)
    {
        if (Find(segment.Key) is { } turns)
        {
            turns.Add(segment, segment.Kind == ReportKind.HeldLate, nowNs);
        }
        else
        {
            segment.Return();
        }
    }

    /// <summary>A segment has become ready for its connection's replica: a copy of it is taken in if it has to wait here, too.</summary>
    public bool TryAddCopy(HeldSegment segment, ulong nowNs)
    {
        if (_services.Length == 0 || !segment.HasPayload || _dataPath.IsHeard || Find(segment.Key) is not { } turns)
        {
            return false;
        }
        turns.Add(segment.Copy(), _dataPath.Replicas.TryGet(segment.Key, out var replica) && (int)(replica.ActiveAck - segment.End) >= 0, nowNs);
        return true;
    }

    /// <summary>As <see cref="IDeliveryTurns.OnSaid"/>.</summary>
    public void OnSaid(in FlowKey key, uint upTo, uint received, ulong nowNs) => Find(key)?.OnSaid(key, upTo, received, nowNs);

    /// <summary>As <see cref="IDeliveryTurns.OnSent"/>.</summary>
    public void OnSent(in FlowKey key, uint upTo, ulong nowNs) => Find(key)?.OnSent(key, upTo, nowNs);

    /// <summary>Is this the node that clients hear, and has all been read that was reported before?</summary>
    public void Lead(bool isLeading)
    {
        foreach (var turns in _serial)
        {
            turns.IsLeading = isLeading;
        }
    }

    /// <summary>Looks at the time and the role; a report may have been lost.</summary>
    public void Tick(ulong nowNs)
    {
        foreach (var (_, turns) in _services)
        {
            turns.Proceed(nowNs);
        }
        _dataPath.SetOrdering(
            !_dataPath.IsHeard || Array.Exists(_services, static s => s.Turns is OrderedTurns { Count: > 0 }) ? DeliveryFlags.All :
            _serial.Length > 0 ? DeliveryFlags.Serial : DeliveryFlags.None);
    }

    /// <inheritdoc/>
    public void Dispose() => _sockets.Dispose();

    private IDeliveryTurns TurnsOf(ServiceOptions service) =>
        service.Delivery == DeliveryOrder.Serial ? new SerialTurns(MaxBytes, StandingOf, key => _sockets.HasUnread(key, _dataPath.LanIfindex), Deliver) : new OrderedTurns(MaxBytes, SentBy, Deliver);

    private uint? SentBy(FlowKey key) =>
        _dataPath.Replicas.TryGet(key, out var replica) && (replica.Flags & Hopeless) == ReplicaFlags.None ? replica.Sent : null;

    private Standing StandingOf(FlowKey key) => _dataPath.Replicas.TryGet(key, out var replica)
        ? new((replica.Flags & ReplicaFlags.OwnRst) != ReplicaFlags.None, true, (replica.Flags & ReplicaFlags.Differs) != ReplicaFlags.None, replica.Answered, replica.ClientNext)
        : new(!_dataPath.IsHeard, false, false, 0, 0);

    private void Deliver(HeldSegment segment)
    {
        if (!_dataPath.Replicas.TryGet(segment.Key, out var replica))
        {
            if (_dataPath.IsHeard && Find(segment.Key) is SerialTurns)
            {
                _injector.InjectWhole(segment); // a connection of its own
            }
            return;
        }
        if (segment.SinceNs < replica.OpenedNs)
        {
            return; // what waited for its turn on an earlier connection of these ends is nothing to this one
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

    private IDeliveryTurns? Find(FlowKey key) => Array.Find(_services, s => s.Service.Covers(key)).Turns;
}
