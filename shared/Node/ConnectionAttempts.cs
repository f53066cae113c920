using Appliance.Bpf.Layout;
using Appliance.Native;

namespace Appliance.Node;

/// <summary>
/// Clients' SYNs of the last second, so that a node that takes over can answer those that the dead one did not: their clients
/// would repeat them only after a second (RFC 6298 section 2). Thread-safe.
/// </summary>
public sealed class ConnectionAttempts(NodeDataPath dataPath, Injector injector)
{
    private const int Most = 65_536;

    /// <summary>A client that got no answer repeats its SYN then.</summary>
    private static readonly ulong LifetimeNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));

    private readonly Queue<(FlowKey Key, HeldSegment Segment)> _attempts = new();
    private readonly Lock _gate = new();

    /// <summary>Keeps a SYN, and forgets those that are too old.</summary>
    public void Add(in FlowKey key, HeldSegment segment)
    {
        lock (_gate)
        {
            Expire(segment.SinceNs);
            if (_attempts.Count == Most)
            {
                _attempts.Dequeue().Segment.Return();
            }
            _attempts.Enqueue((key, segment));
        }
    }

    /// <summary>Brings those to the stack that nobody has answered. To be called once the node holds the service.</summary>
    /// <returns>How many there were.</returns>
    public int Replay(ulong nowNs)
    {
        var count = 0;
        lock (_gate)
        {
            Expire(nowNs);
            while (_attempts.TryDequeue(out var attempt))
            {
                if (dataPath.Openings.TryGet(attempt.Key, out var handshake) && handshake.ClientIsn == attempt.Segment.Sequence && !handshake.IsComplete)
                {
                    injector.InjectWhole(attempt.Segment);
                    count++;
                }
                attempt.Segment.Return();
            }
        }
        return count;
    }

    private void Expire(ulong nowNs)
    {
        while (_attempts.TryPeek(out var oldest) && nowNs > oldest.Segment.SinceNs + LifetimeNs)
        {
            _attempts.Dequeue().Segment.Return();
        }
    }
}
