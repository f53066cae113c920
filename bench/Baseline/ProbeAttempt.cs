namespace Appliance.Bench.Baseline;

/// <summary>One new connection with one message echoed over it. Times are CLOCK_MONOTONIC nanoseconds.</summary>
/// <param name="StartNs">When the client began.</param>
/// <param name="DoneNs">When the echo was there; null when the attempt failed.</param>
public readonly record struct ProbeAttempt(long StartNs, long? DoneNs);
