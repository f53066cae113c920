namespace Appliance.Configuration;

/// <summary>In which order a replica's server gets what different clients send.</summary>
public enum DeliveryOrder
{
    /// <summary>As it comes; on each connection, what was sent after an answer comes after that answer.</summary>
    Causal,

    /// <summary>In the order in which it passed the gateway; what was sent after any answer comes after that answer.</summary>
    Ordered,

    /// <summary>Likewise, and one at a time: the next only when the replica has answered the one before.</summary>
    Serial,
}
