namespace Appliance.Bench;

/// <summary>How much a bench does.</summary>
public enum BenchSize
{
    /// <summary>Enough to see that everything works; the numbers mean little.</summary>
    Quick,

    /// <summary>All benches together in about half an hour.</summary>
    Normal,

    /// <summary>As many repetitions as the goals ask for.</summary>
    Long,
}
