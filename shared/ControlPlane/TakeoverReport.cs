namespace Appliance.ControlPlane;

/// <summary>What a node measured of its last takeover. CLOCK_MONOTONIC nanoseconds of the node.</summary>
/// <param name="Epoch">Epoch of the order; 0 when the node never took over.</param>
/// <param name="OrderedNs">When the order arrived.</param>
/// <param name="FirstSegmentNs">When the first segment of the service left for a client; 0 while none has, or the flows are not counted.</param>
/// <param name="Flows">Flows that were taken over; told together with the first segment.</param>
public readonly record struct TakeoverReport(ulong Epoch, ulong OrderedNs, ulong FirstSegmentNs, uint Flows);
