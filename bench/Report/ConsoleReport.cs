using Spectre.Console;

namespace Appliance.Bench.Report;

/// <summary>Shows a report to people, on standard output.</summary>
public static class ConsoleReport
{
    private const int WidthOfFiles = 160;

    /// <summary>Writes it.</summary>
    public static void Write(BenchReport report)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthOfFiles;
        }

        console.WriteLine();
        console.MarkupLine($"[bold]{Markup.Escape(report.Name)}[/]: {Markup.Escape(report.Title)} ({Format.Number(report.Seconds)} s)");
        foreach (var table in report.Tables)
        {
            console.Write(Grid(table));
        }

        if (report.Goals.Count > 0)
        {
            console.Write(Goals(report.Goals));
        }

        foreach (var note in report.Notes)
        {
            console.MarkupLine($"[dim]{Markup.Escape(note)}[/]");
        }
    }

    private static Table Grid(ReportTable source)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(source.Title));
        for (var column = 0; column < source.Columns.Count; column++)
        {
            var cell = new TableColumn(Markup.Escape(source.Columns[column]));
            table.AddColumn(column == 0 ? cell : cell.RightAligned());
        }

        foreach (var row in source.Rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        return table;
    }

    private static Table Goals(IReadOnlyList<Goal> goals)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Goals").AddColumn("Goal");
        table.AddColumn(new TableColumn("Measured").RightAligned());
        table.AddColumn(new TableColumn("Wanted").RightAligned());
        table.AddColumn("");
        foreach (var goal in goals)
        {
            table.AddRow(Markup.Escape(goal.Text), goal.Outcome, goal.Target, goal.IsMet ? "[green]met[/]" : "[red]missed[/]");
        }

        return table;
    }
}
