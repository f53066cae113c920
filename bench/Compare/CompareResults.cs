namespace Appliance.Bench.Compare;

/// <summary>All runs of a comparison.</summary>
/// <param name="Steady">While nothing fails.</param>
/// <param name="Failures">Each failure of each product.</param>
/// <param name="Sizes">Crashes under different numbers of connections.</param>
public sealed record CompareResults(List<SteadyRun> Steady, List<FailureRun> Failures, List<FailureRun> Sizes);
