namespace Appliance.Node.Repair;

/// <summary>
/// Requests for bytes that the gateway has not answered yet. It answers in order, on one connection, so a request that a later one
/// has overtaken is lost; and what is asked for at a time is bounded, so that answers are used when they come, and nobody asks
/// again for what is only late. Not thread-safe.
/// </summary>
public sealed class RepairRequests
{
    /// <summary>Most bytes that are asked for at a time, except by a single request.</summary>
    public const uint MostBytes = 1 << 20;

    private readonly Queue<(WatchedReplica Replica, uint Bytes, ulong AskedNs)> _open = new();
    private long _bytes;

    /// <summary>May somebody ask?</summary>
    public bool HasRoom => _bytes < MostBytes;

    /// <summary>Somebody asks.</summary>
    public void Add(WatchedReplica replica, uint bytes, ulong nowNs)
    {
        _open.Enqueue((replica, bytes, nowNs));
        _bytes += bytes;
        replica.OpenRequests++;
    }

    /// <summary>An answer has ended; requests of others that came before it may be made again.</summary>
    public void Answered(WatchedReplica replica)
    {
        while (replica.OpenRequests > 0 && Take() != replica)
        {
        }
    }

    /// <summary>When nothing has come for as long as an answer may take, none of them will be answered any more.</summary>
    /// <param name="arrivedNs">When bytes for any replica came last; 0 = never.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC nanoseconds, as all times.</param>
    public void Expire(ulong arrivedNs, ulong nowNs)
    {
        if (_open.TryPeek(out var oldest) && nowNs >= Math.Max(oldest.AskedNs, arrivedNs) + RepairPlan.AnswerNs)
        {
            Clear();
        }
    }

    /// <summary>None of them will be answered.</summary>
    public void Clear()
    {
        while (_open.Count > 0)
        {
            Take();
        }
    }

    private WatchedReplica Take()
    {
        var (replica, bytes, _) = _open.Dequeue();
        _bytes -= bytes;
        if (--replica.OpenRequests == 0)
        {
            replica.AskedNs = 0;
        }
        return replica;
    }
}
