using System.Globalization;
using System.Text;

namespace Appliance.Bench.Report;

/// <summary>Writes a report for a page of the documentation.</summary>
public static class MarkdownReport
{
    /// <summary>The text, without a headline.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="machine">Where.</param>
    public static string Write(BenchReport report, string machine)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Measured {report.Date:yyyy-MM-dd} on {machine}, in {Format.Number(report.Seconds)} s.\n");
        foreach (var table in report.Tables)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{table.Title}:\n\n");
            Row(text, table.Columns);
            Row(text, table.Columns.Select((_, column) => column == 0 ? "---" : "---:"));
            foreach (var row in table.Rows)
            {
                Row(text, row);
            }
        }

        if (report.Goals.Count > 0)
        {
            text.Append('\n');
            Row(text, ["goal", "measured", "wanted", ""]);
            Row(text, ["---", "---:", "---:", "---"]);
            foreach (var goal in report.Goals)
            {
                Row(text, [goal.Text, goal.Outcome, goal.Target, goal.IsMet ? "met" : "**missed**"]);
            }
        }

        foreach (var note in report.Notes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{note}\n");
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}
