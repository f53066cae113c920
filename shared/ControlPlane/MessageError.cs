namespace Appliance.ControlPlane;

/// <summary>Why a control datagram was ignored. Each is counted under its name.</summary>
public enum MessageError
{
    None,

    /// <summary>Not the length of a control datagram.</summary>
    Length,

    /// <summary>Not a control datagram at all.</summary>
    Foreign,

    /// <summary>Another version of the protocol.</summary>
    Version,

    /// <summary>Its HMAC does not match: another key, or altered on the way.</summary>
    Forged,

    /// <summary>Authentic, but its fields are out of range.</summary>
    Content,

    /// <summary>Authentic, but seen before or older than what was seen.</summary>
    Replayed,

    /// <summary>Authentic, but from or for a node that is not configured.</summary>
    UnknownNode,
}
