namespace Appliance.ControlPlane;

/// <summary>Direction of a control datagram; the values go over the wire.</summary>
public enum MessageKind : byte
{
    /// <summary>Node to gateway.</summary>
    Heartbeat = 1,

    /// <summary>Gateway to node.</summary>
    Assignment = 2,
}
