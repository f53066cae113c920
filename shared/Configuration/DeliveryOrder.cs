namespace Appliance.Configuration;

/// <summary>In which order the servers get what different clients send.</summary>
public enum DeliveryOrder
{
    /// <summary>As it comes; on each connection, what was sent after an answer comes after that answer.</summary>
    Causal,

    /// <summary>A replica's in the order in which it passed the gateway; what was sent after any answer comes after that answer.</summary>
    Ordered,

    /// <summary>Both one at a time, the next only when they have answered the one before; a replica's in the order of the active one's answers.</summary>
    Serial,
}
