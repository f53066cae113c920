namespace Appliance.Net;

/// <summary>Maps the errno of a failed frame write to its <see cref="FrameOutcome"/>.</summary>
internal static class FrameOutcomes
{
    public static FrameOutcome FromErrno(int errno) => errno switch
    {
        Errno.ENOMEM or Errno.ENOBUFS or Errno.EAGAIN => FrameOutcome.NoBuffers,
        Errno.EIO or Errno.ENETDOWN or Errno.ENXIO or Errno.ENODEV => FrameOutcome.DeviceDown,
        _ => FrameOutcome.Rejected,
    };
}
