namespace Appliance.Bench.Chaos;

/// <summary>A lab, its traffic and a row of actions; a function of its seed.</summary>
/// <param name="Seed">Makes the same row again.</param>
/// <param name="Steps">In order.</param>
/// <param name="BytesVerified">Bytes that came back as they had to.</param>
/// <param name="WorstGapMs">Longest wait of any connection, in milliseconds.</param>
public sealed record ChaosRound(int Seed, IReadOnlyList<ChaosStep> Steps, long BytesVerified, double WorstGapMs)
{
    /// <summary>Did anything go wrong?</summary>
    public bool IsFailure => Steps.Any(step => step.IsFailure);
}
