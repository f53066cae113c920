namespace Appliance.Bench.Baseline;

/// <summary>One crash of node 1 under long-lived and new connections.</summary>
/// <param name="Product">What moved the service.</param>
/// <param name="OldConnections">Long-lived connections.</param>
/// <param name="OldLost">Of these, the ones that were lost.</param>
/// <param name="OldGapMs">Longest wait of one that survived, in milliseconds; null when none did.</param>
/// <param name="New">How new connections fared.</param>
public sealed record BaselineRun(string Product, int OldConnections, int OldLost, double? OldGapMs, ProbeResult New);
