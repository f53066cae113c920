using System.Text.Json;
using Appliance.Lab.State;

namespace Appliance.Lab.Compare;

/// <summary>What came of a comparison.</summary>
/// <param name="Connections">Connections that both instances were asked on.</param>
/// <param name="BytesCompared">What the first instance said on them.</param>
/// <param name="Differences">Of the connections that differ, by their names, the first difference of each.</param>
/// <param name="Problems">Where an instance could not be asked, or did not answer.</param>
public sealed record ComparisonReport(
    int Connections, long BytesCompared, IReadOnlyList<KeyValuePair<string, Difference>> Differences, IReadOnlyList<string> Problems)
{
    private const int Shown = 10;

    /// <summary>Did both say the same, as far as could be asked?</summary>
    public bool IsAlike => Differences.Count == 0 && Problems.Count == 0;

    /// <summary>One JSON object on one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            Connections,
            BytesCompared,
            IsAlike,
            Differences = Differences.Select(d => new { Connection = d.Key, d.Value.Offset, d.Value.Kind, d.Value.First, d.Value.Second, d.Value.Remedy }),
            Problems,
        },
        LabJson.Compact);

    /// <summary>For people: each kind once with its remedy, and the first differences of each kind.</summary>
    public IEnumerable<string> ToLines()
    {
        yield return $"{Connections} connections, {BytesCompared:N0} bytes compared: {(IsAlike ? "both say the same" : $"{Differences.Count} connections differ")}";
        foreach (var kind in Differences.GroupBy(d => d.Value.Kind).OrderByDescending(g => g.Count()))
        {
            yield return string.Empty;
            yield return $"{kind.Key} ({kind.Count()} connections): {kind.First().Value.Remedy}";
            foreach (var (connection, difference) in kind.Take(Shown))
            {
                yield return $"  {connection}, byte {difference.Offset:N0}:";
                yield return $"    first:  {difference.First}";
                yield return $"    second: {difference.Second}";
            }
            if (kind.Count() > Shown)
            {
                yield return $"  and {kind.Count() - Shown} more";
            }
        }
        foreach (var problem in Problems)
        {
            yield return problem;
        }
    }
}
