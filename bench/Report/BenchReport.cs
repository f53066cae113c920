namespace Appliance.Bench.Report;

/// <summary>What a bench found.</summary>
/// <param name="Name">The bench's name.</param>
/// <param name="Title">Its headline.</param>
/// <param name="Tables">For people.</param>
/// <param name="Goals">What was to be reached.</param>
/// <param name="Data">For programs: every run, serialised as it is.</param>
public sealed record BenchReport(
    string Name,
    string Title,
    IReadOnlyList<ReportTable> Tables,
    IReadOnlyList<Goal> Goals,
    object Data)
{
    /// <summary>What one should know to read the numbers.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Figures for the docs: file name and SVG document.</summary>
    public IReadOnlyList<(string File, string Svg)> Figures { get; init; } = [];

    /// <summary>How long it took, in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset Date { get; init; }
}
