namespace Appliance.Bench.Labs;

/// <summary>A change of roles as the gateway tells it. Times are CLOCK_MONOTONIC nanoseconds, 0 when it has not happened.</summary>
/// <param name="Epoch">Epoch of the order.</param>
/// <param name="Cause">Why.</param>
/// <param name="Active">The node that holds the service from then on.</param>
/// <param name="DecidedNs">When the gateway decided.</param>
/// <param name="OrderedNs">When the order was sent.</param>
/// <param name="ReceivedNs">When the new active node received it.</param>
/// <param name="FirstSegmentNs">When that node's first segment left for a client.</param>
public sealed record FailoverEvent(
    long Epoch, string Cause, string Active, long DecidedNs, long OrderedNs, long ReceivedNs, long FirstSegmentNs)
{
    /// <summary>From an instant, that of a fault, to the decision, in milliseconds.</summary>
    public double DetectionMs(long faultNs) => (DecidedNs - faultNs) / 1e6;

    /// <summary>From the order's arrival to the first segment, in milliseconds; null while there is none.</summary>
    public double? TakeoverMs => ReceivedNs > 0 && FirstSegmentNs > 0 ? (FirstSegmentNs - ReceivedNs) / 1e6 : null;
}
