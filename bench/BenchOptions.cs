using Appliance.Lab.Daemons;

namespace Appliance.Bench;

/// <summary>What was asked for on the command line.</summary>
public sealed record BenchOptions
{
    /// <summary>The benches to run, by name; empty for all.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>How much to do.</summary>
    public BenchSize Size { get; init; } = BenchSize.Normal;

    /// <summary>Repetitions; null for what the size asks for.</summary>
    public int? Runs { get; init; }

    /// <summary>Chooses the moments of the crashes.</summary>
    public int Seed { get; init; }

    /// <summary>Whose output reaches clients in the labs; null for what is configured by default.</summary>
    public OutputPolicy? Output { get; init; }

    /// <summary>How long a node may be silent in the labs of <c>failover</c>; null for what the scenario says.</summary>
    public TimeSpan? DetectionTimeout { get; init; }

    /// <summary>Whether one JSON object ends the output.</summary>
    public bool Json { get; init; }

    /// <summary>Whether a missed goal makes the exit code 1.</summary>
    public bool Enforce { get; init; }

    /// <summary>The page whose results are to be replaced; null for none.</summary>
    public string? DocsFile { get; init; }

    /// <summary>Picks by size, where <see cref="Runs"/> does not say otherwise.</summary>
    public int RunsOr(int quick, int normal, int @long) => Runs ?? Pick(quick, normal, @long);

    /// <summary>Picks by size.</summary>
    public T Pick<T>(T quick, T normal, T @long) => Size switch
    {
        BenchSize.Quick => quick,
        BenchSize.Normal => normal,
        BenchSize.Long => @long,
        _ => throw new InvalidOperationException($"Unknown size {Size}."),
    };
}
