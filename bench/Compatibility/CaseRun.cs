namespace Appliance.Bench.Compatibility;

/// <summary>One crash under a server's clients.</summary>
/// <param name="Flows">Connections through the gateway before it.</param>
/// <param name="Protected">Of these, the ones that were said to be protected.</param>
/// <param name="Differing">Of these, the ones that were known to differ.</param>
/// <param name="Load">What the clients saw.</param>
public sealed record CaseRun(int Flows, int Protected, int Differing, LoadResult Load)
{
    /// <summary>In a word or two.</summary>
    public string Verdict => this switch
    {
        { Load.Wrong: > 0 } => "**wrong answers**",
        { Load.Lost: 0, Differing: 0 } => "in step",
        { Load.Lost: 0 } => "differs; carried on",
        _ when Load.Lost > Flows - Protected => "diverges: found at the takeover, reset",
        { Differing: 0 } => "diverges: its replica ends, known, lost",
        _ => "diverges: known, reset",
    };
}
