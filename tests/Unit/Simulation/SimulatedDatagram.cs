using Appliance.ControlPlane;

namespace Appliance.Tests.Unit.Simulation;

/// <summary>A datagram on its way. The objects are used again.</summary>
internal sealed class SimulatedDatagram
{
    /// <summary>The node at one end; the gateway is at the other.</summary>
    public int Node { get; set; }

    /// <summary>The link that it goes over.</summary>
    public int Link { get; set; }

    /// <summary>Goes it to the gateway?</summary>
    public bool IsHeartbeat { get; set; }

    /// <summary>Its bytes, if the run uses the codec.</summary>
    public byte[]? Bytes { get; set; }

    /// <summary>Its content.</summary>
    public Message Content;
}
