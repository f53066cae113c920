namespace Appliance.Net;

/// <summary>What the kernel did with a frame handed to a <see cref="TapDevice"/> or a <see cref="PacketSocket"/>.</summary>
public enum FrameOutcome
{
    /// <summary>Taken: it is in the stack or in the device's queue.</summary>
    Accepted,

    /// <summary>No memory or queue full (ENOMEM, ENOBUFS, EAGAIN): the frame is lost, a later one may pass.</summary>
    NoBuffers,

    /// <summary>The device is down or gone (EIO, ENETDOWN, ENXIO, ENODEV).</summary>
    DeviceDown,

    /// <summary>Malformed: too short, too long, or checksum offsets outside the frame (EINVAL, EMSGSIZE).</summary>
    Rejected,
}
