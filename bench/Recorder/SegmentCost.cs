namespace Appliance.Bench.Recorder;

/// <summary>What one recorded segment costs the recorder's thread, without the ring and the network.</summary>
/// <param name="Case">What becomes of the segment.</param>
/// <param name="PayloadBytes">Its payload.</param>
/// <param name="Segments">How many were measured.</param>
/// <param name="AllocatedBytes">Managed bytes allocated for all of them together.</param>
/// <param name="Nanoseconds">Time of one.</param>
public sealed record SegmentCost(string Case, int PayloadBytes, int Segments, long AllocatedBytes, double Nanoseconds);
