using Appliance.Lab;

namespace Appliance.Bench.Report;

/// <summary>The parts of a page that benches write: between two comments that name the bench.</summary>
public static class DocsSection
{
    /// <summary>Replaces what stands between a bench's markers.</summary>
    /// <param name="page">The whole page.</param>
    /// <param name="bench">The bench's name.</param>
    /// <param name="content">The new content.</param>
    /// <exception cref="LabException">The page has no such markers, or not in order.</exception>
    public static string Replace(string page, string bench, string content)
    {
        var (from, to) = Find(page, bench);
        return $"{page[..from]}\n{content.Trim()}\n{page[to..]}";
    }

    /// <summary>Finds where a bench's content begins and ends.</summary>
    /// <param name="page">The whole page.</param>
    /// <param name="bench">The bench's name.</param>
    /// <exception cref="LabException">The page has no such markers, or not in order.</exception>
    public static (int From, int To) Find(string page, string bench)
    {
        var begin = $"<!-- bench {bench}: begin -->";
        var end = $"<!-- bench {bench}: end -->";
        var from = page.IndexOf(begin, StringComparison.Ordinal);
        var to = from < 0 ? -1 : page.IndexOf(end, from, StringComparison.Ordinal);
        return to < 0
            ? throw new LabException(LabFailure.InvalidArgument, $"The page has no place for {bench}: put '{begin}' and '{end}' into it.")
            : (from + begin.Length, to);
    }
}
