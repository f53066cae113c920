namespace Appliance.Bench.Compare;

/// <summary>One failure under open connections.</summary>
/// <param name="Round">Counts the rounds from 1.</param>
/// <param name="Product">The product.</param>
/// <param name="Failure">What happened.</param>
/// <param name="Connections">Connections that were open.</param>
/// <param name="Lost">Of these, the ones that were lost, or silent until the end.</param>
/// <param name="BytesCorrupted">Bytes that differed from what they had to be.</param>
/// <param name="WorstGapMs">Longest wait of any that survived, in milliseconds; null when none did.</param>
public sealed record FailureRun(int Round, Product Product, Failure Failure, int Connections, int Lost, long BytesCorrupted, double? WorstGapMs);
