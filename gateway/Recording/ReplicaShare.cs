namespace Appliance.Gateway.Recording;

/// <summary>What one node has of one flow, from its own reports.</summary>
public struct ReplicaShare
{
    /// <summary>Offset after the last byte that the node's replica has received without a gap.</summary>
    public long Confirmed;

    /// <summary>The node has a replica of the flow.</summary>
    public bool IsKnown;

    /// <summary>The connection was this node's own until the service moved away in good order: its socket is to become a replica.</summary>
    public bool HasOriginal;

    /// <summary>What the node lacks is not held any more: it cannot have a replica of this flow.</summary>
    public bool IsLost;

    /// <summary>Its server did not produce what the client has acknowledged.</summary>
    public bool IsDiverged;

    /// <summary>Its server has said something else than the active node's: it follows, and protects nobody.</summary>
    public bool Differs;

    /// <summary>The node has ended it, because no client may hear it.</summary>
    public bool IsEnded;

    /// <summary>That it has diverged was told: servers that write the time of day agree and differ again and again.</summary>
    public bool IsDivergenceTold;

    /// <summary>CLOCK_MONOTONIC nanoseconds since when recorded bytes are unconfirmed; 0 while there are none.</summary>
    public ulong BehindSinceNs;

    /// <summary>What was recorded when <see cref="BehindSinceNs"/> was noted.</summary>
    public long BehindUpTo;

    /// <summary>While the replica is being made: the offset up to which it has to come before it counts; 0 when it counts.</summary>
    public long CatchesUpTo;

    /// <summary>Bytes that it lacked when <see cref="CatchesUpTo"/> was noted.</summary>
    public long CatchesUpBytes;

    /// <summary>The node has something of the flow, if only a replica that was given up.</summary>
    public bool IsPresent;

    /// <summary>The node has had a replica: offering the flow to it again could meet the live connection.</summary>
    public bool WasKnown;

    /// <summary>When it last came to have more, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong ProgressedNs;

    /// <summary>How often the client's position was told since the last confirmation.</summary>
    public int Tells;

    /// <summary>When the flow was last offered to the node, or its position told, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong ToldNs;

    /// <summary>Offers without an answer.</summary>
    public int Offers;

    /// <summary>Could the node carry the flow on?</summary>
    public readonly bool IsReplica => IsKnown && !IsLost && !IsDiverged;

    /// <summary>The same, and it has once had all that there was. Holds its client back, whether or not it differs.</summary>
    public readonly bool IsInStep => IsReplica && CatchesUpTo == 0;
}
