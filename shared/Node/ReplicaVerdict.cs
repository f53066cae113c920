namespace Appliance.Node;

/// <summary>What to do with a replica; see <see cref="ReplicaLife"/>.</summary>
public enum ReplicaVerdict
{
    Keep,

    /// <summary>Over: forget it.</summary>
    Remove,

    /// <summary>Its original has ended and it has not: end it in the client's name.</summary>
    Reset,

    /// <summary>Silent for very long: ask the stack whether it still knows the connection.</summary>
    Probe,

    /// <summary>Its socket has not appeared: offer the handshake's last ACK again.</summary>
    FinishHandshake,

    /// <summary>Its server has closed, and the original goes on: it is no replica any more.</summary>
    EndedEarly,
}
