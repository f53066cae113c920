using Appliance.Bench.Report;

namespace Appliance.Bench;

/// <summary>One bench: makes its labs, measures, and takes them down in every case.</summary>
public interface IBench
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>What it measures, as a headline.</summary>
    string Title { get; }

    /// <summary>The page among the docs that shows its results; null for the one where most of them are.</summary>
    string? Page => null;

    /// <summary>Measures.</summary>
    Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation);
}
