namespace Appliance.Bench.Report;

/// <summary>A table; every row has as many cells as there are columns.</summary>
/// <param name="Title">What it shows, with the units that are not in the columns.</param>
/// <param name="Columns">Headlines; the first column holds names, the others numbers.</param>
/// <param name="Rows">Cells.</param>
public sealed record ReportTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
